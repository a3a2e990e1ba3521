"""Who is looking, and when there is something new for them, whichever process wrote it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import anyio
import structlog

from integrations.web.conversations import TOPIC, changed
from workbot.errors import DatabaseAway
from workbot.people import SIGNED_OUT
from workbot.storage.database import Database

LOOK_SECONDS = 1.0
# How long a page may stay quiet before its viewer's right to look is asked about again.
QUIET_SECONDS = 60.0

log = structlog.get_logger(__name__)


class Live:
    """One per process: looks at the database once for all who wait, and only while somebody does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._seen = 0
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._wake = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._closed = False
        database.pubsub.on(TOPIC, self.wake)
        database.pubsub.on(SIGNED_OUT, self.wake_all)

    def wake(self) -> None:
        """Look at once: something was written, here or in another process."""
        self._wake.set()

    def wake_all(self) -> None:
        """Have every page asked about again: somebody may look no more."""
        for waiting in self._waiting.values():
            for event in waiting:
                event.set()

    async def changes(self, address: str, leaving: anyio.Event) -> AsyncIterator[None]:
        """Yield at once, then whenever a conversation changes or has long been quiet, until the app closes.

        `leaving` is set when the server is told to stop: then the stream ends by itself, in order.
        """
        changed_here = asyncio.Event()
        changed_here.set()
        self._waiting[address].add(changed_here)
        farewell = asyncio.create_task(_wake_on(leaving, changed_here))
        try:
            await self._start()
            while not self._closed and not leaving.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed_here.wait(), QUIET_SECONDS)
                changed_here.clear()
                if not self._closed and not leaving.is_set():
                    yield
        finally:
            farewell.cancel()
            self._leave(address, changed_here)

    async def close(self) -> None:
        """Let everyone go who waits."""
        self._closed = True
        self.wake_all()
        if self._looking:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def _start(self) -> None:
        async with self._starting:
            if self._looking is None:
                # What was written before somebody first looks, they read by themselves.
                _, self._seen = await self.database.read(partial(changed, after=self._seen))
                self._looking = asyncio.create_task(self._look(), name="chat-live")

    async def _look(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
            self._wake.clear()
            if self._waiting:
                await self._announce()

    async def _announce(self) -> None:
        try:
            addresses, self._seen = await self.database.read(partial(changed, after=self._seen))
        except DatabaseAway as error:
            log.warning("chat.cannot_look", reason=error.reason)
            return
        for address in addresses:
            for event in self._waiting.get(address, ()):
                event.set()

    def _leave(self, address: str, event: asyncio.Event) -> None:
        self._waiting[address].discard(event)
        if not self._waiting[address]:
            del self._waiting[address]


async def _wake_on(leaving: anyio.Event, waiting: asyncio.Event) -> None:
    await leaving.wait()
    waiting.set()
