"""The courier: claims due messages under a lease, sends them, and writes down what became of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy import func, update
from sqlmodel import Session, col, or_, select

from workbot.cards import load
from workbot.clock import Clock, SystemClock
from workbot.db import Database
from workbot.delivery.models import Message, State
from workbot.errors import DeliveryError
from workbot.people import Account, Person, Place
from workbot.people.calendar import working_time
from workbot.people.service import accounts, unreachable
from workbot.platforms import Parcel, Platform

BATCH = 64
AT_ONCE = 8
LEASE = timedelta(seconds=60)
IDLE_SECONDS = 1.0
MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)

SENT = Counter("workbot_messages_total", "Messages by what became of them", ("platform", "outcome"))
AGE = Histogram("workbot_message_age_seconds", "From due to sent", buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 3600))

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Errand:
    """A message under way: its row, where it goes, and through whom."""

    id: int
    platform: str
    parcel: Parcel
    account: Account | None
    due_at: datetime


class Courier:
    """One per process; any number may share a database, each under its own name."""

    def __init__(self, database: Database, platforms: Mapping[str, Platform], clock: Clock) -> None:
        self.name = uuid4().hex
        self.database = database
        self.platforms = platforms
        self.clock = clock
        # Leases are between machines: they run on real time even where a demo moves the clock.
        self.wall = SystemClock()
        self._wake = asyncio.Event()
        # Whoever asks for a round while one is under way gets the next: `settle` must see it finished.
        self._one = asyncio.Lock()

    def wake(self) -> None:
        """Look at once: something was queued."""
        self._wake.set()

    async def run(self) -> None:
        """Send what is due, for ever."""
        if self.database.embedded:
            await self.database.run(partial(release, platforms=self.platforms, before=None))
        while True:
            self._wake.clear()
            try:
                busy = await self.round()
            except Exception:
                log.exception("courier.round_failed")
                busy = False
            if not busy:
                await self._rest()

    async def round(self) -> bool:
        """Claim and send one batch; whether there was any."""
        async with self._one:
            return await self._round()

    async def _round(self) -> bool:
        await self.database.run(partial(release, platforms=self.platforms, before=self.wall.now()))
        lanes = await self.database.run(self._claim)
        # One message of a lane at a time, several lanes side by side.
        depth = max((len(lane) for lane in lanes), default=0)
        for position in range(depth):
            heads = [lane[position] for lane in lanes if position < len(lane)]
            for start in range(0, len(heads), AT_ONCE):
                await self._send(heads[start : start + AT_ONCE])
        return bool(lanes)

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
        except TimeoutError:
            return

    def _claim(self, session: Session) -> list[list[int]]:
        """Take due rows for this process; their ids by lane, in order."""
        now = self.clock.now()
        rows = session.exec(due(now).limit(BATCH).with_for_update(skip_locked=True)).all()
        lanes: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            row.state, row.claimed_by, row.lease_until = State.CLAIMED, self.name, self.wall.now() + LEASE
            lanes[row.lane].append(row.id or 0)
        return list(lanes.values())

    async def _send(self, ids: Sequence[int]) -> None:
        errands = await self.database.run(partial(self._prepare, ids=ids))
        outcomes = await asyncio.gather(*(self._deliver(errand) for errand in errands))
        if errands:
            await self.database.run(partial(self._record, done=list(zip(errands, outcomes, strict=True))))

    def _prepare(self, session: Session, *, ids: Sequence[int]) -> list[Errand]:
        """Decide where each message goes and mark it `sending`, before anything leaves the house."""
        now = self.clock.now()
        rows = session.exec(
            select(Message).where(col(Message.id).in_(ids), *self._mine(State.CLAIMED)).order_by(col(Message.id))
        )
        return [errand for row in rows.all() if (errand := self._errand(session, row, now))]

    def _errand(self, session: Session, row: Message, now: datetime) -> Errand | None:
        if row.expires_at and row.expires_at <= now:
            _stop(row, State.WITHDRAWN, "expired")
            return None
        if row.person_id and not self._may_disturb(session, row, now):
            return None
        target = self._target(session, row)
        if target is None:
            _stop(row, State.FAILED, "no platform reaches them")
            return None

        row.platform, row.address, account = target
        row.state, row.attempts = State.SENDING, row.attempts + 1
        row.lease_until = self.wall.now() + LEASE
        return Errand(row.id or 0, row.platform, _parcel(session, row), account, row.due_at)

    def _may_disturb(self, session: Session, row: Message, now: datetime) -> bool:
        """Whether a person may have it now; if not, it is withdrawn or put off here."""
        person = session.get(Person, row.person_id)
        if person is None or not person.active:
            _stop(row, State.WITHDRAWN, "left")
            return False
        if row.working_hours and (moment := working_time(session, person).next_moment(now)) > now:
            row.state, row.due_at, row.claimed_by = State.QUEUED, moment, ""
            return False
        return True

    def _target(self, session: Session, row: Message) -> tuple[str, str, Account | None] | None:
        if row.place_id:
            place = session.get(Place, row.place_id)
            return (place.platform, place.address, None) if place and place.platform in self.platforms else None

        person = session.get(Person, row.person_id)
        assert person is not None
        for account in accounts(session, person):
            wanted = row.only_platform in ("", account.platform)
            if wanted and account.platform in self.platforms and not account.unreachable:
                return account.platform, account.address, account
        if "email" in self.platforms and row.only_platform in ("", "email"):
            return "email", person.email, None
        return None

    async def _deliver(self, errand: Errand) -> str | DeliveryError:
        try:
            return await self.platforms[errand.platform].deliver(errand.parcel)
        except DeliveryError as error:
            return error
        except Exception as error:
            log.exception("courier.adapter_failed", message=errand.id, platform=errand.platform)
            return DeliveryError(f"{type(error).__name__} in the {errand.platform} adapter")

    def _record(self, session: Session, *, done: list[tuple[Errand, str | DeliveryError]]) -> None:
        now = self.clock.now()
        for errand, outcome in done:
            row = session.exec(select(Message).where(Message.id == errand.id, *self._mine(State.SENDING))).first()
            if row is None:
                log.warning("courier.lease_lost", message=errand.id)
            elif isinstance(outcome, DeliveryError):
                self._refused(session, row, errand, outcome, now)
            else:
                row.state, row.reference, row.reason, row.sent_at = State.SENT, outcome, "", now
                AGE.observe(max(0.0, (now - errand.due_at).total_seconds()))
                SENT.labels(errand.platform, "sent").inc()

    def _refused(self, session: Session, row: Message, errand: Errand, error: DeliveryError, now: datetime) -> None:
        row.reason, row.claimed_by = error.reason, ""
        SENT.labels(errand.platform, "refused").inc()
        if error.permanent and errand.account is not None:
            # Their next surface is tried at once.
            unreachable(session.merge(errand.account), error.reason, now=now)
            row.state = State.QUEUED
        elif error.permanent or row.attempts >= MOST_ATTEMPTS:
            row.state = State.FAILED
            log.warning("courier.failed", message=row.id, platform=errand.platform, reason=error.reason)
        else:
            row.state, row.due_at = State.QUEUED, now + (error.retry_after or pause(row.attempts))

    def _mine(self, state: State) -> tuple[bool, bool]:
        """The fence: only rows that this process still holds may be written."""
        return Message.state == state, Message.claimed_by == self.name


def due(now: datetime):  # type: ignore[no-untyped-def]  # SQLModel's select type has no public name
    """Queued messages whose time has come, whose lane nobody is serving, in the order to send them."""
    under_way = select(Message.lane).where(col(Message.state).in_([State.CLAIMED, State.SENDING]))
    return (
        select(Message)
        .where(Message.state == State.QUEUED, Message.due_at <= now, col(Message.lane).not_in(under_way))
        .order_by(col(Message.priority), col(Message.id))
    )


def release(session: Session, *, platforms: Mapping[str, Platform], before: datetime | None) -> None:
    """Return what a dead process held: claimed rows to the queue, `sending` rows to be settled.

    `before` is the moment up to which leases have run out; None takes them all, which is right
    when an embedded database has just been opened by its only process.
    """
    expired = [] if before is None else [or_(col(Message.lease_until).is_(None), col(Message.lease_until) < before)]
    session.execute(
        update(Message).where(col(Message.state) == State.CLAIMED, *expired).values(state=State.QUEUED, claimed_by="")
    )
    for row in session.exec(select(Message).where(Message.state == State.SENDING, *expired)).all():
        _settle(row, platforms.get(row.platform))


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling, up to an hour."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << attempts - 1))


def next_due(session: Session) -> datetime | None:
    """When the next queued message is due."""
    return session.exec(select(func.min(Message.due_at)).where(Message.state == State.QUEUED)).one()


def _settle(row: Message, platform: Platform | None) -> None:
    """A message in doubt is sent again where that is harmless or allowed, and kept for a person elsewhere."""
    row.claimed_by = ""
    harmless = platform is not None and platform.takes_once
    if harmless or row.resend_on_doubt:
        row.state = State.QUEUED
    else:
        row.state, row.reason = State.UNKNOWN, "the process ended while it was being sent"


def _stop(row: Message, state: State, reason: str) -> None:
    row.state, row.reason, row.claimed_by = state, reason, ""


def _parcel(session: Session, row: Message) -> Parcel:
    return Parcel(
        key=row.key,
        address=row.address,
        card=load(row.card),
        locale=row.locale,
        thread=_reference(session, row, row.thread) if row.thread else "",
        reference=_reference(session, row, row.subject) if row.subject else "",
    )


def _reference(session: Session, row: Message, subject: str) -> str:
    """Where a subject last landed with this recipient on this platform."""
    landed = session.exec(
        select(Message.reference)
        .where(
            Message.subject == subject,
            Message.lane == row.lane,
            Message.platform == row.platform,
            Message.address == row.address,
            Message.state == State.SENT,
        )
        .order_by(col(Message.id).desc())
    ).first()
    return landed or ""
