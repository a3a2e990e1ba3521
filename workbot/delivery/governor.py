"""The governor: how many messages a lane may send now, shared by all processes, and at which rate after refusals.

Every lane has a row. Whoever claims messages of the lane locks it, so that claims of one lane follow one
another, and pays for what it takes: for each message a slot, at once or a little later, which the process then
keeps. So a lane is asked seldom, and a process that is late for a moment costs it nothing. The rate is the generic
cell rate algorithm's: a sustained interval and a small burst. Where the platform refused, `rate_control` finds the rate
that is allowed; a lane that waited begins again without a burst.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor

from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from workbot.delivery.models import RateState
from workbot.delivery.rate_control import PAUSES_TO_HOLD, UNLIMITED, RateControl
from workbot.platforms import Limits

A_SECOND = timedelta(seconds=1)
# Until more than so many messages show how long one takes with all waiting, the present rate counts for as many.
PRESUMED = 64
# No lane is ever paid for so far ahead: the clock must have been set back.
IMPOSSIBLE = timedelta(minutes=10)
# So many failures in a row without a success, and the lane rests: a platform that is down is not hammered.
FAILURES_TO_REST = 8
LONGEST_REST = timedelta(seconds=60)


# Built once, since it is asked for every chunk.
OF_LANE = select(RateState).where(RateState.lane == bindparam("lane")).with_for_update()

Slots = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Allowance:
    """When new messages and changes of old ones may go, each in so many seconds, and when changes may again.

    Without a limit a slot is None: at once, or whenever it suits.
    """

    posts: Slots
    updates: Slots
    updates_free_at: datetime


@dataclass(frozen=True, slots=True)
class Throttle:
    """A message that was refused as too fast: when its call began and ended, and how long we are to wait."""

    began: datetime
    ended: datetime
    retry_after: timedelta | None
    reason: str
    is_update: bool = False


def lane_row(session: Session, lane: str, *, db_now: datetime) -> RateState:
    """The row of a lane, locked until the transaction ends."""
    found = session.exec(OF_LANE, params={"lane": lane}).first()
    if found is None:
        # A second process may be making it at this moment: its unique key decides.
        with suppress(IntegrityError), session.begin_nested():
            session.add(RateState(lane=lane, post_at=db_now, update_at=db_now, changed_at=db_now))
        found = session.exec(OF_LANE, params={"lane": lane}).one()
    if max(found.post_at, found.update_at) > db_now + IMPOSSIBLE:
        found.post_at = found.update_at = db_now
        found.paused_until = min(found.paused_until or db_now, db_now + LONGEST_REST)
        found.updates_paused_until = None
    return found


def allowance(pace: RateState, limits: Limits, *, most: int, ahead: timedelta, db_now: datetime) -> Allowance:
    """What a lane may send from now until `ahead` has passed, at most `most` of each kind."""
    if pace.paused_until and pace.paused_until > db_now:
        return Allowance((), (), pace.paused_until)
    posts = _slots(_paid_until(pace, limits), interval(pace, limits), _burst(pace, limits), db_now, most, ahead)
    if pace.updates_paused_until and pace.updates_paused_until > db_now:
        return Allowance(posts, (), pace.updates_paused_until)
    if not limits.updates_per_second:
        return Allowance(posts, [None] * most, db_now)
    updates = _slots(pace.update_at, _update_interval(limits), limits.burst, db_now, most, ahead)
    return Allowance(posts, updates, max(db_now, pace.update_at))


def free_at(pace: RateState, limits: Limits, *, ahead: timedelta, db_now: datetime) -> datetime:
    """When a lane is worth asking for more; now, where it is not held back."""
    step = interval(pace, limits)
    at_once = (_burst(pace, limits) - 1) * step
    # Where refusals are remembered, one by one unless somebody is late: what is refused next is one, and not a handful.
    rested = _paid_until(pace, limits) - (at_once if pace.found else at_once / 2) - ahead / 2
    return max(db_now, pace.paused_until or db_now, rested if step else db_now)


def spend(pace: RateState, limits: Limits, *, posts: int, updates: int, db_now: datetime) -> None:
    """Pay for messages that are about to be sent."""
    if posts and (step := interval(pace, limits)):
        pace.post_at = max(_paid_until(pace, limits), db_now) + posts * step
    if updates and limits.updates_per_second:
        pace.update_at = max(pace.update_at, db_now) + updates * _update_interval(limits)


def interval(pace: RateState, limits: Limits) -> timedelta:
    """The time between two messages; none where there is no limit."""
    if limits.per_second:
        return timedelta(seconds=pace.slowness / limits.per_second)
    rate = (pace.found or {}).get("rate")
    return timedelta(seconds=1 / rate) if rate else timedelta()


def seconds_each(pace: RateState, limits: Limits) -> float:
    """How long a message takes, all waiting included: by the present rate, the more by what was seen the more that is.

    Where a limit was found, what finding it took is over, and refusals cost only so much more. 0: nothing is known.
    """
    found, step = pace.found or {}, interval(pace, limits).total_seconds()
    seconds: float = (PRESUMED * step + found.get("late_seconds", 0.0)) / (PRESUMED + found.get("late_taken", 0.0))
    is_limited = found.get("rate") and not found.get("before") and not found.get("tolerance")
    return min(seconds, step * (1 + 1 / PAUSES_TO_HOLD)) if is_limited else seconds


def gone_by(pace: RateState, limits: Limits, ahead: int, *, now: datetime) -> datetime:
    """When so many messages will have gone that wait in a lane."""
    return max(now, pace.paused_until or now, pace.post_at) + timedelta(seconds=ahead * seconds_each(pace, limits))


def went_well(pace: RateState, limits: Limits, count: int, *, db_now: datetime) -> None:
    """Messages were taken: nothing is wrong, and a lane that was slowed may try a higher rate."""
    pace.failures, pace.reason = 0, ""
    if pace.found is None:
        return
    if control := RateControl.load(pace.found, limits.per_second, at=db_now.timestamp()):
        control.went(count, at=db_now.timestamp())
    _keep(pace, control, limits, db_now)


def throttled(pace: RateState, limits: Limits, throttles: Sequence[Throttle], *, db_now: datetime) -> datetime:
    """The platform asks us to go slower: the lane waits as long as it says. Until when."""
    control = RateControl.load(pace.found, limits.per_second, at=db_now.timestamp())
    until = db_now
    for one in sorted(throttles, key=lambda each: each.began):
        if one.is_update and limits.updates_per_second:
            rest = one.retry_after or A_SECOND
            pace.updates_paused_until = max(pace.updates_paused_until or db_now, one.ended + rest)
            continue
        control = control or RateControl(limits.per_second or UNLIMITED)
        seconds = one.retry_after.total_seconds() if one.retry_after is not None else None
        rests_until = control.refused(seconds, began=one.began.timestamp(), ended=one.ended.timestamp())
        until = max(until, datetime.fromtimestamp(rests_until, UTC))
    if control:
        pace.paused_until = max(pace.paused_until or db_now, until)
        # What had not left is given back.
        pace.post_at = min(pace.post_at, pace.paused_until)
        _keep(pace, control, limits, db_now)
    pace.reason = throttles[-1].reason
    return until


def _keep(pace: RateState, control: RateControl | None, limits: Limits, db_now: datetime) -> None:
    pace.found = None if control is None or control.is_done else control.dump()
    rate = control.rate if control else 0.0
    pace.slowness = limits.per_second / rate if rate and limits.per_second else 1.0
    pace.changed_at = db_now


def stumbled(pace: RateState, count: int, reason: str, *, db_now: datetime) -> None:
    """Messages failed and none went through: when that goes on, the lane rests, longer each time."""
    pace.failures += count
    times = pace.failures // FAILURES_TO_REST
    if times:
        rest = db_now + min(LONGEST_REST, timedelta(seconds=1 << min(times, 6)))
        pace.paused_until, pace.reason = max(pace.paused_until or db_now, rest), reason


def _update_interval(limits: Limits) -> timedelta:
    return timedelta(seconds=1 / limits.updates_per_second)


def _burst(pace: RateState, limits: Limits) -> int:
    """How many may go at once: one by one where a limit was found."""
    return 1 if (pace.found or {}).get("rate") else limits.burst


def _paid_until(pace: RateState, limits: Limits) -> datetime:
    """When all that was sent will have been paid for; who waited as long as the platform said begins one by one."""
    if not pace.paused_until:
        return pace.post_at
    return max(pace.post_at, pace.paused_until + (_burst(pace, limits) - 1) * interval(pace, limits))


def _slots(paid_until: datetime, step: timedelta, burst: int, db_now: datetime, most: int, ahead: timedelta) -> Slots:
    if not step:
        return [None] * most
    first = max(timedelta(), paid_until - db_now) - (burst - 1) * step
    count = max(0, min(most, floor((ahead - first) / step + 1 + 1e-9)))
    return [max(0.0, (first + number * step).total_seconds()) for number in range(count)]
