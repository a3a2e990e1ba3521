"""Outcomes: what became of messages, written down by whoever still has them, and the doubts settled.

Every write names the process and the attempt it was: one that was paused beyond its lease finds its
message in other hands, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy import Integer, String, bindparam, update
from sqlmodel import Session, select

from workbot.bulk import Given
from workbot.delivery import governor
from workbot.delivery.claiming import Errand
from workbot.delivery.models import TABLE, Message, State, is_in, is_still
from workbot.delivery.reach import refuses, takes_again, tell_of_many
from workbot.errors import DeliveryError
from workbot.people import Account

# Doubling pauses up to an hour: about a day of trying in all.
MOST_ATTEMPTS = 32
# Whoever alone is refused so often as too fast lets the others pass.
PATIENT_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)

SENT = Counter("workbot_messages_total", "Messages by what became of them", ("platform", "outcome"))
AGE = Histogram("workbot_message_age_seconds", "From due to sent", buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 3600))

# A reference; what went wrong; or None: nothing was tried, and the message is given back.
Outcome = str | DeliveryError | None

_ROWS = Given(this=Integer(), attempt=Integer(), reference=String())
# Whoever lost the lease of a message meanwhile changes nothing.
MARK_SENT = (
    update(TABLE)
    .where(TABLE.c.id == _ROWS.c.this, TABLE.c.attempts == _ROWS.c.attempt)
    .where(is_still(State.SENDING), TABLE.c.claimed_by == bindparam("by"))
    .values(state=State.SENT.value, reference=_ROWS.c.reference, reason="", sent_at=bindparam("now"))
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the messages that a process claimed from one lane."""

    lane: str
    claimed_by: str
    done: Sequence[tuple[Errand, Outcome]]

    @property
    def refused(self) -> bool:
        """Whether the lane said that we were too fast."""
        return any(isinstance(outcome, DeliveryError) and outcome.throttled for _errand, outcome in self.done)

    def write(self, session: Session, *, now: datetime, beat: datetime, wall: datetime) -> None:
        """Write it down; `now` is the house's time, `beat` the governor's, `wall` that of leases."""
        sent = [(errand, outcome) for errand, outcome in self.done if isinstance(outcome, str)]
        refused = [(errand, outcome) for errand, outcome in self.done if isinstance(outcome, DeliveryError)]
        self._sent(session, sent, now)
        self._give_back(session, [errand for errand, outcome in self.done if outcome is None])
        for errand, error in refused:
            self._refused(session, errand, error, now=now, wall=wall)
        if any(error.permanent for _errand, error in refused):
            tell_of_many(session, refused[0][0].platform, now=now)
        self._tell_governor(session, bool(sent), [error for _errand, error in refused], beat)

    def _sent(self, session: Session, sent: Sequence[tuple[Errand, str]], now: datetime) -> None:
        if not sent:
            return
        rows = [{"this": errand.id, "attempt": errand.attempt, "reference": where} for errand, where in sent]
        what = {"by": self.claimed_by, "now": now}
        written = session.connection().execute(MARK_SENT, _ROWS.rows(session, rows) | what).rowcount
        if written != len(rows):
            log.warning("courier.lease_lost", lane=self.lane, messages=len(rows) - written)
        if again := [errand.account_id for errand, _reference in sent if errand.is_retry and errand.account_id]:
            takes_again(session, again)
        for errand, _reference in sent:
            AGE.observe(max(0.0, (now - errand.due_at).total_seconds()))
        SENT.labels(sent[0][0].platform, "sent").inc(len(sent))

    def _give_back(self, session: Session, errands: Sequence[Errand]) -> None:
        if not errands:
            return
        change = (
            update(TABLE)
            .where(TABLE.c.id == bindparam("this"), TABLE.c.attempts == bindparam("attempt"))
            .where(is_still(State.SENDING), TABLE.c.claimed_by == self.claimed_by)
            .values(state=State.QUEUED.value, claimed_by="", attempts=TABLE.c.attempts - 1)
        )
        rows = [{"this": errand.id, "attempt": errand.attempt} for errand in errands]
        session.connection().execute(change, rows)

    def _refused(
        self, session: Session, errand: Errand, error: DeliveryError, *, now: datetime, wall: datetime
    ) -> None:
        held = (Message.attempts == errand.attempt, Message.claimed_by == self.claimed_by, is_in(State.SENDING))
        row = session.exec(select(Message).where(Message.id == errand.id, *held).with_for_update()).first()
        if row is None:
            log.warning("courier.lease_lost", lane=self.lane, message=errand.id)
            return
        SENT.labels(errand.platform, "refused").inc()
        row.reason, row.claimed_by = error.reason, ""
        account = session.get(Account, errand.account_id) if errand.account_id else None
        if error.permanent and account is not None:
            # Their next surface is tried at once.
            refuses(account, error.reason, now=now)
            row.state, row.lane = State.QUEUED, ""
        elif error.permanent or error.rejected:
            row.state = State.FAILED
        elif error.doubtful:
            row.state, row.lease_until = State.UNKNOWN, wall
        elif error.throttled and row.attempts <= PATIENT_ATTEMPTS:
            # The lane waits, and the message keeps its place: what was written after it goes after it.
            try_again(row, row.due_at, timedelta())
        else:
            try_again(row, now, error.retry_after)
        if row.state in (State.FAILED, State.UNKNOWN):
            log.warning("message.not_sent", message=row.id, trace=row.trace, state=row.state, reason=row.reason)

    def _tell_governor(self, session: Session, went: bool, errors: Sequence[DeliveryError], beat: datetime) -> None:
        """A lane learns from refusals that were about us, not about one message."""
        throttled = [error for error in errors if error.throttled]
        failed = [error for error in errors if not (error.throttled or error.permanent or error.rejected)]
        pace = governor.lane_row(session, self.lane, wall=beat)
        if went:
            governor.went_well(pace, wall=beat)
        elif failed:
            governor.stumbled(pace, len(failed), failed[-1].reason, wall=beat)
        if throttled:
            longest = max((error.retry_after for error in throttled if error.retry_after), default=None)
            governor.throttled(pace, longest, throttled[-1].reason, wall=beat)


def try_again(row: Message, now: datetime, after: timedelta | None = None) -> None:
    """Queue a message once more, or give it up when it was tried for a day."""
    if row.attempts >= MOST_ATTEMPTS:
        row.state = State.FAILED
    else:
        row.state, row.due_at = State.QUEUED, now + (pause(row.attempts) if after is None else after)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling, up to an hour."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempts, 20) - 1))
