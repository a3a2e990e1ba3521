"""Queueing messages, and finding what a message was about.

What is told is written when the transaction ends, all of it by the same statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, bindparam, func, insert, select, update
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlmodel import Session, col

from workbot.cards import Card, dump, load
from workbot.delivery.models import HAS_REFERENCE, TABLE, Campaign, Priority, State, is_in, is_still
from workbot.people import Channel, Person, channels_named
from workbot.storage.bulk import JsonRows, is_new
from workbot.storage.database import defer_write, flush_deferred
from workbot.storage.pubsub import publish

# What is published when something was queued.
TOPIC = "outbox"
# What is said of a message when it is told; the rest of its row is as every row begins.
_TOLD = [
    TABLE.c[name]
    for name in (
        "key", "person_id", "place_id", "recipient", "subject", "thread", "campaign", "trace", "card", "locale",
        "priority", "working_hours", "only_platform", "resend_on_doubt", "created_at", "due_at", "expires_at",
    )
]  # fmt: skip
_UNSAID = {
    column.name: column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
    for column in _TOLD
}
_NEW = JsonRows(**{column.name: column.type for column in _TOLD}, order=Integer())
_SUBJECTS = JsonRows(key=String(), subject=String(), recipient=String())
_OTHER = TABLE.alias()
# Rows without the cost of objects: nobody looks at them before they are claimed.
QUEUE = insert(TABLE).from_select(
    _TOLD,
    select(*(_NEW.c[column.name] for column in _TOLD)).where(is_new(TABLE.c.key, _NEW.c.key)).order_by(_NEW.c.order),
)
# What is new takes the place of what was queued about the same.
_LAST_QUEUED = (
    select(func.max(_OTHER.c.id))
    .where(
        _OTHER.c.subject == _SUBJECTS.c.subject, _OTHER.c.recipient == _SUBJECTS.c.recipient, _OTHER.c.state == "queued"
    )
    .scalar_subquery()
)
SUPERSEDE = (
    update(TABLE)
    .where(
        TABLE.c.id.in_(select(_LAST_QUEUED).select_from(_SUBJECTS.table).where(is_new(TABLE.c.key, _SUBJECTS.c.key)))
    )
    .values(state=State.WITHDRAWN.value, reason="superseded")
)
WITHDRAW = (
    update(TABLE)
    .where(TABLE.c.subject == bindparam("about"), is_still(State.QUEUED))
    .values(state=State.WITHDRAWN.value, reason="superseded")
)
SUBJECT = select(TABLE.c.subject).where(
    TABLE.c.platform == bindparam("platform"),
    TABLE.c.reference == bindparam("reference"),
    HAS_REFERENCE,
    TABLE.c.subject != "",
)
_ACTED_ON = JsonRows(platform=String(), reference=String())
READ = (
    update(TABLE)
    .where(TABLE.c.platform == _ACTED_ON.c.platform)
    .where(TABLE.c.reference == _ACTED_ON.c.reference)
    .where(HAS_REFERENCE, TABLE.c.is_read.is_(False))
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
) -> None:
    """Queue a card for a person, in this transaction, unless `key` was queued before.

    `working_hours` holds it until the person works; `platform` names the only one to use, such as
    `email`; otherwise it goes where the person prefers, and falls to their next account when the
    first is closed to us. `campaign` is the key of a campaign that it counts for.
    """
    queue(
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


def tell_channel(
    session: Session,
    name: str,
    card: Callable[[Channel], Card],
    *,
    key: str,
    now: datetime,
    subject: str = "",
    thread: str = "",
    due: datetime | None = None,
    priority: int = Priority.NOTICE,
    besides: str = "",
) -> None:
    """Queue a card for every channel of a name, made for each in its language.

    `besides` names a platform whose channel has it already: what was written there is not repeated.
    """
    for channel in channels_named(session, name):
        if channel.platform != besides:
            queue(
                session,
                key=f"{key}@{channel.platform}",
                place_id=channel.id,
                recipient=f"place:{channel.id}",
                subject=subject,
                thread=thread,
                card=dump(card(channel)),
                locale=channel.locale,
                priority=priority,
                created_at=now,
                due_at=due or now,
            )


def keys_of_channel(session: Session, name: str, key: str) -> list[str]:
    """The keys under which the channels of a name were told something, open or closed as they are now."""
    platforms = session.scalars(select(col(Channel.platform)).where(col(Channel.name) == name))
    return [f"{key}@{platform}" for platform in platforms]


def withdraw(session: Session, *, subject: str, recipient: str = "") -> int:
    """Take back what is queued about a subject and not yet under way; how many there were."""
    flush_deferred(session, only=write_down)
    which, whose = (WITHDRAW_FROM, {"whose": recipient}) if recipient else (WITHDRAW, {})
    # The connection rather than the session: a campaign does this for everyone, and no object is waiting to hear of it.
    return session.connection().execute(which, {"about": subject, **whose}).rowcount


def withdraw_all(session: Session, *, keys: str) -> int:
    """Take back all that is queued under keys that begin so and not yet under way; how many there were."""
    flush_deferred(session, only=write_down)
    those = update(TABLE).where(is_in(State.QUEUED), TABLE.c.key.startswith(keys, autoescape=True))
    values = {"state": State.WITHDRAWN.value, "reason": "superseded"}
    return session.connection().execute(those.values(values)).rowcount


def subject_of(session: Session, platform: str, reference: str) -> str:
    """What a message of ours was about, by the platform's reference for it; empty if it is not ours."""
    where = {"platform": platform, "reference": reference}
    found: str | None = session.connection().execute(SUBJECT, where).scalars().first()
    return found or ""


def told(session: Session, person: Person, subject: str) -> Card | None:
    """The newest card that a person was told about a subject."""
    flush_deferred(session, only=write_down)
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
    defer_write(session, _note_read, {"platform": platform, "reference": reference})


def _note_read(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    session.connection().execute(READ, _ACTED_ON.rows(session, rows))


def queue(session: Session, **values: Any) -> None:
    """Queue a message as it stands: what is not said of it is as every row begins."""
    defer_write(session, write_down, {**_UNSAID, **values, "trace": session.info.get("trace", "")})
    publish(session, TOPIC)


def write_down(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    """Queue messages whose keys are new, in the order they were told."""
    # Whom they are for may be new too.
    session.flush()
    connection = session.connection()
    for some in _apart(rows):
        if subjects := [
            {name: row[name] for name in ("key", "subject", "recipient")} for row in some if row["subject"]
        ]:
            about = _SUBJECTS.rows(session, subjects)
            # Of two that were told at the same moment elsewhere, both may be queued.
            while connection.execute(SUPERSEDE, about).rowcount:
                pass
        for order, row in enumerate(some):
            row["order"] = order
        connection.execute(QUEUE, _NEW.rows(session, some))


def _apart(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Rows in their order, so that what is told twice, or supersedes another, comes after that was written."""
    some: list[dict[str, Any]] = []
    names: set[object] = set()
    for row in rows:
        those = {row["key"], (row["recipient"], row["subject"]) if row["subject"] else row["key"]}
        if not names.isdisjoint(those):
            yield some
            some, names = [], set()
        some.append(row)
        names |= those
    yield some
