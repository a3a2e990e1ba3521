"""What is thrown away: forms that nobody sent, and values of buttons that nobody presses any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from integrations.slack.models import SlackForm, SlackMemo

FORMS = timedelta(hours=48)
MEMOS = timedelta(days=180)


def clean_up(session: Session, *, now: datetime) -> None:
    """Throw away what is too old."""
    session.execute(delete(SlackForm).where(col(SlackForm.asked_at) < now - FORMS))
    session.execute(delete(SlackMemo).where(col(SlackMemo.used_at) < now - MEMOS))
