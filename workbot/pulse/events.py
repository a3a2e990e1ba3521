"""What is recorded of surveys: that a wave opened and closed.

Nothing is recorded of answering: the times of answers would order them, and with them who gave which. What answers
pass through may not import this module, and an import contract says so.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from workbot import events
from workbot.events import Verb
from workbot.pulse.models import Wave

LAUNCHED, CLOSED = (Verb(f"pulse.{verb}", "survey", "number", "mode") for verb in ("launch", "close"))


def record(session: Session, verb: Verb, wave: Wave, *, by: UUID | None, now: datetime) -> None:
    """Record what was done to a wave."""
    events.record(session, verb, wave, by=by, now=now, survey=wave.survey, number=wave.number, mode=wave.mode)
