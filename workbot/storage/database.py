"""The database: SQLite beside the program or PostgreSQL, reached by units of work.

A unit of work is a plain function of a session. It runs in a thread, in one transaction, and is
committed here and nowhere below: `await database.run(lambda session: ...)`. Where the database takes nothing at the
moment, it is tried again for a while, on another connection if need be; then whoever asked is told by DatabaseAway.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Connection, DateTime, Dialect, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel

from workbot.errors import DatabaseAway
from workbot.storage import outages
from workbot.storage.engines import CONNECTIONS, STATEMENTS, listening_address, make_engine, normal_url, see_alive
from workbot.storage.group_commit import GroupCommit
from workbot.storage.pubsub import PubSub, announce, notify_now, published

T = TypeVar("T")

THREADS = CONNECTIONS
# How long to wait before a unit is tried again when the database takes nothing, and how long in all: a person waits.
PAUSES = (0.1, 0.3, 1.0, 3.0)
PATIENCE_SECONDS = 5.0
# Where a session keeps the writes that were deferred.
DEFERRED = "workbot deferred"
# On a server, so many groups may be begun beside one that is held up; one that meets another's lock gives up soon,
# and each of its units waits for it alone.
HELPERS = 3
GROUP_PATIENCE = "150ms"

log = structlog.get_logger(__name__)


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
    """An engine and the threads that use it: one writer on SQLite, several on PostgreSQL.

    `listening_url` leads to the server itself where `url` leads through a pooler. Raises WorkbotError when an address
    is not understood.
    """

    def __init__(self, url: str, listening_url: str = "") -> None:
        self.url = normal_url(url)
        if listening_url:
            listening_address(listening_url)
        self.listening_url = normal_url(listening_url) or self.url
        self.embedded = self.url.startswith("sqlite")
        self.engine = make_engine(self.url)
        self.pubsub = PubSub()
        # Why the last change that was given up could not be made, and when that was; empty once another could.
        self._trouble, self._troubled_at = "", 0.0
        self._group = GroupCommit(self.engine) if self.embedded else None
        self._batches = self._group or GroupCommit(make_engine(self.url, patience=GROUP_PATIENCE), helpers=HELPERS)
        self._writers = ThreadPoolExecutor(THREADS, "db-write")
        self._readers = ThreadPoolExecutor(THREADS, "db-read")

    async def run(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one transaction and commit it; an exception rolls everything back.

        Raises DatabaseAway when the database takes nothing for so long that whoever waits must be told.
        """
        return await self._change(lambda: self._run(work))

    async def run_batched(self, work: Callable[[Session, list[Any]], Sequence[T]], item: object) -> T:
        """Do `work` for an item, and for those that wait for the same work at this moment, in one transaction.

        It is given the items and returns a result for each. Where it fails, it is given each item alone; it must know
        one that it was given before, for a server may be lost at the very moment of the commit. Raises DatabaseAway.
        """
        return await self._change(lambda: self._batches.do_batched(work, item))

    async def run_once(self, work: Callable[[Session], T]) -> T:
        """The same as `run` for what is not worth waiting for; raises DatabaseAway at once."""
        return (await self._patiently(lambda: self._run(work), once=True))[0]

    async def _change(self, attempt: Callable[[], Awaitable[tuple[T, frozenset[str]]]]) -> T:
        try:
            result, topics = await self._patiently(attempt)
        except DatabaseAway as error:
            self._trouble, self._troubled_at = error.reason, monotonic()
            raise
        self._trouble = ""
        self.pubsub.notify(topics)
        return result

    async def _run(self, work: Callable[[Session], T]) -> tuple[T, frozenset[str]]:
        if self._group:
            return await self._group.do(work)
        return await asyncio.get_running_loop().run_in_executor(self._writers, self._run_alone, work)

    async def read(self, work: Callable[[Session], T], *, once: bool = False) -> T:
        """Do `work` that only reads: on SQLite it does not wait for the writer. Raises DatabaseAway, `once` at once."""
        loop = asyncio.get_running_loop()
        return await self._patiently(lambda: loop.run_in_executor(self._readers, self._read_here, work), once=once)

    def run_here(self, work: Callable[[Session], T]) -> T:
        """The same as `run`, in this thread and tried once: for the command line, which says what the driver says."""
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

    def trouble(self, *, within: float) -> str:
        """Why a change had to be given up in the last so many seconds, if none could be made since."""
        return self._trouble if monotonic() - self._troubled_at <= within else ""

    async def listen(self) -> None:
        """Hear what other processes announce, and find out whether we do, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.pubsub.listen(self.listening_url))
            tasks.create_task(self.pubsub.try_hearing(self.announce_now))

    async def announce_now(self, topic: str) -> None:
        """Tell all processes of a topic, this one by way of the server; raises DatabaseAway."""
        await self.run_once(partial(notify_now, topic=topic))

    async def _patiently(self, attempt: Callable[[], Awaitable[T]], *, once: bool = False) -> T:
        """Try again while the database takes nothing, until its time is up."""
        gives_up_at = monotonic() + PATIENCE_SECONDS
        for pause in (*(() if once else PAUSES), None):
            try:
                return await attempt()
            except SQLAlchemyError as error:
                why = outages.reason(error)
                if not why:
                    raise
                if pause is None or monotonic() + pause > gives_up_at:
                    raise DatabaseAway(why) from error
                log.warning("database.away", reason=why)
                await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _run_alone(self, work: Callable[[Session], T]) -> tuple[T, frozenset[str]]:
        with Session(self.engine, expire_on_commit=False) as session:
            result = work(session)
            flush_deferred(session)
            session.flush()
            announce(session)
            self._commit(session)
        return result, published(session)

    def _commit(self, session: Session) -> None:
        """Commit; raises DatabaseAway when the connection was lost meanwhile, for then nobody knows what came of it."""
        if not self.embedded:
            # Before the commit is sent, one that was lost has changed nothing.
            see_alive(session.connection().connection.dbapi_connection)
        try:
            session.commit()
        except SQLAlchemyError as error:
            if outages.is_silent(error):
                raise DatabaseAway(outages.reason(error), doubtful=True) from error
            raise

    def _read_here(self, work: Callable[[Session], T]) -> T:
        reading = self.engine.execution_options(workbot_read_only=True)
        with Session(reading, expire_on_commit=False) as session:
            return work(session)

    def close(self) -> None:
        self._batches.close()
        self._writers.shutdown()
        self._readers.shutdown()
        self._batches.engine.dispose()
        self.engine.dispose()


def defer_write(session: Session, write: Callable[[Session, list[Any]], None], row: object) -> None:
    """Have a row written by `write`, which is given all of its rows at once before the transaction is committed."""
    waiting: defaultdict[Callable[[Session, list[Any]], None], list[object]]
    waiting = session.info.setdefault(DEFERRED, defaultdict(list))
    waiting[write].append(row)


@event.listens_for(Session, "before_commit")
def flush_deferred(session: Session, only: Callable[[Session, list[Any]], None] | None = None) -> None:
    """Write now what was deferred, or `only` what one work would write: before anyone asks for it."""
    waiting = session.info.get(DEFERRED, {})
    for write in [only] if only else list(waiting):
        if rows := waiting.pop(write, None):
            write(session, rows)


def drop_deferred(session: Session) -> None:
    """Write nothing of what was deferred."""
    session.info.pop(DEFERRED, None)


@dataclass(frozen=True, slots=True)
class WriteMark:
    """Where a transaction stands: how many statements that may change something it has seen, how much it defers."""

    statements: int
    waiting: int

    @classmethod
    def of(cls, session: Session) -> WriteMark:
        waiting = sum(len(rows) for rows in session.info.get(DEFERRED, {}).values())
        return cls(session.connection().info.get(STATEMENTS, 0), waiting)

    def is_written_since(self, session: Session) -> bool:
        """Whether rows that can be read may have changed since, or will at the next flush."""
        return self.statements != WriteMark.of(session).statements or _is_dirty(session)

    def is_changed_since(self, session: Session) -> bool:
        """Whether anything may have changed since, what is deferred included."""
        return self != WriteMark.of(session) or _is_dirty(session)


def _is_dirty(session: Session) -> bool:
    return bool(session.new or session.dirty or session.deleted)


def advisory_lock(connection: Connection, what: str) -> None:
    """Wait until no other transaction does `what`, and keep others from it until this one ends."""
    # On SQLite whoever writes is alone anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": f"workbot {what}"}
        )
