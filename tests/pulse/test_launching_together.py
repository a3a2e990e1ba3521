"""A survey that several launch at the same moment."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from sqlmodel import Session, select

from tests.pulse.conftest import SUNDAY, ZONE, team
from tests.talk import Talk
from workbot import pulse
from workbot.errors import WorkbotError
from workbot.people import Person
from workbot.pulse import Wave
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
MANY = 6


def launch(session: Session, _number: int = 0, **more: Any) -> int:
    return pulse.launch(session, "weekly", zone=ZONE, now=SUNDAY, **more).number


def at_once(database: Database, **more: Any) -> list[Any]:
    async def everybody() -> list[Any]:
        launches = (database.run(partial(launch, _number=number, **more)) for number in range(MANY))
        return await asyncio.gather(*launches, return_exceptions=True)

    return asyncio.run(everybody())


def test_one_launches_it_and_the_others_hear_that_it_is_open(talk: Talk, database: Database, ada: Person) -> None:
    found = at_once(database)

    refusals = [one for one in found if isinstance(one, WorkbotError)]
    assert (len(refusals), [one for one in found if isinstance(one, int)]) == (MANY - 1, [1])
    assert {str(refusal.message)[:22] for refusal in refusals} == {"“{name}” is open alrea"}


def test_waves_for_single_people_are_numbered_without_a_gap(talk: Talk, database: Database) -> None:
    with database.session() as session:
        people = team(session, "City/Roads", "Ada", "Bob")

    assert sorted(at_once(database, people=people)) == list(range(1, MANY + 1))
    assert sorted(database.run_here(lambda session: session.exec(select(Wave.number)).all())) == [1, 2, 3, 4, 5, 6]
