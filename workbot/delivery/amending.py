"""Taking back and changing what was told: wherever it landed, and in what we keep of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select, update
from sqlmodel import Session

from workbot.cards import Card, dump
from workbot.delivery.models import TABLE, State
from workbot.delivery.service import queue, write_down
from workbot.people import MAIL_PLATFORM
from workbot.storage.database import flush_deferred

TAKEN_BACK = "taken back"
# It is somewhere, or may be.
SHOWN = (State.SENT, State.SENDING, State.UNKNOWN)
COLUMNS = (
    "id", "key", "subject", "state", "reason", "platform", "person_id", "place_id", "recipient", "thread", "locale",
    "priority", "only_platform",
)  # fmt: skip


def amend(
    session: Session, keys: Sequence[str], card: Callable[[str], Card], *, now: datetime, taken_back: bool = False
) -> None:
    """Put a card in place of those that were told under some keys, and keep nothing of them.

    `card` makes it in a locale. What was not sent goes out as it is now or, `taken_back`, not at all; letters stay as
    they are.
    """
    flush_deferred(session, only=write_down)
    for told in _told(session, keys):
        _amend(session, told, card(told[0].locale), now=now, taken_back=taken_back)


def forget_earlier(session: Session, subject: str) -> None:
    """Keep of what each recipient was told about a subject the newest card alone."""
    flush_deferred(session, only=write_down)
    connection = session.connection()
    rows = connection.execute(
        select(TABLE.c.id, TABLE.c.recipient, TABLE.c.card).where(TABLE.c.subject == subject).order_by(TABLE.c.id)
    ).all()
    newest = {row.recipient: row for row in rows}
    for row in rows:
        if row.id != newest[row.recipient].id:
            connection.execute(update(TABLE).where(TABLE.c.id == row.id).values(card=newest[row.recipient].card))


def _told(session: Session, keys: Sequence[str]) -> list[list[Row[Any]]]:
    """The messages that were told under some keys, or in place of those, for each recipient in their order."""
    rows = session.connection().execute(
        select(*(TABLE.c[name] for name in COLUMNS))
        .where(or_(TABLE.c.key.in_(keys), TABLE.c.subject.in_(keys)))
        .order_by(TABLE.c.id)
        .with_for_update()
    )
    told: dict[str, list[Row[Any]]] = {}
    for row in rows:
        told.setdefault(row.recipient, []).append(row)
    return list(told.values())


def _amend(session: Session, told: Sequence[Row[Any]], card: Card, *, now: datetime, taken_back: bool) -> None:
    """Change what one recipient was told: in what is kept of it, in what waits, and where it is shown."""
    first, data = told[0], dump(card)
    # A letter cannot be changed where it is, nor followed by another for each word.
    is_shown = any(row.state in SHOWN and row.platform != MAIL_PLATFORM for row in told)
    for row in told:
        values: dict[str, Any] = {"card": data, "subject": first.key}
        if taken_back and not is_shown and row.state == State.QUEUED:
            values |= {"state": State.WITHDRAWN.value, "reason": TAKEN_BACK}
        elif not taken_back and row.reason == TAKEN_BACK and row.state == State.WITHDRAWN:
            values |= {"state": State.QUEUED.value, "reason": ""}
        session.connection().execute(update(TABLE).where(TABLE.c.id == row.id).values(values))
    if is_shown and not any(row.state == State.QUEUED for row in told):
        again = {
            name: getattr(first, name)
            for name in ("person_id", "place_id", "recipient", "thread", "locale", "priority", "only_platform")
        }
        queue(
            session, **again, key=f"{first.key}~{len(told)}", subject=first.key, card=data, created_at=now, due_at=now
        )
