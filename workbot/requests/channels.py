"""Where desks work: each has a channel of its own."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from sqlmodel import Session

from workbot.definitions import all_current, names_on
from workbot.i18n import language
from workbot.people import ensure_channel
from workbot.requests.kind import KIND
from workbot.settings import Settings


def prepare(session: Session, settings: Settings, *, besides: AbstractSet[str] = frozenset()) -> None:
    """See that every desk that is on has its channel, and those `besides` that have work although they are off."""
    wanted = besides | names_on(session, KIND)
    for desk in (desk for desk in all_current(session, KIND) if desk.name in wanted):
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
