"""Outcomes: what became of messages, written down by whoever still has them, and the doubts settled.

Every write names the process and the attempt it was: one that was paused beyond its lease finds its
message in other hands, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy import Integer, String, bindparam, update
from sqlmodel import Session, select

from workbot.delivery import governor
from workbot.delivery.claiming import Attempt
from workbot.delivery.models import TABLE, Message, RateState, State, is_in, is_still
from workbot.delivery.reach import refuses, takes_again, tell_of_many
from workbot.delivery.throttling import A_MOMENT, Outcome, Spans, is_of_one_conversation, put_off, throttle, topic
from workbot.errors import DeliveryError
from workbot.people import Account
from workbot.platforms import Limits
from workbot.storage.bulk import JsonRows
from workbot.storage.pubsub import publish

# Doubling pauses up to an hour: about a day of trying in all.
MOST_ATTEMPTS = 32
# What was only ever too fast is tried for so long at least.
A_DAY = timedelta(days=1)
# Until so many refusals of its own a conversation waits no longer than the platform says.
PATIENT_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)

SENT = Counter("workbot_messages_total", "Messages by what became of them", ("platform", "outcome"))
AGE = Histogram("workbot_message_age_seconds", "From due to sent", buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 3600))

_ROWS = JsonRows(this=Integer(), attempt=Integer(), reference=String())
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
    """What became of the messages that a process claimed from one lane.

    `spans` says when the calls of some began and ended, by the process's monotonic clock.
    """

    lane: str
    claimed_by: str
    done: Sequence[tuple[Attempt, Outcome]]
    spans: Spans = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether the lane said that we were too fast."""
        return any(isinstance(outcome, DeliveryError) and outcome.throttled for _attempt, outcome in self.done)

    def write(
        self,
        session: Session,
        *,
        now: datetime,
        rate_now: datetime,
        db_now: datetime,
        limits: Limits | None = None,
        at: float | None = None,
    ) -> None:
        """Write it down; `now` is the app's time, `rate_now` the governor's, `db_now` that of leases.

        `at` is the same moment by the process's monotonic clock, None where time is made up.
        """
        sent = [(attempt, outcome) for attempt, outcome in self.done if isinstance(outcome, str)]
        refused = [(attempt, outcome) for attempt, outcome in self.done if isinstance(outcome, DeliveryError)]
        self._sent(session, sent, now)
        self._give_back(session, [attempt for attempt, outcome in self.done if outcome is None])
        pace = governor.lane_row(session, self.lane, db_now=rate_now)
        own = is_of_one_conversation(session, pace, self.done, self.spans)
        for attempt, error in refused:
            self._refused(session, attempt, error, now=now, db_now=db_now, own=own)
        if any(error.permanent for _attempt, error in refused):
            tell_of_many(session, refused[0][0].platform, now=now)
        self._tell_governor(
            session, pace, len(sent), refused, rate_now=rate_now, limits=limits or Limits(), own=own, at=at
        )

    def _sent(self, session: Session, sent: Sequence[tuple[Attempt, str]], now: datetime) -> None:
        if not sent:
            return
        rows = [{"this": attempt.id, "attempt": attempt.number, "reference": where} for attempt, where in sent]
        what = {"by": self.claimed_by, "now": now}
        written = session.connection().execute(MARK_SENT, _ROWS.rows(session, rows) | what).rowcount
        if written != len(rows):
            log.warning("sender.lease_lost", lane=self.lane, messages=len(rows) - written)
        if again := [attempt.account_id for attempt, _reference in sent if attempt.is_retry and attempt.account_id]:
            takes_again(session, again)
        for attempt, _reference in sent:
            AGE.observe(max(0.0, (now - attempt.due_at).total_seconds()))
        SENT.labels(sent[0][0].platform, "sent").inc(len(sent))

    def _give_back(self, session: Session, attempts: Sequence[Attempt]) -> None:
        if not attempts:
            return
        change = (
            update(TABLE)
            .where(TABLE.c.id == bindparam("this"), TABLE.c.attempts == bindparam("attempt"))
            .where(is_still(State.SENDING), TABLE.c.claimed_by == self.claimed_by)
            .values(state=State.QUEUED.value, claimed_by="", attempts=TABLE.c.attempts - 1)
        )
        rows = [{"this": attempt.id, "attempt": attempt.number} for attempt in attempts]
        session.connection().execute(change, rows)

    def _refused(
        self, session: Session, attempt: Attempt, error: DeliveryError, *, now: datetime, db_now: datetime, own: bool
    ) -> None:
        held = (Message.attempts == attempt.number, Message.claimed_by == self.claimed_by, is_in(State.SENDING))
        row = session.exec(select(Message).where(Message.id == attempt.id, *held).with_for_update()).first()
        if row is None:
            log.warning("sender.lease_lost", lane=self.lane, message=attempt.id)
            return
        SENT.labels(attempt.platform, "refused").inc()
        row.reason, row.claimed_by = error.reason, ""
        account = session.get(Account, attempt.account_id) if attempt.account_id else None
        if error.permanent and account is not None:
            # Their next surface is tried at once.
            refuses(account, error.reason, now=now)
            row.state, row.lane = State.QUEUED, ""
        elif error.permanent or error.rejected:
            row.state = State.FAILED
        elif error.doubtful:
            row.state, row.lease_until = State.UNKNOWN, db_now
        elif error.throttled:
            self._wait(session, row, error, now=now, own=own)
        else:
            try_again(row, now)
        if row.state in (State.FAILED, State.UNKNOWN):
            log.warning("message.not_sent", message=row.id, trace=row.trace, state=row.state, reason=row.reason)

    def _wait(self, session: Session, row: Message, error: DeliveryError, *, now: datetime, own: bool) -> None:
        """Too fast: the lane waits, and the message keeps its place; or its recipient alone does, with all of theirs.

        What was written after it goes after it in either case.
        """
        if row.attempts >= MOST_ATTEMPTS and now - row.created_at > A_DAY:
            row.state = State.FAILED
            return
        row.state = State.QUEUED
        if own:
            put_off(session, row, now + _patience(row.attempts, error.retry_after))
        elif row.attempts > 1:
            # Others go first, for a moment: then it is seen whether they are refused too.
            put_off(session, row, now + (error.retry_after or timedelta()) + A_MOMENT)

    def _tell_governor(
        self,
        session: Session,
        pace: RateState,
        went: int,
        refused: Sequence[tuple[Attempt, DeliveryError]],
        *,
        rate_now: datetime,
        limits: Limits,
        own: bool,
        at: float | None,
    ) -> None:
        """A lane learns from refusals that were about us, not about one message or conversation."""
        failed = [error for _attempt, error in refused if not (error.throttled or error.permanent or error.rejected)]
        if went:
            governor.went_well(pace, limits, went, db_now=rate_now)
        elif failed:
            governor.stumbled(pace, len(failed), failed[-1].reason, db_now=rate_now)
        throttled = [
            throttle(attempt, error, self.spans, rate_now=rate_now, at=at)
            for attempt, error in refused
            if error.throttled
        ]
        if throttled and not own:
            governor.throttled(pace, limits, throttled, db_now=rate_now)
            publish(session, topic(self.lane))


def _patience(attempts: int, asked: timedelta | None) -> timedelta:
    """How long a conversation of its own waits: as it says, unless it says so again and again."""
    if asked is not None and attempts <= PATIENT_ATTEMPTS:
        return asked
    return max(asked or timedelta(), pause(max(1, attempts - PATIENT_ATTEMPTS)))


def try_again(row: Message, now: datetime, after: timedelta | None = None) -> None:
    """Queue a message once more, or give it up when it was tried for a day."""
    if row.attempts >= MOST_ATTEMPTS:
        row.state = State.FAILED
    else:
        row.state, row.due_at = State.QUEUED, now + (pause(row.attempts) if after is None else after)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling, up to an hour."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempts, 20) - 1))
