"""The outbox, from claim to recorded reference, against a bare aiohttp loop that posts the same messages.

Both post to the same server in a process of its own, which accepts at once. Two workers are two processes.
`python -m tests.bench.outbox URL ADDRESS` is one of them.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from migrations import models
from tests.postoffice.platform import PostOffice, open_office
from workbot import log, migrate
from workbot.cards import Button, Buttons, Card, Text, dump
from workbot.clock import SystemClock
from workbot.delivery.models import Message, State, is_in
from workbot.delivery.sender import OutboxSender
from workbot.people import Account, Person
from workbot.platforms import Outgoing
from workbot.storage import gc_tuning
from workbot.storage.database import Database

MESSAGES = 10_000
ROUNDS = 3
# The bare loop is fastest with about so many posts at once.
AT_ONCE = 128
CARD = Card("Weekly pulse", (Text("How was your week?"), Buttons((Button("Good", "pulse.answer", "4"),))))


def hire_many(session: Session, count: int) -> list[UUID]:
    """So many people with accounts at the post office."""
    people = [{"id": uuid4(), "email": f"{uuid4().hex}@city.example", "name": "A B"} for _ in range(count)]
    unsaid = dict.fromkeys(("title", "location", "listed_locale", "employment", "preferred_platform"), "")
    more = unsaid | {"timezone": "UTC", "locale": "en", "active": True, "attributes": {}}
    session.execute(insert(Person), [person | more for person in people])
    session.execute(
        insert(Account),
        [
            {"id": uuid4(), "person_id": person["id"], "platform": "post", "tenant": "", "user": person["email"],
             "address": person["email"], "unreachable": ""}
            for person in people
        ],
    )  # fmt: skip
    return [person["id"] for person in people]


def fill(session: Session, count: int) -> None:
    """Queue a campaign to so many people."""
    now = datetime.now(UTC)
    empty = dict.fromkeys(
        ("thread", "trace", "only_platform", "lane", "platform", "address", "claimed_by", "reference", "reason"), ""
    )
    rows = [
        empty
        | {
            "key": uuid4().hex, "person_id": person, "recipient": f"person:{person}", "subject": "wave",
            "campaign": "wave", "card": dump(CARD), "locale": "en", "priority": 9, "working_hours": False,
            "resend_on_doubt": True, "created_at": now, "due_at": now, "state": State.QUEUED.value, "attempts": 0,
            "is_update": False, "is_read": False,
        }
        for person in hire_many(session, count)
    ]  # fmt: skip
    session.execute(insert(Message), rows)


async def bare(url: str, count: int = MESSAGES) -> float:
    """Post as many messages with nothing but aiohttp; messages a second."""
    office = PostOffice(url)
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await office.deliver(Outgoing(f"bare-{number}-{uuid4().hex}", f"a{number}", CARD, "en"))

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    seconds = time.perf_counter() - started
    await office.close()
    return count / seconds


async def work(url: str, address: str) -> None:
    """Be a worker until nothing is queued."""
    log.configure(as_json=True)
    database, office = Database(url), PostOffice(address)
    sender = OutboxSender(database, {"post": office}, SystemClock())
    gc_tuning.freeze_startup()
    running = asyncio.create_task(sender.run())
    while await database.read(_is_queued):  # noqa: ASYNC110  # another worker may have the last ones
        await asyncio.sleep(0.1)
    await sender.shutdown()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await office.close()
    database.close()


def _is_queued(session: Session) -> bool:
    return session.exec(select(Message.id).where(is_in(State.QUEUED)).limit(1)).first() is not None


def through(url: str, workers: int) -> float:
    """Messages a second through the outbox, between the first and the last that the server saw."""
    migrate.upgrade(url)
    database = Database(url)
    database.run_here(partial(fill, count=MESSAGES))
    with open_office() as office:
        command = [sys.executable, "-m", "tests.bench.outbox", url, office.url]
        processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(workers)]
        for process in processes:
            assert process.wait() == 0
        seen = office.stats()
    with database.session() as session:
        sent = session.exec(select(func.count(col(Message.id))).where(is_in(State.SENT))).one()
    database.close()
    assert (sent, seen["messages"], seen["different"]) == (MESSAGES,) * 3, (sent, seen)
    return MESSAGES / float(seen["seconds"])


def run(name: str, new_url: Callable[[], str], *, workers: int) -> None:
    """Measure both in turn, and print the ratio."""
    ours: list[float] = []
    floor: list[float] = []
    for _ in range(ROUNDS):
        ours.append(through(new_url(), workers))
        with open_office() as office:
            floor.append(asyncio.run(bare(office.url)))
    ratios = [mine / its for mine, its in zip(ours, floor, strict=True)]
    print(
        f"The outbox on {name}, {workers} worker{'s' * (workers > 1)}, against a bare aiohttp loop\n"
        f"  ratio {statistics.median(ratios):.2f}  (from {min(ratios):.2f} to {max(ratios):.2f} over {ROUNDS} rounds)\n"
        f"  through the outbox: {statistics.median(ours):,.0f}/s\n  a bare loop: {statistics.median(floor):,.0f}/s\n"
    )


if __name__ == "__main__":
    assert models
    asyncio.run(work(sys.argv[1], sys.argv[2]))
