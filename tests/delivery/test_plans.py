"""What is asked of the outbox and of the record of turns is found by an index, however long they have grown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlmodel import Session, select

from tests.talk import Talk, hire
from workbot import delivery
from workbot.cards import Button, Buttons, Card
from workbot.delivery import campaigns
from workbot.jobs import Jobs
from workbot.people import Person
from workbot.router import Router
from workbot.storage.database import Database
from workbot.turns import Command, Message, Press, Reply, Say, Sender

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
ROUTER = Router()
GROWING = ("message", "taken_turn", "account", "person")


@ROUTER.command("announce", about="Tell everyone", usage="announce")
def announce(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    delivery.begin_campaign(session, "news", {"en": "News"}, now=now)
    card = Card("News", (Buttons((Button("Read", "plans.read"),)),), replies="Reply")
    delivery.tell(session, person, card, key="news", subject="plans:news", campaign="news", working_hours=True, now=now)
    return None


@ROUTER.on(Press, "plans.read")
def read(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    delivery.tell(session, person, Card("Read"), key="read", subject="plans:news", now=now)
    delivery.withdraw(session, subject="plans:other")
    return Say(Card("Thank you"))


@ROUTER.on(Message, "plans")
def said(session: Session, turn: Message, *, person: Person, now: datetime) -> Reply:
    return Say(Card(f"Noted under {turn.subject}"))


@pytest.fixture
def talk(database: Database) -> Talk:
    return Talk(database, ROUTER, Jobs(), at=MONDAY)


@pytest.fixture
def asked(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements that were executed, each with its values."""
    found: list[tuple[str, Any]] = []

    def note(
        _connection: Connection, _cursor: object, statement: str, values: Any, _context: object, many: bool
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            found.append((statement, values[0] if many else values))

    event.listen(database.engine, "before_cursor_execute", note)
    yield found
    event.remove(database.engine, "before_cursor_execute", note)


def test_nothing_reads_a_growing_table_from_end_to_end(
    talk: Talk, database: Database, asked: list[tuple[str, Any]]
) -> None:
    with database.session() as session:
        ada = hire(session, "Ada Roy")
    asked.clear()
    talk.command(ada, "announce")
    talk.wait()
    sender, reference = Sender("chat", ada.email), _reference(database)
    asyncio.run(talk.dispatch.receive(Press(sender=sender, id="p", action="plans.read", message=reference)))
    asyncio.run(talk.dispatch.receive(Message(sender=sender, id="m", text="Hello", thread=reference)))
    talk.wait()
    with database.session() as session:
        [campaign] = campaigns.newest(session, most=1)
        campaigns.funnel(session, campaign, {"chat": talk.chat}, now=talk.clock.now())

    assert len({statement for statement, _values in asked}) > 25
    assert [statement for statement, values in asked if _scans(database, statement, values)] == []


def _reference(database: Database) -> str:
    with database.session() as session:
        return session.exec(select(delivery.Message.reference).where(delivery.Message.key == "news")).one()


def _scans(database: Database, statement: str, values: Any) -> list[str]:
    """How SQLite would read a growing table from end to end for a statement, if it would."""
    with database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [str(row[3]) for row in plan]
    names = {word for name in GROWING for word in (name, f"{name}_1")}
    return [step for step in steps if step.startswith("SCAN") and step.split()[1] in names and "INDEX" not in step]
