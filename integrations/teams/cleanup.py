"""What is thrown away: forms that nobody sent, and values of buttons that nobody presses any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from integrations.teams.models import TeamsForm, TeamsMemo

FORMS = timedelta(hours=48)
MEMOS = timedelta(days=180)


def clean_up(session: Session, *, now: datetime) -> None:
    """Throw away what is too old."""
    session.execute(delete(TeamsForm).where(col(TeamsForm.asked_at) < now - FORMS))
    session.execute(delete(TeamsMemo).where(col(TeamsMemo.used_at) < now - MEMOS))
