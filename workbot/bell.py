"""The bell: tells whoever waits, in this process and in every other, that something of a topic was committed.

A unit of work rings it in its transaction; it sounds with the commit, or not at all. Nothing depends on
hearing it: whoever listens also looks by itself from time to time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable

import psycopg
import structlog
from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import make_url
from sqlmodel import Session

CHANNEL = "workbot"
RETRY_SECONDS = 2.0
NOTIFY = select(func.pg_notify(CHANNEL, bindparam("topic")))

log = structlog.get_logger(__name__)


def ring(session: Session, topic: str) -> None:
    """Tell those who listen for a topic, once this transaction is committed."""
    session.info.setdefault("rung", set()).add(topic)


def rung(session: Session) -> frozenset[str]:
    """The topics that this session's work has rung."""
    return frozenset(session.info.get("rung", ()))


def announce(session: Session) -> None:
    """Have PostgreSQL tell the other processes with the commit; an embedded database has no others."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for topic in sorted(rung(session)):
        session.connection().execute(NOTIFY, {"topic": topic})


class Bell:
    """Who in this process wants to hear of which topic."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Callable[[], None]]] = defaultdict(set)

    def on(self, topic: str, listener: Callable[[], None]) -> None:
        """Call `listener`, in the event loop, whenever something of a topic was committed."""
        self._listeners[topic].add(listener)

    def sound(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for listener in self._listeners[topic]:
                listener()

    async def listen(self, url: str) -> None:
        """Pass on what other processes announce, for ever, over a connection of its own."""
        while True:
            try:
                await self._listen(_address(url))
            except psycopg.OperationalError as error:
                log.warning("bell.silent", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self, address: str) -> None:
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            # Something may have been announced while nobody was listening.
            self.sound(list(self._listeners))
            async for notice in connection.notifies():
                self.sound([notice.payload])


def _address(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
