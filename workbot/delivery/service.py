"""Queueing messages, and finding what a message was about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, col

from workbot.bell import ring
from workbot.cards import Card, dump, load
from workbot.delivery.models import TABLE, Campaign, Priority, State, is_in
from workbot.people import Person, Place, places

# What is rung when something was queued.
TOPIC = "outbox"
# Built once, since it is asked for every message.
QUEUED_BEFORE = select(TABLE.c.id).where(TABLE.c.key == bindparam("key"))
# A row without the cost of an object: nobody looks at it before it is claimed.
QUEUE = insert(TABLE)
WITHDRAW = (
    update(TABLE)
    .where(TABLE.c.subject == bindparam("about"), is_in(State.QUEUED))
    .values(state=State.WITHDRAWN.value, reason="superseded")
)
SUBJECT = select(TABLE.c.subject).where(
    TABLE.c.platform == bindparam("platform"), TABLE.c.reference == bindparam("reference"), TABLE.c.subject != ""
)
READ = (
    update(TABLE)
    .where(TABLE.c.platform == bindparam("on"), TABLE.c.reference == bindparam("where"))
    .where(TABLE.c.reference != "", TABLE.c.is_read.is_(False))
    .values(is_read=True)
)
WITHDRAW_FROM = WITHDRAW.where(TABLE.c.recipient == bindparam("whose"))


def tell(
    session: Session,
    person: Person,
    card: Card,
    *,
    key: str,
    now: datetime,
    subject: str = "",
    thread: str = "",
    due: datetime | None = None,
    expires: datetime | None = None,
    working_hours: bool = False,
    priority: int = Priority.NOTICE,
    platform: str = "",
    resend_on_doubt: bool = True,
    campaign: str = "",
) -> bool:
    """Queue a card for a person, in this transaction; whether it is new, and `key` was not queued before.

    `working_hours` holds it until the person works; `platform` names the only one to use, such as
    `email`; otherwise it goes where the person prefers, and falls to their next account when the
    first is closed to us. `campaign` is the key of a campaign that it counts for.
    """
    return _queue(
        session,
        key=key,
        person_id=person.id,
        recipient=f"person:{person.id}" + (f":{platform}" if platform else ""),
        subject=subject,
        thread=thread,
        campaign=campaign,
        card=dump(card),
        locale=person.locale,
        priority=priority,
        working_hours=working_hours,
        only_platform=platform,
        resend_on_doubt=resend_on_doubt,
        created_at=now,
        due_at=due or now,
        expires_at=expires,
    )


def tell_place(
    session: Session,
    name: str,
    card: Callable[[Place], Card],
    *,
    key: str,
    now: datetime,
    subject: str = "",
    thread: str = "",
    due: datetime | None = None,
    priority: int = Priority.NOTICE,
    besides: str = "",
) -> int:
    """Queue a card for every channel of a name, made for each in its language; how many are new.

    `besides` names a platform whose channel has it already: what was written there is not repeated.
    """
    return sum(
        _queue(
            session,
            key=f"{key}@{place.platform}",
            place_id=place.id,
            recipient=f"place:{place.id}",
            subject=subject,
            thread=thread,
            card=dump(card(place)),
            locale=place.locale,
            priority=priority,
            created_at=now,
            due_at=due or now,
        )
        for place in places(session, name)
        if place.platform != besides
    )


def withdraw(session: Session, *, subject: str, recipient: str = "") -> int:
    """Take back what is queued about a subject and not yet under way; how many there were."""
    session.flush()
    which, whose = (WITHDRAW_FROM, {"whose": recipient}) if recipient else (WITHDRAW, {})
    # The connection rather than the session: a campaign does this for everyone, and no object is waiting to hear of it.
    return session.connection().execute(which, {"about": subject, **whose}).rowcount


def subject_of(session: Session, platform: str, reference: str) -> str:
    """What a message of ours was about, by the platform's reference for it; empty if it is not ours."""
    session.flush()
    where = {"platform": platform, "reference": reference}
    found: str | None = session.connection().execute(SUBJECT, where).scalars().first()
    return found or ""


def told(session: Session, person: Person, subject: str) -> Card | None:
    """The newest card that a person was told about a subject."""
    said = (TABLE.c.subject == subject, TABLE.c.recipient == f"person:{person.id}")
    found = session.execute(select(TABLE.c.card).where(*said).order_by(TABLE.c.id.desc()).limit(1)).scalars().first()
    return load(found) if found else None


def begin_campaign(
    session: Session, key: str, title: Mapping[str, str], *, path: str = "", expected: int = 0, now: datetime
) -> None:
    """Name a campaign, by language, before its messages are told; `path` is the page of what it is for.

    `expected` is how many messages it will be, where they are told in many transactions.
    """
    session.merge(Campaign(key=key, title=dict(title), path=path, expected=expected, started_at=now))


def campaign_is_told(session: Session, key: str) -> None:
    """Note that no more messages will be told for a campaign than were until now."""
    session.execute(update(Campaign).where(col(Campaign.key) == key).values(expected=0))


def mark_read(session: Session, platform: str, reference: str) -> None:
    """Note that the recipient of a message has acted on it."""
    session.flush()
    session.connection().execute(READ, {"on": platform, "where": reference})


def _queue(session: Session, *, key: str, subject: str, recipient: str, **values: Any) -> bool:
    session.flush()
    connection = session.connection()
    if connection.execute(QUEUED_BEFORE, {"key": key}).first():
        return False
    if subject:
        withdraw(session, subject=subject, recipient=recipient)
    named = {"key": key, "subject": subject, "recipient": recipient, "trace": session.info.get("trace", "")}
    connection.execute(QUEUE, named | values)
    ring(session, TOPIC)
    return True
