"""Moving the demo forward in time, in the background, with progress that can be asked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from workbot.app import App
from workbot.demo.clock import DemoClock

SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


@dataclass(frozen=True)
class Journey:
    start: datetime
    end: datetime
    task: asyncio.Task[None]


class Travel:
    """At most one journey through time is under way."""

    def __init__(self, app: App, clock: DemoClock) -> None:
        self.app = app
        self.clock = clock
        self._journey: Journey | None = None

    @property
    def is_under_way(self) -> bool:
        return self._journey is not None and not self._journey.task.done()

    @property
    def share_done(self) -> float:
        """How far the present journey has come, from 0 to 1."""
        if self._journey is None or self._journey.task.done():
            return 1.0
        whole = (self._journey.end - self._journey.start).total_seconds()
        return min(1.0, max(0.0, (self.clock.now() - self._journey.start).total_seconds() / whole))

    def set_out(self, span: timedelta) -> None:
        """Begin to move forward; while a journey is under way, this does nothing."""
        if self.is_under_way:
            return
        start = self.clock.now()
        task = asyncio.create_task(self.app.run_until(self.clock, start + span), name="travel")
        self._journey = Journey(start, start + span, task)
