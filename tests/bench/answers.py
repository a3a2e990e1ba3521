"""A survey answer, from the pressed button to the committed row, against an insert of the same row alone."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlmodel import Session, select

from tests.bench.measure import ROUNDS, compare, report
from workbot import definitions, features, migrate, pulse
from workbot.clock import SetClock
from workbot.dispatch import Dispatch
from workbot.people import Person, ensure_web_account
from workbot.people.service import HOME_PLATFORM
from workbot.pulse import Ballot, Participation
from workbot.storage.database import Database
from workbot.turns import Press, Replace, Sender

MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)
CALLS = 100
PEOPLE = (ROUNDS + 1) * CALLS


async def run(url: str, name: str, *, at_once: int) -> None:
    """Measure on one database, `at_once` people at the same time, and print the result."""
    migrate.upgrade(url)
    database = Database(url)
    wave, people, places = database.run_here(_asked)
    dispatch = Dispatch(database, features.router(), SetClock(MONDAY), sign_in_url="", locale="en")

    async def answer(number: int) -> None:
        sender = Sender(HOME_PLATFORM, people[number])
        reply = await dispatch.receive(
            Press(sender=sender, id=f"t{number}", action="pulse.answer", value=f"{wave}:week:4")
        )
        assert isinstance(reply, Replace), reply

    async def insert_alone(number: int) -> None:
        row = {"id": uuid4(), "invitation_id": places[number], "question": "floor", "value": "4"}
        await database.run(partial(_insert, row=row))

    ours, floor = await compare(
        ("an answer through dispatch", answer), ("the row alone", insert_alone), calls=CALLS, at_once=at_once
    )
    title = f"A durable survey answer on {name}, {at_once} at once, against a bare insert of the same row"
    print(report(title, ours, floor))
    database.close()


def _asked(session: Session) -> tuple[str, list[str], list[object]]:
    """People of whom each has an open survey: the wave, their ids, and their places in it."""
    for definition in definitions.read_all(pulse.KIND, None).values():
        definitions.publish(session, pulse.KIND, definition, now=MONDAY)
    people = [
        Person(email=f"p{number}@city.example", name=f"P {number}", timezone="UTC", locale="en")
        for number in range(PEOPLE)
    ]
    session.add_all(people)
    session.flush()
    for person in people:
        ensure_web_account(session, person)
    wave = pulse.launch(session, "weekly", zone=ZoneInfo("UTC"), now=MONDAY, at_once=True)
    session.flush()
    rows = session.exec(select(Participation).where(Participation.wave_id == wave.id)).all()
    return str(wave.id), [str(row.person_id) for row in rows], [row.id for row in rows]


def _insert(session: Session, *, row: dict[str, object]) -> None:
    session.connection().execute(insert(Ballot).values(row))
