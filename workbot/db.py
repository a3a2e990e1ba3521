"""The database: SQLite beside the program or PostgreSQL, reached by units of work.

A unit of work is a plain function of a session. It runs in a thread, in one transaction, and is
committed here and nowhere below: `await database.run(lambda session: ...)`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import Connection, DateTime, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel

from workbot.bell import Bell, announce, rung
from workbot.commits import GroupCommit

T = TypeVar("T")

THREADS = 8
BUSY_SECONDS = 15
# Where a session keeps what was put off, and a connection how many statements it has seen.
PUT_OFF, STATEMENTS = "workbot put off", "workbot statements"
# On a server, so many groups may be begun beside one that is held up; one that meets another's lock gives up soon,
# and each of its units waits for it alone.
HELPERS = 3
GROUP_PATIENCE = "150ms"


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
        self._together = self._group or GroupCommit(make_engine(self.url, patience=GROUP_PATIENCE), helpers=HELPERS)
        self._writers = ThreadPoolExecutor(THREADS, "db-write")
        self._readers = ThreadPoolExecutor(THREADS, "db-read")

    async def run(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one transaction and commit it; an exception rolls everything back."""
        result, topics = await self._run(work)
        self.bell.sound(topics)
        return result

    async def run_together(self, work: Callable[[Session, list[Any]], Sequence[T]], item: object) -> T:
        """Do `work` for an item, and for those that wait for the same work at this moment, in one transaction.

        It is given the items and returns a result for each. Where it fails, it is given each item alone.
        """
        result, topics = await self._together.do_together(work, item)
        self.bell.sound(topics)
        return result

    async def _run(self, work: Callable[[Session], T]) -> tuple[T, frozenset[str]]:
        if self._group:
            return await self._group.do(work)
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
        self._together.close()
        self._writers.shutdown()
        self._readers.shutdown()
        self._together.engine.dispose()
        self.engine.dispose()


def put_off(session: Session, write: Callable[[Session, list[Any]], None], row: object) -> None:
    """Have a row written by `write`, which is given all of its rows at once before the transaction is committed."""
    waiting: defaultdict[Callable[[Session, list[Any]], None], list[object]]
    waiting = session.info.setdefault(PUT_OFF, defaultdict(list))
    waiting[write].append(row)


@event.listens_for(Session, "before_commit")
def write_put_off(session: Session, only: Callable[[Session, list[Any]], None] | None = None) -> None:
    """Write now what was put off, or `only` what one work would write: before anyone asks for it."""
    waiting = session.info.get(PUT_OFF, {})
    for write in [only] if only else list(waiting):
        if rows := waiting.pop(write, None):
            write(session, rows)


def forget_put_off(session: Session) -> None:
    """Write nothing of what was put off."""
    session.info.pop(PUT_OFF, None)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a transaction stands: how many statements that may change something it has seen, how much it puts off."""

    statements: int
    waiting: int

    @classmethod
    def of(cls, session: Session) -> Mark:
        waiting = sum(len(rows) for rows in session.info.get(PUT_OFF, {}).values())
        return cls(session.connection().info.get(STATEMENTS, 0), waiting)

    def is_written_since(self, session: Session) -> bool:
        """Whether rows that can be read may have changed since, or will at the next flush."""
        return self.statements != Mark.of(session).statements or _is_dirty(session)

    def is_changed_since(self, session: Session) -> bool:
        """Whether anything may have changed since, what is put off included."""
        return self != Mark.of(session) or _is_dirty(session)


def _is_dirty(session: Session) -> bool:
    return bool(session.new or session.dirty or session.deleted)


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


def make_engine(url: str, *, patience: str = "") -> Engine:
    """An engine as the house uses it; on SQLite with its locks and pragmas.

    `patience` is how long a server's statements wait for a lock, as PostgreSQL writes it; for ever, unless told.
    """
    engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url, patience)
    event.listen(engine, "before_cursor_execute", _count)
    return engine


def _postgresql(url: str, patience: str) -> Engine:
    options = {"options": f"-c lock_timeout={patience}"} if patience else {}
    engine = create_engine(
        url, hide_parameters=True, pool_size=THREADS, max_overflow=THREADS, connect_args=options, pool_use_lifo=True
    )
    event.listen(engine, "checkout", _see_alive)
    return engine


def _sqlite(url: str) -> Engine:
    if file := make_url(url).database:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _see_alive(connection: Any, _record: object, _proxy: object) -> None:
    """Have another connection made for one that the server has ended: what it said last is read, and nothing is asked.

    Asking on every use, as pools do it, would cost a round trip.
    """
    try:
        # The first reads a farewell, if there is one; the second finds that nothing will follow.
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()
    except psycopg.OperationalError as error:
        raise DisconnectionError from error


def _count(
    connection: Connection, _cursor: object, statement: str, _values: object, _context: object, _many: object
) -> None:
    """Count what may change something: whatever does not begin as a question."""
    if not statement.startswith("SELECT"):
        info = connection.info
        info[STATEMENTS] = info.get(STATEMENTS, 0) + 1


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
