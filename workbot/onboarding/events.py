"""What is recorded of journeys: which one, of which kind, and which step; never what stands in it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from workbot import events
from workbot.events import Verb
from workbot.onboarding.models import Journey, Step

STARTED, MOVED, REASSIGNED, CANCELLED, COMPLETED = (
    Verb(f"onboarding.{verb}", "journey", "day") for verb in ("start", "move", "change_people", "cancel", "complete")
)
DONE, UNDONE = (Verb(f"onboarding.{verb}", "journey", "step") for verb in ("tick", "untick"))


def record(session: Session, verb: Verb, journey: Journey, *, by: UUID | None, now: datetime) -> None:
    """Record what was done to a journey, as it is now."""
    events.record(session, verb, journey, by=by, now=now, journey=journey.name, day=journey.key_date.isoformat())


def record_step(session: Session, verb: Verb, journey: Journey, step: Step, *, by: UUID, now: datetime) -> None:
    """Record that a step was done, or opened again."""
    events.record(session, verb, journey, by=by, now=now, journey=journey.name, step=step.step)
