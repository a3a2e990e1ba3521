"""What is said right after a platform has its answer: a courtesy, which whoever stops us waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from workbot.errors import DeliveryError, WorkbotError

FAREWELL_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Background:
    """Work that goes on beside what a platform is answered; what becomes of it is logged under the platform's name.

    `foreign` are the errors by which the platform refuses, `word` is its own word for one.
    """

    def __init__(
        self, platform: str, foreign: tuple[type[BaseException], ...], word: Callable[[BaseException], str]
    ) -> None:
        self.platform = platform
        self.expected: tuple[type[BaseException], ...] = (*foreign, WorkbotError)
        self.word = word
        self._under_way: set[asyncio.Task[None]] = set()

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something once the platform has its answer."""
        task = asyncio.create_task(self._safely(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Let what is being said be finished."""
        loop = asyncio.get_running_loop()
        gives_up_at = loop.time() + FAREWELL_SECONDS
        while self._under_way and (seconds := gives_up_at - loop.time()) > 0:
            await asyncio.wait(self._under_way, timeout=seconds)

    async def _safely(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except DeliveryError as error:
            log.warning(f"{self.platform}.reply_lost", reason=error.reason)
        except self.expected as error:
            log.warning(f"{self.platform}.reply_lost", reason=self.word(error))
        except Exception:
            log.exception(f"{self.platform}.reply_failed")
