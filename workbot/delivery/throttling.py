"""Too fast: what a refusal that names no scope is about, the lane or one conversation, and what waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from workbot.delivery.claiming import Attempt
from workbot.delivery.governor import Throttle
from workbot.delivery.models import TABLE, Message, RateState, State, is_in
from workbot.errors import DeliveryError

# A reference; what went wrong; or None: nothing was tried, and the message is given back.
Outcome = str | DeliveryError | None
# When calls began and ended, by the process's monotonic clock, by message.
Spans = Mapping[int, tuple[float, float]]

# So much later than a refused message another must have been sent to have come after it for sure.
SURELY_AFTER = 0.02
# So many others taken between two refusals of the same message: it is its conversation that is refused.
OTHERS = 4
# After a second refusal others go first, by so much: then it is seen whether they are refused too.
A_MOMENT = timedelta(seconds=1)
# All that waits for a recipient waits until then, in the order in which it was written.
PUT_OFF = (
    update(TABLE)
    .where(TABLE.c.recipient == bindparam("whose"), is_in(State.QUEUED), TABLE.c.due_at < bindparam("until"))
    .values(due_at=bindparam("until"))
)
REASON = select(TABLE.c.reason).where(TABLE.c.id == bindparam("this"))


def is_of_one_conversation(
    session: Session, pace: RateState, done: Sequence[tuple[Attempt, Outcome]], spans: Spans
) -> bool:
    """Whether a refusal is one conversation's own: others were taken that were sent after it, or between its two."""
    refused = [(attempt, error) for attempt, error in done if isinstance(error, DeliveryError) and error.throttled]
    if len({attempt.outgoing.address for attempt, _error in refused}) != 1:
        return False
    attempt, error = refused[0]
    # Changes of what is there may have a limit of their own.
    is_update = bool(attempt.outgoing.reference)
    taken = [one.id for one, outcome in done if isinstance(outcome, str) and bool(one.outgoing.reference) == is_update]
    if attempt.id in spans:
        after = spans[attempt.id][0] + SURELY_AFTER
        if any(spans[key][0] > after for key in taken if key in spans):
            return True
    between = len(taken) + (pace.found or {}).get("taken", 0)
    if is_update or attempt.number == 1 or between < OTHERS:
        return False
    return session.connection().execute(REASON, {"this": attempt.id}).scalar() == error.reason


def put_off(session: Session, row: Message, until: datetime) -> None:
    """Have a message wait, and with it all that was written to its recipient after it."""
    row.due_at = max(row.due_at, until)
    session.connection().execute(PUT_OFF, {"whose": row.recipient, "until": until})


def throttle(attempt: Attempt, error: DeliveryError, spans: Spans, *, rate_now: datetime, at: float | None) -> Throttle:
    """A refusal by the governor's clock, which says `rate_now` when ours says `at`: None where time is made up."""
    began, ended = spans.get(attempt.id, (at, at)) if at is not None else (None, None)
    since_began, since_ended = (
        timedelta(seconds=max(0.0, at - moment)) if at is not None and moment is not None else timedelta()
        for moment in (began, ended)
    )
    is_update = bool(attempt.outgoing.reference)
    return Throttle(rate_now - since_began, rate_now - since_ended, error.retry_after, error.reason, is_update)


def topic(lane: str) -> str:
    """What is published when a lane was refused: whoever is about to send there holds it back."""
    return f"refused:{lane}"
