"""Lanes: the ways to a platform and its tenant, in which something is due; and how messages find theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, literal_column, select
from sqlmodel import Session, col

from workbot.delivery import governor
from workbot.delivery.decisions import RoutingDecisions
from workbot.delivery.models import PRIORITIES, TABLE, UNROUTED, RateState, State, is_in
from workbot.delivery.routing import Recipients, Waiting
from workbot.platforms import Platform
from workbot.storage.bulk import JsonQuery

# How many messages find their lane in one transaction.
ROUTED_AT_ONCE = 1024


def queued(*names: str, hold: bool = False) -> JsonQuery:
    """Some columns of a lane's due messages in the order to send them, whose recipient has none under way.

    Built once, since it is asked for every chunk.
    """
    other = TABLE.alias()
    under_way = exists().where(other.c.state == literal_column("'sending'"), other.c.recipient == TABLE.c.recipient)
    rows = (
        select(*(TABLE.c[name] for name in (*names, "due_at")))
        .where(is_in(State.QUEUED), TABLE.c.lane == bindparam("lane"), TABLE.c.priority == bindparam("priority"))
        .where(TABLE.c.due_at <= bindparam("now"), ~under_way)
        .order_by(TABLE.c.due_at, TABLE.c.id)
        .limit(bindparam("most"))
    )
    return JsonQuery(rows.with_for_update(skip_locked=True) if hold else rows, order=("due_at", "id"))


ANY = queued("id")
TO_ROUTE = queued("id", "person_id", "place_id", "only_platform", hold=True)
LANES = select(col(RateState.lane)).order_by(col(RateState.lane))


def platform_of(lane: str) -> str:
    """The name of the platform that a lane leads to."""
    return lane.partition(":")[0]


def due(session: Session, lane: str, now: datetime, *, most: int, which: JsonQuery) -> Iterator[Waiting]:
    """A lane's due messages in the order to send them.

    One statement for each priority, so that each is a walk along the index from where it begins: the cost
    does not grow with the queue.
    """
    for priority in PRIORITIES:
        what = {"lane": lane, "priority": priority, "now": now, "most": most}
        rows = which.ask(session, what)
        yield from rows
        most -= len(rows)
        if not most:
            return


def busy(session: Session, *, now: datetime) -> list[str]:
    """The lanes in which something is due, the unrouted first."""
    return [lane for lane in (UNROUTED, *_lanes(session)) if next(due(session, lane, now, most=1, which=ANY), None)]


def route(session: Session, platforms: Mapping[str, Platform], *, now: datetime) -> int:
    """Find the lane of due messages that have none; how many were looked at."""
    rows = list(due(session, UNROUTED, now, most=ROUTED_AT_ONCE, which=TO_ROUTE))
    decisions, recipients = RoutingDecisions(), Recipients.of(session, rows, now=now)
    for row in rows:
        if recipients.has_left(row):
            decisions.stop(row, State.WITHDRAWN, "left")
        elif target := recipients.target(row, platforms):
            decisions.reroute(row, target.lane)
        else:
            decisions.stop(row, State.FAILED, "no platform reaches them")
    decisions.write(session)
    open_lanes(session, decisions.rerouted, db_now=now)
    return len(rows)


def open_lanes(session: Session, lanes: Collection[str], *, db_now: datetime) -> None:
    """See that lanes into which something was put are served from now on."""
    if lanes:
        # In one order, so that two processes do not wait for each other.
        for lane in sorted(set(lanes).difference(_lanes(session))):
            governor.lane_row(session, lane, db_now=db_now)


def next_due(session: Session, platforms: Mapping[str, Platform], *, rate_now: datetime) -> datetime | None:
    """When the next queued message can go: when it is due, or later when its lane is held back until then."""
    first = select(TABLE.c.lane, func.min(TABLE.c.due_at)).where(is_in(State.QUEUED)).group_by(TABLE.c.lane)
    paces = {pace.lane: pace for pace in session.scalars(select(RateState))}
    moments: list[datetime] = []
    for lane, due_at in session.execute(first):
        platform, pace = platforms.get(platform_of(lane)), paces.get(lane)
        held_until = (
            governor.free_at(pace, platform.limits, ahead=timedelta(), db_now=rate_now) if platform and pace else due_at
        )
        moments.append(max(due_at, held_until) if held_until > rate_now else due_at)
    return min(moments, default=None)


def _lanes(session: Session) -> list[str]:
    return list(session.connection().execute(LANES).scalars())
