"""Sending: the calls to a platform, each message in its slot, and what became of them.

Who takes long does not hold up what is known of the others.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

import structlog

from workbot.delivery.claiming import Attempt, Claimed
from workbot.delivery.outcomes import Report
from workbot.delivery.throttling import Outcome
from workbot.errors import DeliveryError
from workbot.platforms import Platform

# A call that has not ended by then is given up before its lease is.
CALL_SECONDS = 30.0
# Who has not answered by then does not hold up what is known of the others; nor, where the platform takes only a few at
# once, what could go in their place.
SLOW_SECONDS = 1.0
SLOW_OF_FEW_SECONDS = 0.05
# From claim to first slot, for the commit; and how late a slot is still kept: later ones would crowd the next.
LEAD_SECONDS = 0.05
LATE_SECONDS = 0.05
UNANSWERED = "the platform did not answer in time"

log = structlog.get_logger(__name__)

Tasks = set[asyncio.Task[None]]


class Sending:
    """The calls of one process, which has its messages for a `lease`.

    `report_late` is given what became of those that were left to a task of their own, among `tasks` until that is done.
    """

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        claimed_by: str,
        *,
        lease: timedelta,
        report_late: Callable[[Report], Coroutine[Any, Any, None]],
    ) -> None:
        self.platforms = platforms
        self.claimed_by = claimed_by
        self.lease = lease
        self.tasks: Tasks = set()
        self._report_late = report_late
        # How many calls of a lane have been left to such tasks, and have not ended.
        self._slow: Counter[str] = Counter()
        # When a lane last refused, or when that was heard: what was claimed before is given back untried, at once.
        self._refused: dict[str, float] = {}
        self._hears: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        # When calls began and ended, of those that are not yet reported.
        self._spans: dict[int, tuple[float, float]] = {}

    def slow(self, lane: str) -> int:
        """How many messages of a lane have been on their way for long."""
        return self._slow[lane]

    def lane_refused(self, lane: str) -> None:
        """Give back untried what was claimed from a lane until now."""
        self._refused[lane] = monotonic()
        # Whoever waits for their slot need not any more.
        for is_refused in self._hears[lane]:
            is_refused.set()

    async def send(self, lane: str, claimed: Claimed) -> Report:
        """Send a chunk; what is slow is reported later."""
        is_refused = asyncio.Event()
        calls = {
            asyncio.create_task(self._deliver_in_time(lane, attempt, claimed.at, is_refused)): attempt
            for attempt in claimed.attempts
        }
        few = bool(self.platforms[claimed.attempts[0].platform].limits.at_once)
        self._hears[lane].add(is_refused)
        try:
            done, slow = await asyncio.wait(calls, timeout=SLOW_OF_FEW_SECONDS if few else SLOW_SECONDS)
        finally:
            self._hears[lane].discard(is_refused)
        if slow:
            self._slow[lane] += len(slow)
            for call in slow:
                call.add_done_callback(partial(self._arrived, lane))
            keep(self.tasks, asyncio.create_task(self._await(lane, {call: calls[call] for call in slow})))
        return self._report(lane, [(calls[call], call.result()) for call in calls if call in done])

    def _arrived(self, lane: str, _call: asyncio.Task[Outcome]) -> None:
        self._slow[lane] -= 1

    async def _await(self, lane: str, calls: dict[asyncio.Task[Outcome], Attempt]) -> None:
        """Report late calls as they end, and give up those that do not."""
        gives_up_at = monotonic() + CALL_SECONDS - SLOW_SECONDS
        pending = set(calls)
        while pending:
            seconds = max(0.0, gives_up_at - monotonic())
            done, pending = await asyncio.wait(pending, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            became = [(calls[call], call.result()) for call in done]
            if not done:
                became = [(calls[call], DeliveryError(UNANSWERED, doubtful=True)) for call in pending]
                for call in pending:
                    call.cancel()
                pending = set()
            await self._report_late(self._report(lane, became))

    def _report(self, lane: str, became: list[tuple[Attempt, Outcome]]) -> Report:
        spans = {attempt.id: self._spans.pop(attempt.id) for attempt, _outcome in became if attempt.id in self._spans}
        report = Report(lane, self.claimed_by, became, spans)
        _log_sent(report)
        return report

    async def _deliver_in_time(
        self, lane: str, attempt: Attempt, claimed_at: float, is_refused: asyncio.Event
    ) -> Outcome:
        """Deliver a message in its slot; None when that is over, or the lane has refused another meanwhile."""
        late_at = claimed_at + self.lease.total_seconds() - CALL_SECONDS
        if attempt.slot is not None:
            slot = claimed_at + LEAD_SECONDS + attempt.slot
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, slot - monotonic())):
                    await is_refused.wait()
            late_at = slot + LATE_SECONDS
        # A process that was held up since it claimed this has lost it by now, or would crowd the lane.
        if monotonic() > late_at or claimed_at <= self._refused.get(lane, 0.0):
            return None
        began = monotonic()
        outcome = await self._deliver(attempt)
        self._spans[attempt.id] = began, monotonic()
        if isinstance(outcome, DeliveryError) and outcome.throttled:
            self.lane_refused(lane)
        return outcome

    async def _deliver(self, attempt: Attempt) -> Outcome:
        try:
            return await self.platforms[attempt.platform].deliver(attempt.outgoing)
        except DeliveryError as error:
            return error
        except Exception as error:
            log.exception("sender.adapter_failed", message=attempt.id, trace=attempt.trace, platform=attempt.platform)
            return DeliveryError(f"{type(error).__name__} in the {attempt.platform} adapter", doubtful=True)


def keep(tasks: Tasks, task: asyncio.Task[None]) -> None:
    """Hold on to a task until it is done: the event loop does not."""
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def _log_sent(report: Report) -> None:
    """One line for a chunk: the messages by the name that the logs gave to the turn or job they came from."""
    sent: defaultdict[str, list[int]] = defaultdict(list)
    for attempt, outcome in report.done:
        if isinstance(outcome, str):
            sent[attempt.trace].append(attempt.id)
    if sent:
        log.info("messages.sent", lane=report.lane, sent=dict(sent))
