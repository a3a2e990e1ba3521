"""The bell sounds with a commit, in every process on the database, and not without one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.postgres import Server
from workbot.storage import pubsub
from workbot.storage.database import Database
from workbot.storage.pubsub import publish

DATABASES = ("sqlite", "postgresql")
PATIENCE_SECONDS = 30


def ringing(session: Session) -> None:
    publish(session, "tea")


def failing(session: Session) -> None:
    publish(session, "tea")
    raise RuntimeError("a bug")


def test_it_sounds_with_the_commit_and_for_its_topic_only(database: Database) -> None:
    heard: list[str] = []
    database.pubsub.on("tea", lambda: heard.append("tea"))
    database.pubsub.on("coffee", lambda: heard.append("coffee"))

    asyncio.run(database.run(ringing))

    assert heard == ["tea"]


def test_it_does_not_sound_for_what_was_rolled_back(database: Database) -> None:
    heard: list[str] = []
    database.pubsub.on("tea", lambda: heard.append("tea"))

    with pytest.raises(RuntimeError):
        asyncio.run(database.run(failing))

    assert heard == []


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[asyncio.Event]:
    """Set whenever the bell of another process is heard; whoever begins to listen is told to look at once."""
    heard = asyncio.Event()
    database.pubsub.on("tea", heard.set)
    task = asyncio.create_task(database.pubsub.listen(database.url))
    await asyncio.wait_for(heard.wait(), PATIENCE_SECONDS)
    heard.clear()
    yield heard
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def test_another_process_hears_it(postgres: Server) -> None:
    url = postgres.new_database()
    ours, theirs = Database(url), Database(url)

    async def is_heard_here() -> bool:
        async with listening(ours) as heard:
            await theirs.run(ringing)
            return await asyncio.wait_for(heard.wait(), PATIENCE_SECONDS)

    assert asyncio.run(is_heard_here())
    ours.close()
    theirs.close()


def test_whose_connection_was_cut_listens_again_and_looks_at_once(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pubsub, "RETRY_SECONDS", 0.05)
    url = postgres.new_database()
    ours, theirs = Database(url), Database(url)
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'"
    )

    async def cut_then_ring() -> None:
        async with listening(ours) as heard:
            assert await theirs.run(lambda session: session.execute(cut).scalar_one())
            await asyncio.wait_for(heard.wait(), PATIENCE_SECONDS)
            heard.clear()
            await theirs.run(ringing)
            await asyncio.wait_for(heard.wait(), PATIENCE_SECONDS)

    asyncio.run(cut_then_ring())
    ours.close()
    theirs.close()
