"""The sender: sends what is due, lane by lane, and writes down what became of it.

One per process; any number share a database. A lane (see `lanes`) is claimed in chunks (see `claiming`), at a pace that
all processes share (see `governor`), sent (see `sending`), and what became of it is written in the transaction
that claims the next (see `outcomes`); what is in doubt is looked after beside (see `reconciler`).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from uuid import uuid4

import structlog
from sqlmodel import Session

from workbot.clock import Clock, SystemClock
from workbot.delivery import lanes
from workbot.delivery.claiming import Claim, Claimed
from workbot.delivery.models import UNROUTED
from workbot.delivery.outcomes import Report
from workbot.delivery.reconciler import Reconciler, expire_leases
from workbot.delivery.sending import Sending, Tasks, keep
from workbot.delivery.service import TOPIC
from workbot.delivery.throttling import topic
from workbot.errors import DatabaseAway
from workbot.platforms import Platform
from workbot.storage.database import Database

# How many messages of a lane a process has under way: so many at once, and so many such chunks.
CHUNK = 512
CHUNKS = 2
# So many of a lane with limits are looked at, unless none of them could go.
FEWEST = 32
LEASE = timedelta(seconds=60)
# How far ahead of their time messages of a lane with a pace are claimed: their slots are kept by waiting.
AHEAD = timedelta(seconds=0.5)
IDLE_SECONDS = 1.0
# How long what is under way may take to end when the process is told to stop.
FAREWELL_SECONDS = 15.0
A_DAY = 6

log = structlog.get_logger(__name__)


class OutboxSender:
    """Serves every lane in which something is due, each at its own pace."""

    def __init__(
        self, database: Database, platforms: Mapping[str, Platform], clock: Clock, *, a_day: int = A_DAY
    ) -> None:
        self.name = uuid4().hex
        self.database = database
        self.platforms = platforms
        self.clock = clock
        # How many messages that could wait a person gets in a day.
        self.a_day = a_day
        self._wake = asyncio.Event()
        self._chunks: defaultdict[str, Tasks] = defaultdict(set)
        self._sending = Sending(platforms, self.name, lease=LEASE, report_late=self._report_late)
        self._resting: dict[str, float] = {}
        self.reconciler = Reconciler(database, platforms, clock, lease=LEASE)
        # Whether more had no lane than is looked at in one go, when that was, and whether something was queued since.
        self._has_backlog = False
        self._routed_at = 0.0
        self._is_told = False
        self._leaving = False
        # Whoever asks for a round while one is under way gets the next: `settle` must see it finished.
        self._one = asyncio.Lock()
        database.pubsub.on(TOPIC, self.wake)

    def wake(self) -> None:
        """Look at once: something was queued."""
        self._is_told = True
        self._wake.set()

    async def run(self) -> None:
        """Send what is due, until told to leave."""
        if self.database.embedded:
            await self.database.run(partial(expire_leases, db_now=None))
        settling = asyncio.create_task(self.reconciler.run(), name="sender-reconciler")
        try:
            while not self._leaving:
                self._wake.clear()
                try:
                    seconds = await self._serve_lanes()
                except DatabaseAway as error:
                    log.warning("sender.waits", reason=error.reason)
                    seconds = IDLE_SECONDS
                except Exception:
                    log.exception("sender.failed")
                    seconds = IDLE_SECONDS
                await self._rest(seconds)
        finally:
            settling.cancel()
            # Whoever leaves waits for what is under way.
            if not self._leaving:
                self._abandon()

    async def shutdown(self) -> None:
        """Take nothing more, and finish what is under way."""
        self._leaving = True
        self.wake()
        gives_up_at = monotonic() + FAREWELL_SECONDS
        # A chunk that ends may leave its slow calls to a task of their own.
        while (under_way := self._under_way()) and (seconds := gives_up_at - monotonic()) > 0:
            await asyncio.wait(under_way, timeout=seconds)
        self._abandon()

    async def round(self) -> bool:
        """Send one chunk of every lane in which something is due; whether there was any."""
        async with self._one:
            await self.reconciler.reconcile()
            routed = await self._route()
            busy = await self.database.read(partial(lanes.busy, now=self.clock.now()))
            sent = [await self._one_chunk(lane) for lane in busy if lane != UNROUTED]
            # What a slow call came to is part of the round.
            while under_way := self._under_way():
                await asyncio.wait(under_way)
            return bool(routed) or any(sent)

    async def next_due(self) -> datetime | None:
        """When the next message can go."""
        return await self.database.read(partial(lanes.next_due, platforms=self.platforms, rate_now=self.clock.now()))

    async def _serve_lanes(self) -> float:
        """See that every lane in which something is due is served; in how many seconds to look again."""
        soonest = IDLE_SECONDS
        busy = await self.database.read(partial(lanes.busy, now=self.clock.now()))
        self._has_backlog &= UNROUTED in busy
        for lane in busy:
            wait = self._resting.get(lane, 0.0) - monotonic()
            if lane == UNROUTED:
                soonest = min(soonest, await self._find_lanes())
            elif wait > 0:
                soonest = min(soonest, wait)
            else:
                self._start(lane)
        return soonest

    async def _find_lanes(self) -> float:
        """Find the lanes of what has none, the most urgent first; in how many seconds to do that again.

        Where there is much of it, lanes without limits find them as they go (see `Claim.finds_lanes`). Something new
        may be urgent, and the other lanes are to have something to do: that is seen to beside.
        """
        is_helped = self._has_backlog and any(chunks and self._is_free(lane) for lane, chunks in self._chunks.items())
        wait = self._routed_at + IDLE_SECONDS - monotonic()
        if is_helped and wait > 0 and not self._is_told:
            return wait
        self._is_told, self._routed_at = False, monotonic()
        looked_at = await self._route()
        self._has_backlog = looked_at == lanes.ROUTED_AT_ONCE
        # Those lanes have something to do now; or another process was at it.
        return 0.0 if looked_at else IDLE_SECONDS

    def _start(self, lane: str) -> None:
        """Have one more chunk of a lane under way, if there may be one."""
        if lane not in self._chunks:
            # Other processes send there too: what one hears of a refusal is meant for all.
            self.database.pubsub.on(topic(lane), partial(self._sending.lane_refused, lane))
        chunks = self._chunks[lane]
        if self._platform(lane) and len(chunks) < CHUNKS and not self._leaving:
            keep(chunks, asyncio.create_task(self._send_chunks(lane), name=f"sender-{lane}"))

    async def _send_chunks(self, lane: str) -> None:
        """Send a lane's messages, chunk after chunk, until it is empty or has to rest.

        What became of one chunk is written in the transaction that claims the next.
        """
        report: Report | None = None
        fewest = FEWEST
        try:
            while True:
                most = self._most(lane)
                turn_over = partial(self._turn_over, lane=lane, most=most, fewest=fewest, report=report)
                claimed = await self.database.run(turn_over)
                report = None
                self._resting[lane] = monotonic() + claimed.rest
                if not claimed.changed:
                    return
                if claimed.rerouted:
                    self._wake.set()
                if len(claimed.attempts) == most:
                    self._start(lane)
                fewest = FEWEST if claimed.attempts else CHUNK
                report = await self._sending.send(lane, claimed) if claimed.attempts else None
        except DatabaseAway as error:
            # What could not be claimed is not sent.
            log.warning("sender.waits", lane=lane, reason=error.reason)
            self._resting[lane] = monotonic() + IDLE_SECONDS
            if report is not None:
                await self._insist(report)
        except Exception:
            log.exception("sender.chunk_failed", lane=lane)
            self._resting[lane] = monotonic() + IDLE_SECONDS
            if report is not None:
                await self._insist(report)

    async def _insist(self, report: Report) -> None:
        """Write down what became of a chunk although the database was away; until the lease ends that is worth it."""
        gives_up_at = monotonic() + LEASE.total_seconds()
        while monotonic() < gives_up_at:
            await asyncio.sleep(IDLE_SECONDS)
            try:
                await self.database.run(partial(self._write, report=report))
            except DatabaseAway as error:
                log.warning("sender.cannot_write", lane=report.lane, reason=error.reason)
            else:
                return

    async def _report_late(self, report: Report) -> None:
        """Write down what became of calls that their chunk did not wait for."""
        try:
            await self.database.run(partial(self._write, report=report))
        except DatabaseAway:
            await self._insist(report)
        # There may be room for more.
        self._wake.set()

    def _most(self, lane: str) -> int:
        """How many messages the next chunk may have: a platform that answers nobody is not asked more and more."""
        return max(0, CHUNK - self._sending.slow(lane))

    async def _one_chunk(self, lane: str) -> bool:
        if not self._platform(lane):
            return False
        claimed = await self.database.run(partial(self._turn_over, lane=lane, most=CHUNK, fewest=CHUNK, report=None))
        if claimed.attempts:
            report = await self._sending.send(lane, claimed)
            await self.database.run(partial(self._write, report=report))
        return claimed.changed

    def _turn_over(self, session: Session, *, lane: str, most: int, fewest: int, report: Report | None) -> Claimed:
        """Write down what became of the last chunk and claim the next, in one transaction."""
        if report is not None:
            self._write(session, report=report)
        if self._leaving:
            return Claimed([], monotonic())
        now, db_now, at = self.clock.now(), self.database.now(session), monotonic()
        rate_now = self._rate_now(now, db_now)
        claim = Claim(
            lane,
            self.platforms,
            claimed_by=self.name,
            most=most,
            fewest=fewest,
            a_day=self.a_day,
            now=now,
            rate_now=rate_now,
            at=at,
            # Where time is made up, nobody can wait for a slot.
            ahead=AHEAD if isinstance(self.clock, SystemClock) else timedelta(),
            lease_until=db_now + LEASE,
            finds_lanes=self._has_backlog and self._is_free(lane),
        )
        return claim.take(session)

    def _write(self, session: Session, *, report: Report) -> None:
        now, db_now = self.clock.now(), self.database.now(session)
        if report.refused:
            self._sending.lane_refused(report.lane)
        platform = self._platform(report.lane)
        is_real = isinstance(self.clock, SystemClock)
        report.write(
            session,
            now=now,
            rate_now=self._rate_now(now, db_now),
            db_now=db_now,
            limits=platform.limits if platform else None,
            at=monotonic() if is_real else None,
        )

    def _rate_now(self, now: datetime, db_now: datetime) -> datetime:
        """The governor's time: the database's, or where time is made up, that."""
        return db_now if isinstance(self.clock, SystemClock) else now

    async def _route(self) -> int:
        return await self.database.run(partial(lanes.route, platforms=self.platforms, now=self.clock.now()))

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    def _platform(self, lane: str) -> Platform | None:
        return self.platforms.get(lanes.platform_of(lane))

    def _is_free(self, lane: str) -> bool:
        platform = self._platform(lane)
        return platform is not None and platform.limits.leave_free

    def _abandon(self) -> None:
        """Leave what is under way to its lease."""
        for chunk in self._under_way():
            chunk.cancel()

    def _under_way(self) -> Tasks:
        return self._sending.tasks.union(*self._chunks.values())
