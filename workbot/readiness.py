"""Readiness: whether the database takes changes, found out by making a small one, and what stands in the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import datetime
from secrets import token_hex
from time import monotonic

import structlog
from sqlalchemy import Table, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, Session, SQLModel

from workbot import migrate
from workbot.clock import Clock
from workbot.errors import DatabaseAway
from workbot.storage import outages
from workbot.storage.database import Database, UtcDateTime
from workbot.storage.pubsub import DEAF

# However often it is asked for, so seldom something is written; and so long an answer of the database is waited for.
WRITE_SECONDS = 2.0
ANSWER_SECONDS = 2.0
# A turn that could not be saved is spoken of for so long, unless another could meanwhile.
TROUBLE_SECONDS = 10.0
# About what a turn writes, so that there is room for one where there was room for this.
PROBE_BYTES = 32 * 1024
SILENT = "does not answer in time; check that the server is well"

log = structlog.get_logger(__name__)


class WriteProbe(SQLModel, table=True):
    """One row that is written anew to see whether anything can be."""

    __tablename__ = "write_probe"

    id: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    filler: str = ""


PROBE: Table = WriteProbe.__table__  # type: ignore[attr-defined]


class Readiness:
    """What a process knows of whether its database takes changes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self._written_at = -WRITE_SECONDS
        self._found = ""
        self._writing = asyncio.Lock()

    async def obstacles(self) -> AsyncIterator[str]:
        """Why the database takes no work, in plain words that name no address."""
        why = await self._in_time(self._missing())
        if not why:
            why = await self._cannot_write()
        if why:
            log.warning("readyz.database", reason=why)
            yield f"database: {why}"

    def warnings(self) -> list[str]:
        """What is not as it should be, although work is taken."""
        return [f"database: {DEAF}"] if self.database.pubsub.deaf else []

    async def _missing(self) -> str:
        return await self.database.read(_missing_migrations, once=True)

    async def _cannot_write(self) -> str:
        """Why nothing can be written; tried by one at a time, and for some time found out without trying."""
        async with self._writing:
            if monotonic() - self._written_at >= WRITE_SECONDS:
                self._found = await self._in_time(self._write())
                self._written_at = monotonic()
            return self._found or self.database.trouble(within=TROUBLE_SECONDS)

    async def _write(self) -> str:
        await self.database.run_once(lambda session: write(session, now=self.clock.now()))
        return ""

    async def _in_time(self, asked: Awaitable[str]) -> str:
        try:
            return await asyncio.wait_for(asked, ANSWER_SECONDS)
        except TimeoutError:
            return SILENT
        except DatabaseAway as error:
            return error.reason
        except SQLAlchemyError as error:
            log.warning("readyz.failed", error=type(error).__name__)
            return outages.UNREACHABLE


def write(session: Session, *, now: datetime) -> None:
    """Write the one row."""
    session.connection().execute(update(PROBE).values(at=now, filler=token_hex(PROBE_BYTES // 2)))


def _missing_migrations(session: Session) -> str:
    here, head = migrate.revision(session), migrate.head()
    return "" if here == head else f"at revision {here or 'none'}, needs {head}; run `workbot migrate`"
