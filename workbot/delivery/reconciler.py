"""Doubts: messages whose process died, or whose answer was lost, on their way: were they taken?

Where a platform can be asked, it is; where it takes a message once, or changes what is there, trying again settles
it; otherwise the kind of message says whether twice is better than never, or else a person does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog
from sqlalchemy import update
from sqlmodel import Session, col, select

from workbot.cards import load
from workbot.clock import Clock
from workbot.delivery.models import Message, State, is_in
from workbot.delivery.outcomes import try_again
from workbot.delivery.routing import Target, earlier
from workbot.delivery.throttling import Outcome
from workbot.errors import DeliveryError
from workbot.platforms import Lookup, Outgoing, Platform
from workbot.storage.database import Database

LOOK_SECONDS = 5.0
# A step of the database's clock against ours that is no drift.
JUMP_SECONDS = 10.0
AT_ONCE = 256
DIED = "the process ended while it was being sent"

log = structlog.get_logger(__name__)


class Reconciler:
    """Takes back what dead processes held, and finds out what became of it. A lease lasts for `lease`."""

    def __init__(
        self, database: Database, platforms: Mapping[str, Platform], clock: Clock, *, lease: timedelta
    ) -> None:
        self.database = database
        self.platforms = platforms
        self.clock = clock
        self.lease = lease
        # What the database's clock and ours said at the last look, and from when on the former is believed.
        self._looked_at: tuple[datetime, float] | None = None
        self._trusts_clock_at = 0.0

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        while True:
            try:
                await self.reconcile()
            except Exception:
                log.exception("reconciler.failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def reconcile(self) -> None:
        """Settle all that can be settled now."""
        await self.database.run(self._expire)
        while asked := await self.database.run(partial(in_doubt, platforms=self.platforms, now=self.clock.now())):
            looks = await asyncio.gather(*(self._look(row, outgoing) for row, outgoing in asked))
            found = {row.id or 0: where for (row, _outgoing), where in zip(asked, looks, strict=True)}
            if not await self.database.run(partial(reconcile, found=found, now=self.clock.now())):
                # Whoever cannot be asked now is asked again in a while.
                return

    async def _look(self, row: Message, outgoing: Outgoing) -> str | DeliveryError | None:
        """Where a platform has a message, None if it never came, or why it cannot say."""
        platform = self.platforms[row.platform]
        if not isinstance(platform, Lookup):
            return DeliveryError("this platform cannot be asked")
        try:
            return await platform.find(outgoing)
        except DeliveryError as error:
            log.warning("message.cannot_look", message=row.id, trace=row.trace, reason=error.reason)
            return error

    def _expire(self, session: Session) -> int:
        db_now, at = self.database.now(session), monotonic()
        before, before_at = self._looked_at or (db_now, at)
        jump = (db_now - before).total_seconds() - (at - before_at)
        self._looked_at = db_now, at
        if abs(jump) > JUMP_SECONDS:
            # The clock was set: leases look over that are not, until their processes have had their time.
            log.warning("reconciler.clock_was_set", seconds=round(jump))
            self._trusts_clock_at = at + self.lease.total_seconds()
        return expire_leases(session, db_now=db_now) if at >= self._trusts_clock_at else 0


def expire_leases(session: Session, *, db_now: datetime | None) -> int:
    """What a dead or paused process had under way is in doubt from now on; how many there were.

    `db_now` is the moment up to which leases have run out; None takes them all, which is right when an
    embedded database has just been opened by its only process.
    """
    expired = update(Message).where(is_in(State.SENDING))
    if db_now is not None:
        expired = expired.where(col(Message.lease_until) < db_now)
    values = {"state": State.UNKNOWN.value, "claimed_by": "", "reason": DIED}
    count: int = session.execute(expired.values(values)).rowcount  # type: ignore[attr-defined]
    if count:
        log.warning("reconciler.leases_expired", messages=count)
    return count


def in_doubt(session: Session, platforms: Mapping[str, Platform], *, now: datetime) -> list[tuple[Message, Outgoing]]:
    """Settle the doubts that need nobody's word, and return those for which the platform can be asked.

    Sending again is harmless where the platform takes a message once, or where it changes a message that is there.
    """
    asked: list[Message] = []
    found = select(Message).where(is_in(State.UNKNOWN), col(Message.lease_until).is_not(None))
    for row in session.exec(found.order_by(col(Message.lease_until)).limit(AT_ONCE)).all():
        platform = platforms.get(row.platform)
        if platform is None or platform.takes_once or row.is_update:
            _again(row, now)
        elif isinstance(platform, Lookup):
            asked.append(row)
        else:
            _by_kind(row, now)
    targets = {row.id or 0: Target(row.platform, "", row.address) for row in asked}
    above = earlier(session, asked, targets)
    return [(row, _outgoing(row, above.get((row.recipient, row.thread), ""))) for row in asked]


def _outgoing(row: Message, thread: str) -> Outgoing:
    """What a message in doubt was sent as."""
    return Outgoing(row.key, row.address, load(row.card), row.locale, thread=thread)


def reconcile(session: Session, found: Mapping[int, Outcome], *, now: datetime) -> int:
    """Write down what platforms said of messages in doubt: where they are, or that they never came; how many.

    Those of which a platform could not say anything stay in doubt, behind the others.
    """
    settled = 0
    rows = select(Message).where(col(Message.id).in_(found), is_in(State.UNKNOWN)).order_by(col(Message.id))
    for row in session.exec(rows.with_for_update()).all():
        where = found[row.id or 0]
        if isinstance(where, DeliveryError):
            row.lease_until = now
            continue
        settled += 1
        if where:
            row.state, row.reference, row.reason, row.sent_at = State.SENT, where, "", now
        else:
            try_again(row, now, timedelta())
    return settled


def _again(row: Message, now: datetime) -> None:
    """Send it once more: at once where we were interrupted, else after a pause, as what was refused."""
    try_again(row, now, timedelta() if row.reason == DIED else None)


def _by_kind(row: Message, now: datetime) -> None:
    """Nobody can tell: the kind of message says whether twice is better than never, or else a person does."""
    if row.resend_on_doubt:
        _again(row, now)
    else:
        row.lease_until = None
        log.warning("message.in_doubt", message=row.id, trace=row.trace, platform=row.platform)
