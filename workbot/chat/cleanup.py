"""What is thrown away: forms that nobody sent, and values of buttons that nobody presses any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from workbot.chat.models import KeptForm, LongValue

FORMS = timedelta(hours=48)
LONG_VALUES = timedelta(days=180)


def clean_up(session: Session, *, now: datetime) -> None:
    """Throw away what is too old, on every platform."""
    session.execute(delete(KeptForm).where(col(KeptForm.asked_at) < now - FORMS))
    session.execute(delete(LongValue).where(col(LongValue.used_at) < now - LONG_VALUES))
