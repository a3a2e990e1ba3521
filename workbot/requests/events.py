"""What is recorded of requests: what was done, at which desk, and the state that it led to; never what was written."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from workbot import events
from workbot.events import Verb
from workbot.people import Person
from workbot.requests.models import Request
from workbot.requests.workflow import VERBS

# Besides what the table allows: it begins, and its words change where they were written.
OTHERS = ("open", "reword", "quote_edited", "quote_withdrawn")
RECORDED = {verb: Verb(f"requests.{verb}", "desk", "reference", "state") for verb in (*VERBS, *OTHERS)}


def record(session: Session, request: Request, verb: str, by: Person | None, *, now: datetime) -> None:
    """Record that a verb was done to a request, as it is now."""
    events.record(
        session,
        RECORDED[verb],
        request,
        by=by.id if by else None,
        now=now,
        desk=request.desk,
        reference=request.reference,
        state=str(request.state),
    )
