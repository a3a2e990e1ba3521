"""Campaigns as they stand: how many messages went where, when the rest will have gone, and what a person can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlmodel import Session, col

from workbot.delivery import governor
from workbot.delivery.lanes import platform_of
from workbot.delivery.models import UNROUTED, Campaign, Message, RateState, State, is_in, is_of
from workbot.delivery.service import TOPIC
from workbot.events import Subject, Verb, record
from workbot.platforms import Platform
from workbot.storage.pubsub import publish

# What a lane without a limit manages is measured over so long.
MEASURED = timedelta(minutes=1)
RETRIED = Verb("delivery.retry_campaign", "count")
RESENT, DISMISSED = Verb("delivery.resend"), Verb("delivery.dismiss")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why messages of a campaign did not arrive, and how many for that reason."""

    reason: str
    platform: str
    count: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """The messages of a campaign by what became of them; `read` is part of `sent`.

    Those that are still to be queued count as queued.
    `done_at` is when the last of those that wait will have gone, if that can be told.
    """

    campaign: Campaign
    queued: int
    sent: int
    read: int
    failed: int
    in_doubt: int
    withdrawn: int
    failures: Sequence[Failure]
    done_at: datetime | None

    @property
    def all(self) -> int:
        return self.queued + self.sent + self.failed + self.in_doubt + self.withdrawn


def newest(session: Session, *, most: int) -> list[Campaign]:
    """The campaigns begun last."""
    return list(session.scalars(select(Campaign).order_by(col(Campaign.started_at).desc()).limit(most)))


def funnel(session: Session, campaign: Campaign, platforms: Mapping[str, Platform], *, now: datetime) -> Funnel:
    mine = is_of(campaign.key)
    read = func.sum(case((col(Message.is_read), 1), else_=0))
    counted = session.execute(select(col(Message.state), func.count(), read).where(mine).group_by(col(Message.state)))
    by_state = {state: (count, seen) for state, count, seen in counted}
    number = {state: by_state.get(state, (0, 0))[0] for state in State}
    to_come = max(0, campaign.expected - sum(number.values()))
    waiting = number[State.QUEUED] + number[State.SENDING] + to_come
    return Funnel(
        campaign,
        queued=waiting,
        sent=number[State.SENT],
        read=by_state.get(State.SENT, (0, 0))[1],
        failed=number[State.FAILED],
        in_doubt=number[State.UNKNOWN],
        withdrawn=number[State.WITHDRAWN],
        failures=_failures(session, campaign),
        done_at=done_at(session, campaign, platforms, to_come=to_come, now=now) if waiting else None,
    )


def done_at(
    session: Session, campaign: Campaign, platforms: Mapping[str, Platform], *, to_come: int = 0, now: datetime
) -> datetime | None:
    """When the last queued message of a campaign will have gone.

    In each lane, all that is due before it goes first, at the lane's present pace; what is due later goes
    when it is due, at the earliest. What has not found its lane yet, and what is `to_come`, is taken to go where
    most of the campaign goes; before any has, nothing can be told.
    """
    queues = _queues(session, campaign)
    if unrouted := queues.pop(UNROUTED, None):
        to_come += unrouted.ahead
    busiest = _busiest_lane(session, campaign)
    if to_come:
        if busiest is None:
            return None
        queues.setdefault(busiest, Queue(0, now))
    paces = {pace.lane: pace for pace in session.scalars(select(RateState))}
    moments: list[datetime] = []
    for lane, queue in queues.items():
        ahead = queue.ahead + (to_come if lane == busiest else 0)
        pace, platform = paces.get(lane), platforms.get(platform_of(lane))
        if pace and platform and governor.interval(pace, platform.limits):
            going = governor.gone_by(pace, platform.limits, ahead, now=now)
        else:
            going = now + _measured(session, ahead, lane, now)
        moments.append(max(queue.last_due, going))
    return max(moments, default=None)


@dataclass(frozen=True, slots=True)
class Queue:
    """How many messages of a lane go before the last of a campaign, itself among them, and when that is due."""

    ahead: int
    last_due: datetime


def _queues(session: Session, campaign: Campaign) -> dict[str, Queue]:
    """The lanes in which a campaign has messages waiting."""
    mine = session.execute(
        select(col(Message.lane), func.max(col(Message.due_at)), func.max(col(Message.priority)))
        .where(is_in(State.QUEUED), is_of(campaign.key))
        .group_by(col(Message.lane))
    ).all()
    queues: dict[str, Queue] = {}
    for lane, last_due, priority in mine:
        before = (col(Message.lane) == lane, col(Message.priority) <= priority, col(Message.due_at) <= last_due)
        ahead = session.execute(select(func.count()).where(is_in(State.QUEUED), *before)).scalar_one()
        queues[lane] = Queue(ahead, last_due)
    return queues


def _busiest_lane(session: Session, campaign: Campaign) -> str | None:
    """Where most messages of a campaign go or went, as far as that is known."""
    lane = col(Message.lane)
    routed = select(lane).where(is_of(campaign.key), lane != UNROUTED).group_by(lane)
    found: str | None = session.scalars(routed.order_by(func.count().desc()).limit(1)).first()
    return found


def retry_failed(session: Session, campaign: str, *, by: UUID | None = None, now: datetime) -> int:
    """Queue anew what failed, and nothing else; how many there were."""
    failed = update(Message).where(is_in(State.FAILED), is_of(campaign))
    count = _queue_again(session, failed, now)
    record(session, RETRIED, Subject(f"campaign:{campaign}"), by=by, now=now, count=count)
    return count


def resend(session: Session, message: int, *, by: UUID | None = None, now: datetime) -> bool:
    """Send a message in doubt, or one that failed, once more: a person has decided that twice is better than never."""
    kept = col(Message.state).in_([State.UNKNOWN, State.FAILED])
    is_resent = bool(_queue_again(session, update(Message).where(col(Message.id) == message, kept), now))
    if is_resent:
        record(session, RESENT, Subject(f"message:{message}"), by=by, now=now)
    return is_resent


def dismiss(session: Session, message: int, *, by: UUID | None = None, now: datetime) -> bool:
    """Leave a message in doubt as it is: a person has decided that it arrived, or is not wanted any more."""
    doubtful = update(Message).where(col(Message.id) == message, is_in(State.UNKNOWN))
    values = {"state": State.WITHDRAWN.value, "lease_until": None}
    is_dismissed = bool(session.execute(doubtful.values(values)).rowcount)  # type: ignore[attr-defined]
    if is_dismissed:
        record(session, DISMISSED, Subject(f"message:{message}"), by=by, now=now)
    return is_dismissed


def _queue_again(session: Session, which: object, now: datetime) -> int:
    values = {"state": State.QUEUED.value, "lane": "", "attempts": 0, "due_at": now, "reason": "", "claimed_by": ""}
    count: int = session.execute(which.values(values)).rowcount  # type: ignore[attr-defined]
    publish(session, TOPIC)
    return count


def _failures(session: Session, campaign: Campaign) -> list[Failure]:
    number = func.count()
    rows = session.execute(
        select(col(Message.reason), col(Message.platform), number)
        .where(is_of(campaign.key), col(Message.state).in_([State.FAILED, State.UNKNOWN]))
        .group_by(col(Message.reason), col(Message.platform))
        .order_by(number.desc())
    )
    return [Failure(*row) for row in rows]


def _measured(session: Session, ahead: int, lane: str, now: datetime) -> timedelta:
    """How long so many messages take where nothing but the work itself limits them."""
    sent: int = session.execute(
        select(func.count()).where(is_in(State.SENT), col(Message.lane) == lane, col(Message.sent_at) > now - MEASURED)
    ).scalar_one()
    return ahead * MEASURED / sent if sent else timedelta()
