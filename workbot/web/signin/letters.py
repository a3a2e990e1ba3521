"""Letters with links, on their way to a mail server that may be slow: of all that wait for one person one goes, the
newest, in the place of the first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import structlog

from workbot.errors import DeliveryError
from workbot.platforms import Mail, Mailer

# A letter is kept nowhere: for so long it waits for its turn, and is tried again when we were too fast, after pauses.
PATIENCE_SECONDS = 60.0
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)

# Writes a letter when its turn has come; the other is told of the link in one that certainly did not go.
Write = Callable[[], Awaitable["Written | None"]]
Undo = Callable[[str], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """A letter with the token of the link in it."""

    letter: Mail
    token: str


class Queue:
    """Who waits for a letter in one event loop, and how to write it."""

    def __init__(self, at_once: int) -> None:
        self.waiting: dict[str, Write] = {}
        self.turn = asyncio.Semaphore(at_once)


class Letters:
    """Sends letters, as many at once as the mail server is to have."""

    def __init__(self) -> None:
        self._queues: WeakKeyDictionary[asyncio.AbstractEventLoop, Queue] = WeakKeyDictionary()

    async def send(self, mailer: Mailer, to: str, write: Write, undo: Undo) -> None:
        """Have a letter written and sent; what waits for the same person already is not."""
        queue = self._queue(mailer)
        queue.waiting[to] = write
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._in_turn(queue, mailer, to, undo)
        except TimeoutError:
            queue.waiting.pop(to, None)
            log.warning("signin.letter_took_too_long")

    def _queue(self, mailer: Mailer) -> Queue:
        loop = asyncio.get_running_loop()
        if loop not in self._queues:
            self._queues[loop] = Queue(max(1, getattr(mailer, "letters_at_once", 1)))
        return self._queues[loop]

    async def _in_turn(self, queue: Queue, mailer: Mailer, to: str, undo: Undo) -> None:
        for pause in (*PAUSES, None):
            async with queue.turn:
                write = queue.waiting.pop(to, None)
                if write is None or await _is_settled(mailer, write, undo, is_last=pause is None):
                    return
                queue.waiting.setdefault(to, write)
            if pause is not None:
                await asyncio.sleep(pause)


async def _is_settled(mailer: Mailer, write: Write, undo: Undo, *, is_last: bool) -> bool:
    """Write a letter and send it; whether that is all that can be done for it."""
    written = await write()
    if written is None:
        return True
    try:
        await mailer.post(written.letter)
    except DeliveryError as error:
        log.warning("signin.letter_refused", reason=error.reason)
        if not error.doubtful:
            await undo(written.token)
        return is_last or not error.throttled
    return True
