"""A message that several make a request of at the same moment, in processes of their own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial

from sqlmodel import Session, select

from tests.talk import hire
from workbot import definitions, requests
from workbot.people import Person
from workbot.requests.handlers import quoted
from workbot.requests.models import Request
from workbot.storage.database import Database
from workbot.turns import MessageAction, Reply, Sender

DATABASES = ("sqlite", "postgresql")
MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
LINK = "https://city.slack.com/archives/C1/p1"


def test_it_becomes_one(database: Database) -> None:
    with database.session() as session:
        for definition in definitions.read_all(requests.KIND, None).values():
            definitions.publish(session, requests.KIND, definition, now=MONDAY)
        emoji = definitions.read_all(requests.KIND, None)["it"].emoji or ""
        keys = [hire(session, f"Person N{number}").id for number in range(5)]

    def mark(session: Session, number: int) -> Reply:
        person = session.get_one(Person, keys[number])
        sender = Sender("chat", person.email)
        turn = MessageAction(sender=sender, id=f"m{number}", text="It smokes", author="Ada", link=LINK, emoji=emoji)
        return quoted(session, turn, person=person, now=MONDAY)

    async def everybody() -> None:
        await asyncio.gather(*(database.run(partial(mark, number=number)) for number in range(5)))

    asyncio.run(everybody())

    with database.session() as session:
        assert [request.reference for request in session.exec(select(Request))] == ["IT-1"]
