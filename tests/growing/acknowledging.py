"""What people do with the new kind of step in a copy of the product; prints what they saw, by what they did."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from tests.console.town import Town
from tests.onboarding.conftest import MONDAY, begin, press
from tests.talk import Talk, hire
from workbot import definitions, migrate, onboarding
from workbot.cards import plain_text
from workbot.cli import app
from workbot.onboarding import KIND
from workbot.people import Role
from workbot.storage.database import Database
from workbot.turns import Replace, Say

RULES = """\
name: rules
title: {en: The rules, fr: Les règles}
intro: {en: Two things., fr: Deux choses.}
steps:
  - id: read
    kind: acknowledge
    who: manager
    due: {days: 0}
    title: {en: The code of conduct, fr: Le code de conduite}
    text: {en: It is on the intranet., fr: Il est dans l’intranet.}
    statement: {en: I have read it, fr: Je l’ai lu}
  - id: talk
    who: hire
    due: {days: 0}
    title: {en: Talk about it, fr: En parler}
    text: {en: With your manager., fr: Avec votre gestionnaire.}
"""
WRONG = RULES.replace("who: manager", "who: desk:it").replace("statement:", "statment:")
ENDED = date(2026, 11, 20)


def command(*words: str) -> str:
    return CliRunner().invoke(app, words).output


def folder(name: str, text: str) -> str:
    file = Path(name) / "journeys" / "rules.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return name


def empty_database(name: str) -> Database:
    url = f"sqlite:///{name}.db"
    migrate.upgrade(url)
    return Database(url)


def checked() -> dict[str, str]:
    return {"right": command("check", folder("right", RULES)), "wrong": command("check", folder("wrong", WRONG))}


def simulated() -> str:
    os.environ["WORKBOT_DEFINITIONS"] = "right"
    return command("simulate", "journey", "rules", "--on", "2030-05-06", "--done")


def lived() -> dict[str, str]:
    """Noor begins, Max confirms; Hana of HR may tick tasks, and cannot confirm in his place."""
    town = Town(empty_database("lived"))
    talk = Talk(town.database, onboarding.ROUTER, onboarding.JOBS, at=MONDAY)
    with town.database.session() as session:
        rules = definitions.read(KIND, Path("right/journeys/rules.yaml")).definition
        definitions.publish(session, KIND, rules, now=MONDAY)
        definitions.turn(session, KIND, rules.name, on=True, now=MONDAY)
        manager, hana = hire(session, "Max Roy"), hire(session, "Hana Bell")
        noor = hire(session, "Noor Ali", manager_id=manager.id)
        session.add(Role(person_id=hana.id, name="hr"))
    key = begin(talk, noor, ENDED, name="rules")
    page = f"/console/journeys/{key}"
    seen = {"card": talk.sees(manager), "page": town.visit(manager).get(page).text}
    step = next(str(step.id) for step in town.steps(key) if step.step == "read")

    refused = talk.act(hana, "onboarding.done", step)
    assert isinstance(refused, Say)
    pressed = press(talk, manager, "I have read it", "The code of conduct")
    assert isinstance(pressed, Replace)
    seen |= {"by another": plain_text(refused.card), "pressed": plain_text(pressed.card)}
    press(talk, noor, "Done", "Talk about it")

    ended = {"state": town.journey(key).state, "page at the end": town.visit(hana).get(page).text}
    return seen | ended


if __name__ == "__main__":
    print(json.dumps({"checked": checked(), "simulated": simulated(), **lived()}))
