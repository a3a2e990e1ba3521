"""PgBouncer in transaction mode in front of PostgreSQL: units of work, turns and the bell do as without it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel, select
from structlog.testing import capture_logs

from tests import pooler
from tests.postgres import Server
from tests.talk import Talk, hire
from tests.test_dispatch import MONDAY, ROUTER
from workbot import doctor
from workbot.doctor import Verdict
from workbot.i18n import language
from workbot.jobs import Jobs
from workbot.people import Person
from workbot.readiness import Readiness
from workbot.settings import Settings
from workbot.storage import pubsub
from workbot.storage.database import Database
from workbot.storage.engines import is_pooled
from workbot.storage.pubsub import DEAF, publish
from workbot.turns import Command, Say, Sender

SECONDS = 60


@pytest.fixture
def direct(postgres: Server) -> str:
    url = postgres.new_database()
    database = Database(url)
    SQLModel.metadata.create_all(database.engine)
    database.close()
    return url


@pytest.fixture
def pooled(direct: str) -> Iterator[str]:
    with pooler.in_front_of(direct) as url:
        yield url


def seen(session: Session, number: int) -> int:
    """A statement that a driver would prepare on the server after a few times."""
    return int(session.execute(text(f"SELECT :n + {number}"), {"n": 0}).scalar_one())


def hiring(session: Session, number: int) -> str:
    seen(session, number % 7)
    person = Person(email=f"{uuid4().hex}@city.example", name=str(number), timezone="UTC", locale="en")
    session.add(person)
    session.flush()
    return person.email


def test_a_pooler_is_noticed_and_its_absence_too(direct: str, pooled: str) -> None:
    found = []
    for url in (direct, pooled):
        database = Database(url)
        found.append(database.run_here(lambda session: is_pooled(session.connection())))
        database.close()

    assert found == [False, True]


def test_hundreds_of_units_at_once_meet_nobody_elses_statements(pooled: str) -> None:
    ours, theirs = Database(pooled), Database(pooled)

    async def many() -> list[Any]:
        units = [one.run(lambda session, n=n: hiring(session, n)) for n in range(160) for one in (ours, theirs)]
        return await asyncio.gather(*units)

    with capture_logs() as logs:
        written = asyncio.run(asyncio.wait_for(many(), SECONDS))

    assert len(set(written)) == 320
    assert set(ours.run_here(lambda session: session.exec(select(Person.email)).all())) == set(written)
    assert logs == []
    ours.close()
    theirs.close()


def test_turns_are_taken_together_and_a_lock_is_not_waited_for_by_strangers(pooled: str) -> None:
    database = Database(pooled)
    ada = database.run_here(lambda session: hire(session, "Ada Roy"))
    talk = Talk(database, ROUTER, Jobs(), at=MONDAY)
    sender = Sender("chat", ada.email)

    async def turns() -> list[Any]:
        told = [Command(sender=sender, id=f"t{n}", name="note", text=f"N{n}") for n in range(40)]
        return await asyncio.gather(*(talk.dispatch.receive(turn) for turn in told))

    with capture_logs() as logs:
        replies = asyncio.run(asyncio.wait_for(turns(), SECONDS))

    assert [reply.card.title for reply in replies if isinstance(reply, Say)] == [f"Written: N{n}" for n in range(40)]
    assert [line["event"] for line in logs if line["log_level"] != "info"] == []
    # How long the groups wait for a lock is said in their own transactions alone.
    patience = [
        database.run_here(lambda session: session.execute(text("SHOW lock_timeout")).scalar_one()) for _ in "1234"
    ]
    assert patience == ["0"] * 4
    database.close()


async def _heard(url: str, listening_url: str, seconds: float) -> tuple[int, bool]:
    """How many of five announcements another process hears in time, and whether it thinks itself deaf."""
    here, there, heard = Database(url, listening_url), Database(url), asyncio.Semaphore(0)
    here.pubsub.on("tea", heard.release)
    listening = asyncio.create_task(here.listen())
    await asyncio.wait_for(here.pubsub._listening.wait(), SECONDS)
    count = 0
    for _ in range(5):
        while not heard.locked():
            await heard.acquire()
        await there.run(lambda session: publish(session, "tea"))
        try:
            await asyncio.wait_for(heard.acquire(), seconds)
        except TimeoutError:
            continue
        count += 1
    while not count and not here.pubsub.deaf:  # noqa: ASYNC110  # the bell finds out by itself
        await asyncio.sleep(0.05)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    deaf = here.pubsub.deaf
    assert Readiness(here, None).warnings() == ([f"database: {DEAF}"] if deaf else [])  # type: ignore[arg-type]
    here.close()
    there.close()
    return count, deaf


def test_the_bell_is_heard_past_the_pooler(direct: str, pooled: str) -> None:
    assert asyncio.run(_heard(pooled, direct, SECONDS)) == (5, False)


def test_a_bell_that_is_not_heard_is_noticed(pooled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pubsub, "HEARD_SECONDS", 1.0)

    assert asyncio.run(_heard(pooled, "", 0.4)) == (0, True)


def test_the_doctor_says_what_to_set(direct: str, pooled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pubsub, "HEARD_SECONDS", 3.0)
    known = {"database_url": pooled, "secret_key": "k3V9-qLw7_zR2tYb8NxC4mPfD6hJ1sGa"}

    def examined(**more: str) -> doctor.Finding:
        findings = doctor.diagnose(Settings.model_validate(known | more), language("en"))
        return next(finding for finding in findings if finding.subject == "other processes")

    deaf, hearing = examined(), examined(listening_url=direct)

    assert deaf.verdict == Verdict.FAIL
    assert "Set DATABASE_LISTEN_URL" in deaf.words
    assert (hearing.verdict, hearing.words) == (Verdict.OK, "Heard, past the pooler.")
