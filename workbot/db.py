"""The database: SQLite beside the program or PostgreSQL, reached by units of work.

A unit of work is a plain function of a session. It runs in a thread, in one transaction, and is
committed here and nowhere below: `await database.run(lambda session: ...)`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Connection, DateTime, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel

from workbot.bell import Bell, announce, rung
from workbot.commits import GroupCommit

T = TypeVar("T")

THREADS = 8
BUSY_SECONDS = 15


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out, on every database; a naive one is a bug."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


class Row(SQLModel):
    """What tables have in common: a random key made here, never by the database."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)


class Database:
    """An engine and the threads that use it: one writer on SQLite, several on PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.url = normal_url(url)
        self.embedded = self.url.startswith("sqlite")
        self.engine = make_engine(self.url)
        self.bell = Bell()
        self._group = GroupCommit(self.engine) if self.embedded else None
        self._writers = ThreadPoolExecutor(THREADS, "db-write")
        self._readers = ThreadPoolExecutor(THREADS, "db-read")

    async def run(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one transaction and commit it; an exception rolls everything back."""
        result, topics = await self._run(work)
        self.bell.sound(topics)
        return result

    async def _run(self, work: Callable[[Session], T]) -> tuple[T, frozenset[str]]:
        if self._group:
            return await asyncio.wrap_future(self._group.submit(work))
        return await asyncio.get_running_loop().run_in_executor(self._writers, self._run_alone, work)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Do `work` that only reads: on SQLite it does not wait for the writer."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read_here, work)

    def run_here(self, work: Callable[[Session], T]) -> T:
        """The same as `run`, in this thread: for the command line."""
        return self._run_alone(work)[0]

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session whose end commits, or rolls back on an exception."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session
            if not self.embedded:
                announce(session)

    def now(self, session: Session) -> datetime:
        """The moment by the clock that all processes on this database share: for leases and rates."""
        if self.embedded:
            return datetime.now(UTC)
        moment: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        return moment

    def _run_alone(self, work: Callable[[Session], T]) -> tuple[T, frozenset[str]]:
        with self.session() as session:
            result = work(session)
        return result, rung(session)

    def _read_here(self, work: Callable[[Session], T]) -> T:
        reading = self.engine.execution_options(workbot_read_only=True)
        with Session(reading, expire_on_commit=False) as session:
            return work(session)

    def close(self) -> None:
        if self._group:
            self._group.close()
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()


def alone(connection: Connection, what: str) -> None:
    """Wait until no other transaction does `what`, and keep others from it until this one ends."""
    # On SQLite whoever writes is alone anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": f"workbot {what}"}
        )


def normal_url(url: str) -> str:
    """Accept the usual spellings of a PostgreSQL address; the driver is psycopg 3."""
    for spelling in ("postgres://", "postgresql://"):
        if url.startswith(spelling):
            return "postgresql+psycopg://" + url.removeprefix(spelling)
    return url


def make_engine(url: str) -> Engine:
    """An engine as the house uses it; on SQLite with its locks and pragmas."""
    if not url.startswith("sqlite"):
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=THREADS, max_overflow=THREADS)

    if file := make_url(url).database:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: we say BEGIN IMMEDIATE, below.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "cache_size=-32768"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that will write takes the lock at once: upgrading later can fail without waiting.
    reading = connection.get_execution_options().get("workbot_read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
