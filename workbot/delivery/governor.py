"""The governor: how many messages a lane may send now, shared by all processes, and slower when refused.

Every lane has a row. Whoever claims messages of the lane locks it, so that claims of one lane follow one
another, and pays for what it takes: for each message a slot, at once or a little later, which the process then
keeps. So a lane is asked seldom, and a process that is late for a moment costs it nothing. The rate is the generic
cell rate algorithm's: a sustained interval and a small burst.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor

from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from workbot.delivery.models import Pace
from workbot.platforms import Limits

# A lane that was refused goes slower by this much, and back by the other after a time without refusals.
SLOWER, FASTER = 1.5, 0.9
SLOWEST = 16.0
PATIENCE = timedelta(seconds=30)
# Refusals that were on their way together count once.
TOGETHER = timedelta(seconds=2)
# No lane is ever paid for so far ahead: the clock must have been set back.
IMPOSSIBLE = timedelta(minutes=10)
# So many failures in a row without a success, and the lane rests: a platform that is down is not hammered.
FAILURES_TO_REST = 8
LONGEST_REST = timedelta(seconds=60)


# Built once, since it is asked for every chunk.
OF_LANE = select(Pace).where(Pace.lane == bindparam("lane")).with_for_update()

Slots = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Allowance:
    """When new messages and changes of old ones may go, each in so many seconds, and when changes may again.

    Without a limit a slot is None: at once, or whenever it suits.
    """

    posts: Slots
    updates: Slots
    updates_free_at: datetime


def lane_row(session: Session, lane: str, *, wall: datetime) -> Pace:
    """The row of a lane, locked until the transaction ends."""
    found = session.exec(OF_LANE, params={"lane": lane}).first()
    if found is None:
        # A second process may be making it at this moment: its unique key decides.
        with suppress(IntegrityError), session.begin_nested():
            session.add(Pace(lane=lane, post_at=wall, update_at=wall, changed_at=wall))
        found = session.exec(OF_LANE, params={"lane": lane}).one()
    if max(found.post_at, found.update_at) > wall + IMPOSSIBLE:
        found.post_at = found.update_at = wall
        found.paused_until = min(found.paused_until or wall, wall + LONGEST_REST)
    return found


def allowance(pace: Pace, limits: Limits, *, most: int, ahead: timedelta, wall: datetime) -> Allowance:
    """What a lane may send from now until `ahead` has passed, at most `most` of each kind."""
    if pace.paused_until and pace.paused_until > wall:
        return Allowance((), (), pace.paused_until)
    posts = _slots(pace.post_at, interval(pace, limits.per_second), limits.burst, wall, most, ahead)
    updates = _slots(pace.update_at, interval(pace, limits.updates_per_second), limits.burst, wall, most, ahead)
    return Allowance(posts, updates, max(wall, pace.update_at))


def free_at(pace: Pace, limits: Limits, *, ahead: timedelta, wall: datetime) -> datetime:
    """When a lane is worth asking for more; now, where it is not held back."""
    step = interval(pace, limits.per_second)
    rested = pace.post_at - ((limits.burst - 1) * step + ahead) / 2
    return max(wall, pace.paused_until or wall, rested if step else wall)


def spend(pace: Pace, limits: Limits, *, posts: int, updates: int, wall: datetime) -> None:
    """Pay for messages that are about to be sent."""
    if posts and limits.per_second:
        pace.post_at = max(pace.post_at, wall) + posts * interval(pace, limits.per_second)
    if updates and limits.updates_per_second:
        pace.update_at = max(pace.update_at, wall) + updates * interval(pace, limits.updates_per_second)


def interval(pace: Pace, per_second: float) -> timedelta:
    """The time between two messages; none where there is no limit."""
    return timedelta(seconds=pace.slowness / per_second) if per_second else timedelta()


def went_well(pace: Pace, *, wall: datetime) -> None:
    """Messages were taken: nothing is wrong, and a slowed lane recovers little by little."""
    pace.failures, pace.reason = 0, ""
    if pace.slowness > 1 and wall - pace.changed_at > PATIENCE:
        pace.slowness, pace.changed_at = max(1.0, pace.slowness * FASTER), wall


def throttled(pace: Pace, retry_after: timedelta | None, reason: str, *, wall: datetime) -> None:
    """The platform asks us to go slower: the whole lane waits as long as it says."""
    if wall - pace.changed_at > TOGETHER or pace.slowness == 1:
        pace.slowness, pace.changed_at = min(SLOWEST, pace.slowness * SLOWER), wall
    rest = retry_after or timedelta(seconds=pace.slowness)
    pace.paused_until = max(pace.paused_until or wall, wall + rest)
    pace.reason = reason


def stumbled(pace: Pace, count: int, reason: str, *, wall: datetime) -> None:
    """Messages failed and none went through: when that goes on, the lane rests, longer each time."""
    pace.failures += count
    times = pace.failures // FAILURES_TO_REST
    if times:
        pace.paused_until = wall + min(LONGEST_REST, timedelta(seconds=1 << min(times, 6)))
        pace.reason = reason


def _slots(paid_until: datetime, step: timedelta, burst: int, wall: datetime, most: int, ahead: timedelta) -> Slots:
    if not step:
        return [None] * most
    first = max(timedelta(), paid_until - wall) - (burst - 1) * step
    count = max(0, min(most, floor((ahead - first) / step + 1 + 1e-9)))
    return [max(0.0, (first + number * step).total_seconds()) for number in range(count)]
