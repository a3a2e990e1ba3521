"""A platform that answers late, or never, holds up nobody but those it does not answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlmodel import select

from tests.delivery.test_sender import queue, states
from tests.talk import Counting, Recorder, Talk, hire, serve
from workbot import delivery
from workbot.cards import Card
from workbot.clock import SystemClock
from workbot.delivery import Message, State, sending
from workbot.delivery import sender as the_sender
from workbot.delivery.sender import OutboxSender
from workbot.people import Person
from workbot.platforms import Limits, Outgoing
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
FEW, MANY = 4, 40


def test_a_platform_that_never_answers_is_given_up_and_leaves_a_doubt(
    talk: Talk, ada: Person, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(Recorder):
        async def deliver(self, outgoing: Outgoing) -> str:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(sending, "SLOW_SECONDS", 0.01)
    monkeypatch.setattr(sending, "CALL_SECONDS", 0.05)
    queue(talk, ada, "Hello", resend_on_doubt=False)

    asyncio.run(OutboxSender(database, {"chat": Silent()}, talk.clock).round())

    assert states(database) == [State.UNKNOWN]
    with database.session() as session:
        assert session.exec(select(Message.reason)).one() == sending.UNANSWERED


def test_a_round_waits_for_those_who_answer_late(
    talk: Talk, ada: Person, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(Recorder):
        async def deliver(self, outgoing: Outgoing) -> str:
            await asyncio.sleep(0.05)
            return await super().deliver(outgoing)

    monkeypatch.setattr(sending, "SLOW_SECONDS", 0.01)
    queue(talk, ada, "Hello")

    asyncio.run(OutboxSender(database, {"chat": Late()}, talk.clock).round())

    assert states(database) == [State.SENT]


class Deaf(Counting):
    """Does not answer those of some name, before it hears; and the others after so many seconds."""

    def __init__(self, name: str = "", *, enough: int = 1, seconds: float = 0.0) -> None:
        super().__init__(enough=enough)
        self.deaf_to = name
        self.seconds = seconds
        self.asked = 0
        self.hears = asyncio.Event()

    async def deliver(self, outgoing: Outgoing) -> str:
        self.asked += 1
        if self.deaf_to in outgoing.address:
            await self.hears.wait()
        await asyncio.sleep(self.seconds)
        return await super().deliver(outgoing)


def queue_many(database: Database, *, first: str = "Person N0") -> list[str]:
    """Messages for many people, the first of whom has a name of their own; the keys."""
    names = [first, *(f"Person N{number}" for number in range(1, MANY))]
    with database.session() as session:
        for name in names:
            delivery.tell(session, hire(session, name), Card("Hello"), key=name, now=MONDAY)
    return names


def test_who_is_never_answered_does_not_hold_up_who_comes_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SLOW_SECONDS", 0.01)
    with database.session() as session:
        unlucky = [hire(session, f"Unlucky N{number}") for number in range(FEW)]
        ada = hire(session, "Ada Roy")

    async def work() -> None:
        chat = Deaf("unlucky")
        serving = asyncio.create_task(serve(OutboxSender(database, {"chat": chat}, SystemClock()), chat.has_enough))
        async with asyncio.timeout(10):
            for asked, person in enumerate(unlucky, start=1):
                # One after the other, so that each is a chunk of its own.
                tell = partial(delivery.tell, person=person, card=Card("Hello"), key=person.name, now=MONDAY)
                await database.run(tell)
                while chat.asked < asked:  # noqa: ASYNC110  # the sender has its own pace
                    await asyncio.sleep(0.01)
        await database.run(partial(delivery.tell, person=ada, card=Card("Hello"), key="ada", now=MONDAY))
        await serving
        assert chat.keys == ["ada"]

    monkeypatch.setattr(the_sender, "FAREWELL_SECONDS", 0.0)
    asyncio.run(work())


def test_one_that_is_never_answered_keeps_one_place_of_those_that_a_platform_has(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SLOW_OF_FEW_SECONDS", 0.01)
    monkeypatch.setattr(the_sender, "IDLE_SECONDS", 60.0)
    monkeypatch.setattr(the_sender, "FAREWELL_SECONDS", 0.0)
    unlucky, *others = queue_many(database, first="Unlucky One")

    async def work() -> None:
        chat = Deaf("unlucky", enough=MANY - 1, seconds=0.02)
        chat.limits = Limits(at_once=2)
        await serve(OutboxSender(database, {"chat": chat}, SystemClock()), chat.has_enough)
        assert unlucky not in chat.keys
        assert sorted(chat.keys) == sorted(others)

    asyncio.run(work())


def test_a_platform_that_answers_nobody_is_not_asked_more_and_more_until_it_answers(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SLOW_SECONDS", 0.01)
    monkeypatch.setattr(the_sender, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(the_sender, "CHUNK", FEW)
    monkeypatch.setattr(the_sender, "FAREWELL_SECONDS", 0.0)
    names = queue_many(database)

    async def work() -> None:
        chat = Deaf(enough=MANY)
        serving = asyncio.create_task(serve(OutboxSender(database, {"chat": chat}, SystemClock()), chat.has_enough))
        await asyncio.sleep(1)
        assert FEW <= chat.asked <= FEW * the_sender.CHUNKS
        chat.hears.set()
        await serving
        assert sorted(chat.keys) == sorted(names)

    asyncio.run(work())
