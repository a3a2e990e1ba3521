"""One wave of the survey “grown” from its file to its reports, in whichever copy of the product is imported."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session
from typer.testing import CliRunner

import workbot
from tests.console.town import Town
from tests.pulse.conftest import team
from tests.small_app import MONDAY
from tests.talk import Talk, buttons
from workbot import definitions, migrate, pulse
from workbot.cli import app
from workbot.i18n import language
from workbot.people import Person
from workbot.pulse import Wave
from workbot.storage.database import Database

NAME = "grown"
ZONE = ZoneInfo("America/Toronto")


def play(folder: str) -> None:
    """Print as JSON what people see of the survey that stands in a folder of definitions."""
    print(json.dumps(_seen(Path(folder))))


def _seen(folder: Path) -> dict[str, object]:
    """What the commands, a chat, the files and the console show of it."""
    os.environ["WORKBOT_DEFINITIONS"] = str(folder)
    url = f"sqlite:///{folder / 'workbot.db'}"
    migrate.upgrade(url)
    database = Database(url)
    town = Town(database)
    with database.session() as session:
        survey = definitions.read(pulse.KIND, folder / "surveys" / f"{NAME}.yaml")
        definitions.publish(session, pulse.KIND, survey.definition, now=MONDAY)
        people = [*team(session, "City/Roads", *"ABCDEFGH"), *team(session, "City/Water", *"IJKLMNOP", locale="fr")]
    talk = Talk(database, pulse.ROUTER, pulse.JOBS, at=MONDAY)
    wave = _launched(talk, people)
    seen: dict[str, object] = {
        "product": str(Path(workbot.__file__).parent),
        "check": _run("check", str(folder)),
        "asked": talk.sees(people[0]),
        "demandé": talk.sees(people[-1]),
    }
    for number, person in enumerate(people):
        _answer(talk, person, number)
    seen["thanked"] = talk.sees(people[0])
    seen["forged"] = str(talk.act(people[0], "pulse.answer", f"{wave.id}:grown:99"))
    with database.session() as session:
        pulse.close(session, pulse.wave_numbered(session, NAME), now=talk.clock.at)
        seen |= _reports(session)
    seen["page"] = town.visit(town.priya).get(f"/console/surveys/{NAME}/1").text
    seen["home"] = town.visit(town.priya).get("/console").text
    seen["simulated"] = _run("simulate", "survey", NAME, "--on", "2030-05-07", "--done")
    database.close()
    return seen


def _launched(talk: Talk, people: list[Person]) -> Wave:
    with talk.database.session() as session:
        wave = pulse.launch(session, NAME, zone=ZONE, now=MONDAY, at_once=True, people=people)
    talk.wait(timedelta(minutes=1))
    return wave


def _answer(talk: Talk, person: Person, number: int) -> None:
    """Press an answer to each question, another than most others do."""
    for _question in range(2):
        offered = [button for button in buttons(talk.cards(person)[-1]) if button.action == "pulse.answer"]
        talk.press(person, offered[number % len(offered)].label)


def _reports(session: Session) -> dict[str, object]:
    wave = pulse.wave_numbered(session, NAME)
    made = {kind: pulse.export(session, wave, kind, language("en")) for kind in pulse.MEDIA_TYPES}
    return {
        "csv": made["csv"].decode("utf-8-sig"),
        "html": made["html"].decode(),
        "files": {kind: file[:4].decode("latin-1") for kind, file in made.items()},
        "données": pulse.export(session, wave, "csv", language("fr")).decode("utf-8-sig"),
    }


def _run(*words: str) -> str:
    return CliRunner().invoke(app, words, catch_exceptions=False).output
