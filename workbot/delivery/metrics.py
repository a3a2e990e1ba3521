"""The outbox in figures, for those who watch over it: what waits in each lane, how old it is, how each goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select
from sqlmodel import Session, col

from workbot.delivery.models import UNROUTED, Message, RateState, State, is_in

# What the label of a message that has found no lane yet says.
NO_LANE = "none"


def metrics(session: Session, *, now: datetime, db_now: datetime) -> Iterable[Metric]:
    """Gauges read from the tables, the same in every process; `db_now` is the database's time, by which lanes rest."""
    queued = GaugeMetricFamily("workbot_queue_messages", "Messages that are due, by lane", labels=["lane"])
    age = GaugeMetricFamily("workbot_queue_age_seconds", "How long the oldest of them has been due", labels=["lane"])
    for lane, count, oldest in _due(session, now):
        queued.add_metric([lane or NO_LANE], count)
        age.add_metric([lane or NO_LANE], (now - oldest).total_seconds())

    slowness = GaugeMetricFamily("workbot_lane_slowness", "1 is the full pace, 2 half of it", labels=["lane"])
    paused = GaugeMetricFamily("workbot_lane_paused_seconds", "For how long a lane still rests", labels=["lane"])
    failures = GaugeMetricFamily("workbot_lane_failures", "Failures in a row without a success", labels=["lane"])
    for pace in session.scalars(select(RateState).where(col(RateState.lane) != UNROUTED)):
        rest = (pace.paused_until - db_now).total_seconds() if pace.paused_until else 0.0
        slowness.add_metric([pace.lane], pace.slowness)
        paused.add_metric([pace.lane], max(0.0, rest))
        failures.add_metric([pace.lane], pace.failures)

    under_way = GaugeMetricFamily("workbot_messages_under_way", "Messages that a process has claimed")
    under_way.add_metric([], _number(session, State.SENDING))
    in_doubt = GaugeMetricFamily("workbot_messages_in_doubt", "Messages of which nobody knows whether they arrived")
    in_doubt.add_metric([], _number(session, State.UNKNOWN))
    return [queued, age, slowness, paused, failures, under_way, in_doubt]


def _due(session: Session, now: datetime) -> Iterable[tuple[str, int, datetime]]:
    lane, due_at = col(Message.lane), col(Message.due_at)
    waiting = select(lane, func.count(), func.min(due_at)).where(is_in(State.QUEUED), due_at <= now).group_by(lane)
    return [(name, count, oldest) for name, count, oldest in session.execute(waiting)]


def _number(session: Session, state: State) -> int:
    count: int = session.execute(select(func.count()).select_from(Message).where(is_in(state))).scalar_one()
    return count
