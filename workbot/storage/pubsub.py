"""Publish and subscribe: whoever waits, in this process and in every other, is told that something was committed.

A unit of work publishes a topic in its transaction; it is told with the commit, or not at all. Nothing depends on
hearing it: whoever listens also looks by itself from time to time. Where it is never heard, everything is slower than
it need be, so that is found out: what was announced for that alone has to come back.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import psycopg
import structlog
from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from workbot.errors import DatabaseAway
from workbot.storage.engines import parsed, server_arguments

CHANNEL = "workbot"
RETRY_SECONDS = 2.0
# How often it is tried whether we hear at all, and how long that may take.
TRIAL_SECONDS = 60.0
HEARD_SECONDS = 10.0
DEAF = (
    "what other processes announce is not heard here, so messages go out later than they could; "
    "set DATABASE_LISTEN_URL to the address of PostgreSQL itself, past any pooler"
)
NOTIFY = select(func.pg_notify(CHANNEL, bindparam("topic")))

log = structlog.get_logger(__name__)


def publish(session: Session, topic: str) -> None:
    """Tell those who listen for a topic, once this transaction is committed."""
    session.info.setdefault("published", set()).add(topic)


def notify_now(session: Session, *, topic: str) -> None:
    """Announce a topic to all processes at once, this one included, by way of the server."""
    session.connection().execute(NOTIFY, {"topic": topic})


def published(session: Session) -> frozenset[str]:
    """The topics that this session's work has published."""
    return frozenset(session.info.get("published", ()))


def announce(session: Session) -> None:
    """Have PostgreSQL tell the other processes with the commit; an embedded database has no others."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for topic in sorted(published(session)):
        notify_now(session, topic=topic)


class PubSub:
    """Who in this process wants to hear of which topic.

    It is `deaf` when it was last tried in vain to hear what was announced.
    """

    def __init__(self) -> None:
        self.deaf = False
        self._listeners: defaultdict[str, set[Callable[[], None]]] = defaultdict(set)
        self._listening = asyncio.Event()
        # What was announced to see whether it is heard, and that it was.
        self._trial, self._heard = "", asyncio.Event()

    def on(self, topic: str, listener: Callable[[], None]) -> None:
        """Call `listener`, in the event loop, whenever something of a topic was committed."""
        self._listeners[topic].add(listener)

    def notify(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for listener in self._listeners[topic]:
                listener()

    async def listen(self, url: str) -> None:
        """Pass on what other processes announce, for ever, over a connection of its own."""
        while True:
            try:
                await self._listen(url)
            # A standby refuses to listen by an error of another kind than a server that is away.
            except psycopg.Error as error:
                log.warning("pubsub.silent", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                self._listening.clear()

    async def _listen(self, url: str) -> None:
        async with await psycopg.AsyncConnection.connect(**_arguments(url), autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._listening.set()
            # Something may have been announced while nobody was listening.
            self.notify(list(self._listeners))
            async for notice in connection.notifies():
                if notice.payload == self._trial:
                    self._heard.set()
                else:
                    self.notify([notice.payload])

    async def try_hearing(self, announce_now: Callable[[str], Awaitable[None]]) -> None:
        """See from time to time, for ever, whether what `announce_now` tells all processes is heard here."""
        while True:
            with suppress(DatabaseAway):
                is_heard = await self.hears(announce_now)
                if not is_heard and not self.deaf:
                    log.warning("pubsub.deaf", reason=DEAF)
                self.deaf = not is_heard
            await asyncio.sleep(RETRY_SECONDS if self.deaf else TRIAL_SECONDS)

    async def hears(self, announce_now: Callable[[str], Awaitable[None]]) -> bool:
        """Whether something that is announced is heard here, while `listen` is under way; raises DatabaseAway."""
        self._trial = f"trial {uuid4().hex}"
        self._heard.clear()
        try:
            async with asyncio.timeout(HEARD_SECONDS):
                await self._listening.wait()
                await announce_now(self._trial)
                await self._heard.wait()
        except TimeoutError:
            return False
        return True


def _arguments(url: str) -> dict[str, Any]:
    """How psycopg reaches the server of an address."""
    address = parsed(url)
    _, arguments = address.get_dialect()().create_connect_args(address)
    arguments.pop("context", None)
    return {**arguments, **server_arguments(address)}
