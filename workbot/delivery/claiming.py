"""Claiming: a lane's next messages are taken under a lease, many at once.

Whoever claims holds the lane's row, so that no two processes ever have messages of one recipient under way in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Integer, Text, bindparam, cast, func, select
from sqlmodel import Session

from workbot.cards import parse
from workbot.delivery import governor
from workbot.delivery.decisions import RoutingDecisions
from workbot.delivery.lanes import due, open_lanes, platform_of, queued
from workbot.delivery.models import TABLE, UNROUTED, RateState, State, is_in, is_still
from workbot.delivery.routing import Recipients, SendPolicy, Target, Waiting, crowded_until, earlier
from workbot.platforms import Outgoing, Platform
from workbot.storage.bulk import JsonQuery, JsonRows

WAITING = queued("id", "recipient", "priority")
NAMES = (
    "id", "person_id", "place_id", "only_platform", "key", "recipient", "subject", "thread", "locale",
    "priority", "working_hours", "due_at", "expires_at", "attempts", "trace",
)  # fmt: skip
_IDS = JsonRows(this=Integer())
WHOLE = JsonQuery(
    select(*(TABLE.c[name] for name in NAMES), cast(TABLE.c.card, Text).label("card"))
    .where(TABLE.c.id.in_(select(_IDS.c.this)), is_still(State.QUEUED))
    .with_for_update(skip_locked=True)
)
# How many of a lane are under way, in all processes.
UNDER_WAY = select(func.count()).where(is_in(State.SENDING), TABLE.c.lane == bindparam("lane"))
# So many times as many messages are looked at as may go: some have to wait for reasons of their own.
SPARE = 4
# Where few recipients have most of what is next, so many times as many messages are looked at for others.
FARTHER = 16


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message under way: its row, the attempt it is, what goes where, and in how many seconds.

    `slot` is None where the platform sets no pace; `is_retry` says that the account was refused before.
    """

    id: int
    number: int
    platform: str
    outgoing: Outgoing
    account_id: UUID | None
    due_at: datetime
    trace: str
    slot: float | None
    is_retry: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a process may send, whether anything changed in the lane, and in how many seconds to ask it for more.

    `at` is when it was claimed, by the process's monotonic clock: slots count from there. `rerouted` says whether
    other lanes have got something from this one.
    """

    attempts: list[Attempt]
    at: float
    changed: bool = False
    rerouted: bool = False
    rest: float = 0.0


@dataclass(frozen=True, slots=True)
class Claim:
    """A process's wish for the next messages of a lane, with slots up to `ahead`.

    At most `most` are claimed, and at least `fewest` looked at: changes of what is there may have no pace. `now` is the
    app's time, `rate_now` the governor's, `at` the process's monotonic clock's. One that `finds_lanes` takes what has
    none yet as well, and shows the rest of that its way: writing a lane down costs as much as the claim itself.
    """

    lane: str
    platforms: Mapping[str, Platform]
    claimed_by: str
    most: int
    fewest: int
    a_day: int
    now: datetime
    rate_now: datetime
    at: float
    ahead: timedelta
    lease_until: datetime
    finds_lanes: bool

    @property
    def platform(self) -> Platform:
        return self.platforms[platform_of(self.lane)]

    def take(self, session: Session) -> Claimed:
        """Claim what may go now: marked `sending`, before anything leaves the app."""
        pace = governor.lane_row(session, self.lane, db_now=self.rate_now)
        room = self._room(session)
        allowed = governor.allowance(pace, self.platform.limits, most=room, ahead=self.ahead, db_now=self.rate_now)
        if not (allowed.posts or allowed.updates):
            return Claimed([], self.at, rest=self._rest(pace))

        posts, updates = list(allowed.posts), list(allowed.updates)
        rows = self._next(session, most=min(self.most, max(self.fewest, SPARE * len(posts))))
        decisions, attempts = RoutingDecisions(), list[Attempt]()
        for row, outgoing, target in self._fit(session, rows, decisions):
            slots = updates if outgoing.reference else posts
            if len(attempts) == room:
                break
            if not slots and outgoing.reference:
                decisions.put_off(row, self.now + (allowed.updates_free_at - self.rate_now))
                continue
            if not slots:
                break
            attempts.append(self._attempt(row, outgoing, target, slots.pop(0)))
            decisions.send(row, outgoing)
        decisions.write(
            session, lane=self.lane, platform=self.platform.name, claimed_by=self.claimed_by, until=self.lease_until
        )
        open_lanes(session, decisions.rerouted, db_now=self.rate_now)
        spent = {"posts": len(allowed.posts) - len(posts), "updates": len(allowed.updates) - len(updates)}
        governor.spend(pace, self.platform.limits, **spent, db_now=self.rate_now)
        return Claimed(attempts, self.at, bool(decisions), bool(decisions.rerouted), self._rest(pace))

    def _room(self, session: Session) -> int:
        """How many messages may go before another has to arrive."""
        at_once = self.platform.limits.at_once
        if not at_once:
            return self.most
        under_way: int = session.connection().execute(UNDER_WAY, {"lane": self.lane}).scalar_one()
        return max(0, min(self.most, at_once - under_way))

    def _next(self, session: Session, *, most: int) -> list[Waiting]:
        """The first message of each of the next recipients: their second goes when that has been taken."""
        # Read before the lane's own: what is given its lane in between is seen twice, rather than not at all. It is
        # read without a lock, for a recipient's second must not go while their first is in other hands.
        strays = list(due(session, UNROUTED, self.now, most=most, which=WAITING)) if self.finds_lanes else []
        found = list(due(session, self.lane, self.now, most=most, which=WAITING))
        if len(found) == most and len(_first_of_each(found)) < most // 2:
            found = list(due(session, self.lane, self.now, most=most * FARTHER, which=WAITING))
        ids = _first_of_each(sorted(strays + found, key=_order) if strays else found)[:most]
        wanted = _IDS.rows(session, [{"this": key} for key in ids])
        rows: Sequence[Waiting] = WHOLE.ask(session, wanted) if ids else ()
        whole = {row.id: row for row in rows}
        return [whole[key] for key in ids if key in whole]

    def _rest(self, pace: RateState) -> float:
        free_at = governor.free_at(pace, self.platform.limits, ahead=self.ahead, db_now=self.rate_now)
        return (free_at - self.rate_now).total_seconds()

    def _fit(
        self, session: Session, rows: Sequence[Waiting], decisions: RoutingDecisions
    ) -> Iterator[tuple[Waiting, Outgoing, Target]]:
        """The messages that may go at this moment, and where to; the others are stopped, rerouted or put off."""
        recipients = Recipients.of(session, rows, now=self.now)
        targets = {row.id: target for row in rows if (target := self._target(row, recipients, decisions))}
        staying = [row for row in rows if row.id in targets]
        references = earlier(session, staying, targets)
        crowded = crowded_until(session, staying, self.platform.limits.conversation, self.now)
        policy = SendPolicy(session, recipients, staying, a_day=self.a_day)
        for row in staying:
            target = targets[row.id]
            outgoing = Outgoing(
                key=row.key,
                address=target.address,
                card=parse(row.card),
                locale=row.locale,
                thread=references.get((row.recipient, row.thread), ""),
                reference=references.get((row.recipient, row.subject), ""),
            )
            # A card put in the place of another disturbs nobody.
            moment = self.now if outgoing.reference else policy.moment(row, self.now)
            moment = max(moment, crowded.get(row.recipient, moment))
            if moment > self.now:
                decisions.put_off(row, moment)
            else:
                yield row, outgoing, target

    def _target(self, row: Waiting, recipients: Recipients, decisions: RoutingDecisions) -> Target | None:
        """Where a message goes, if that is still in this lane."""
        if row.expires_at and row.expires_at <= self.now:
            decisions.stop(row, State.WITHDRAWN, "expired")
        elif recipients.has_left(row):
            decisions.stop(row, State.WITHDRAWN, "left")
        elif (target := recipients.target(row, self.platforms)) is None:
            decisions.stop(row, State.FAILED, "no platform reaches them")
        elif target.lane != self.lane:
            decisions.reroute(row, target.lane)
        else:
            return target
        return None

    def _attempt(self, row: Waiting, outgoing: Outgoing, target: Target, slot: float | None) -> Attempt:
        return Attempt(
            row.id,
            row.attempts + 1,
            self.platform.name,
            outgoing,
            target.account_id,
            row.due_at,
            row.trace,
            slot,
            target.is_retry,
        )


def _order(row: Waiting) -> tuple[int, datetime, int]:
    return row.priority, row.due_at, row.id


def _first_of_each(rows: Iterable[Waiting]) -> list[int]:
    """The first message of each recipient, in the same order."""
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(row.recipient, row.id)
    return list(first.values())
