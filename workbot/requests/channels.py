"""Where desks work: each has a channel of its own."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from workbot.i18n import language
from workbot.people import ensure_channel
from workbot.requests import queries
from workbot.settings import Settings


def prepare(session: Session, settings: Settings, *, now: datetime) -> None:
    """See that every desk has its channel."""
    for desk in queries.desks(session):
        title = language(settings.locale).of(desk.title)
        ensure_channel(
            session,
            desk.channel,
            title=title,
            role=desk.role,
            locale=settings.locale,
            channels=desk.channels,
            private=desk.private,
            emoji=desk.emoji or "",
        )
