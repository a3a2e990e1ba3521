"""Closing a wave: no more answers are taken, and its report is made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from workbot import delivery, jobs
from workbot.errors import WorkbotError
from workbot.pulse import events
from workbot.pulse.models import Wave


def close(session: Session, wave: Wave, *, by: UUID | None = None, now: datetime) -> None:
    """Stop taking answers and have the report made; what nobody has received yet is taken back.

    `by` is whoever closes it before its time. Raises WorkbotError when it is closed already.
    """
    held = session.get_one(Wave, wave.id, with_for_update=True)
    if held.closed_at is not None:
        raise WorkbotError("This survey has already closed.")
    held.closed_at = now
    session.add(held)
    events.record(session, events.CLOSED, held, by=by, now=now)
    for subject in (wave.subject, wave.reminder_subject):
        delivery.withdraw(session, subject=subject)
    delivery.campaign_is_told(session, wave.subject)
    jobs.cancel(session, series=wave.subject)
    payload = {"wave": str(wave.id), "batch": 0}
    jobs.at(session, now, "pulse.fold", payload, key=f"pulse.fold:{wave.id}:0")
    jobs.at(session, now, "pulse.report", payload, key=f"pulse.report:{wave.id}")
