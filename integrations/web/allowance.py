"""How much one person may ask of a process: so many turns a minute, so many pages that are live at the same time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from workbot.errors import TooMuch

MINUTE = 60.0
# Nobody reads so many pages at once; a browser by itself keeps no more than six of them live.
LIVE_PAGES = 20
# When so many are remembered, those who have their whole allowance again are forgotten.
REMEMBERED = 5000


class Allowance:
    """Turns that people may still take: `per_minute` at once, and as many again within a minute; 0 is without limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self.clock = clock
        self._left: dict[UUID, tuple[float, float]] = {}

    def take(self, person: UUID) -> None:
        """Use one up; raises TooMuch when there is none."""
        if not self.per_minute:
            return
        now = self.clock()
        left = self._now(person, now)
        if left < 1:
            wait = (1 - left) * MINUTE / self.per_minute
            raise TooMuch(
                "That was a lot in a short time. Please wait a moment, then send it again.",
                after=timedelta(seconds=wait),
            )
        self._left[person] = (left - 1, now)
        if len(self._left) > REMEMBERED:
            self._left = {each: kept for each, kept in self._left.items() if self._now(each, now) < self.per_minute}

    def _now(self, person: UUID, now: float) -> float:
        left, seen_at = self._left.get(person, (float(self.per_minute), now))
        return min(self.per_minute, left + (now - seen_at) * self.per_minute / MINUTE)


class LivePages:
    """Pages that are live now, by who looks at them."""

    def __init__(self, most: int = LIVE_PAGES) -> None:
        self.most = most
        self._open: Counter[UUID] = Counter()

    def admit(self, person: UUID) -> None:
        """Raises TooMuch when the person has as many open as anybody may."""
        if self._open[person] >= self.most:
            raise TooMuch(
                "You have this open in many windows. Close some of them, and load this page again.",
                after=timedelta(seconds=MINUTE),
            )

    @contextmanager
    def one(self, person: UUID) -> Iterator[None]:
        """Count a page for as long as it is live."""
        self._open[person] += 1
        try:
            yield
        finally:
            self._open[person] -= 1
            if not self._open[person]:
                del self._open[person]
