"""Conversations: who may read which, what stands in them, and how it gets there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Table, and_, delete, func, insert, text
from sqlmodel import Session, col, or_, select

from integrations.web.models import ChatCounter, ChatFile, ChatMessage
from integrations.web.names import NAME
from workbot.cards import Card, dump, files, load
from workbot.errors import Gone, NotAllowed
from workbot.people import Channel, Person, may_enter
from workbot.storage.bulk import JsonRows, is_new
from workbot.storage.database import defer_write
from workbot.storage.pubsub import publish

# What is published when something was written.
TOPIC = "chat"
PAGE = 50

# One statement on both databases; the lock it takes makes versions grow in the order of commits.
_COUNT = text(
    "INSERT INTO chat_counter (id, value) VALUES (1, :more) "
    "ON CONFLICT (id) DO UPDATE SET value = chat_counter.value + :more RETURNING value"
)
_TABLE: Table = ChatMessage.__table__  # type: ignore[attr-defined]
_UNSAID: dict[str, Any] = dict.fromkeys(_TABLE.c.keys()) | {"text": ""}
_NEW = JsonRows(**{column.name: column.type for column in _TABLE.c})
_WRITE = insert(_TABLE).from_select(list(_TABLE.c), sa.select(*_NEW.c).where(is_new(_TABLE.c.key, _NEW.c.key)))
_TOUCHED = JsonRows(this=_TABLE.c.id.type, version=_TABLE.c.version.type)
_TOUCH = sa.update(_TABLE).where(_TABLE.c.id == _TOUCHED.c.this).values(version=_TOUCHED.c.version)
_FILES: Table = ChatFile.__table__  # type: ignore[attr-defined]
_CARRIED = JsonRows(this=_TABLE.c.id.type, file=_FILES.c.file.type)
# The files of a message that was there before are there too.
_CARRY = insert(_FILES).from_select(
    [_FILES.c.message_id, _FILES.c.file],
    sa.select(_TABLE.c.id, _CARRIED.c.file).select_from(_CARRIED.table).join(_TABLE, _TABLE.c.id == _CARRIED.c.this),
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A person's own chat or a channel, whole or one thread of it."""

    address: str
    title: str = ""
    place: str = ""
    root: ChatMessage | None = None

    @property
    def thread(self) -> str:
        return str(self.root.id) if self.root else ""

    @property
    def path(self) -> str:
        if self.root:
            return f"/chat/t/{self.root.id}"
        return f"/chat/p/{self.place}" if self.place else "/chat"

    @property
    def is_own(self) -> bool:
        return not self.place


@dataclass(frozen=True, slots=True)
class Change:
    """A message that pages have not seen as it is now: a new one with its row, or one that was there."""

    id: UUID
    row: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Replies:
    """How many messages stand under one, and when the last was written."""

    count: int = 0
    last_at: datetime | None = None


def own(person: Person) -> str:
    """The address of a person's own conversation."""
    return f"person:{person.id}"


def find(session: Session, person: Person, *, place: str = "", thread: str = "") -> Conversation:
    """The conversation that a page names; raises Gone or NotAllowed where the person may not read it."""
    if thread:
        return _thread(session, person, thread)
    if not place:
        return Conversation(own(person))
    named = select(Channel).where(Channel.name == place, Channel.platform == NAME)
    # A name that cannot be stored is not asked for: PostgreSQL refuses NUL.
    found = session.exec(named).first() if place.isprintable() else None
    if found is None:
        raise Gone("There is no channel of that name.")
    if not may_enter(session, person, found):
        raise NotAllowed("This channel is for the people who work in it. Ask an administrator if you should be there.")
    return Conversation(found.address, found.title or found.name, found.name)


def message(session: Session, person: Person, key: str) -> ChatMessage:
    """A message that a person may see; raises Gone where there is none, or it is not theirs."""
    found = session.get(ChatMessage, uuid(key) or UUID(int=0))
    if found is None or not may_read(session, person, found.address) or found.only_for not in (None, person.id):
        raise Gone("This message is not here, or it is not yours to see.")
    return found


def may_read(session: Session, person: Person, address: str) -> bool:
    if address == own(person):
        return True
    place = session.exec(select(Channel).where(Channel.address == address, Channel.platform == NAME)).first()
    return place is not None and may_enter(session, person, place)


def channels(session: Session, person: Person) -> list[Channel]:
    """The channels that a person may enter, by title."""
    found = session.exec(select(Channel).where(Channel.platform == NAME).order_by(Channel.title, Channel.name)).all()
    return [place for place in found if may_enter(session, person, place)]


def may_have(session: Session, person: Person, file: str) -> bool:
    """Whether a message that the person may see carries a file."""
    carrying = select(ChatMessage).join(ChatFile).where(ChatFile.file == file, _visible(person))
    return any(may_read(session, person, found.address) for found in session.exec(carrying))


def shown(session: Session, person: Person, where: Conversation, *, before: int = 0) -> list[ChatMessage]:
    """A page of a conversation, oldest first: the newest messages, or those before a place in it."""
    earlier = [ChatMessage.seq < before] if before else []
    rows = session.exec(
        select(ChatMessage)
        .where(_inside(where), _visible(person), *earlier)
        .order_by(col(ChatMessage.seq).desc())
        .limit(PAGE)
    )
    return list(reversed(rows.all()))


def news(session: Session, person: Person, where: Conversation, *, after: int) -> Sequence[ChatMessage]:
    """What is new or has changed since a version, in the order it happened."""
    inside = _inside(where)
    if where.root:
        inside = or_(inside, ChatMessage.id == where.root.id)
    return session.exec(
        select(ChatMessage)
        .where(inside, _visible(person), ChatMessage.version > after)
        .order_by(col(ChatMessage.version))
    ).all()


def replies(session: Session, person: Person, rows: Iterable[ChatMessage]) -> dict[UUID, Replies]:
    """What stands under messages, by their ids."""
    counted = session.exec(
        select(ChatMessage.thread_id, func.count(), func.max(ChatMessage.said_at))
        .where(col(ChatMessage.thread_id).in_([row.id for row in rows]), _visible(person))
        .group_by(col(ChatMessage.thread_id))
    )
    return {root: Replies(count, last) for root, count, last in counted if root}


def changed(session: Session, *, after: int) -> tuple[set[str], int]:
    """The conversations with anything newer than a version, and the newest version of all."""
    newest = version(session)
    rows = session.exec(select(ChatMessage.address).where(ChatMessage.version > after).distinct())
    return (set(rows), newest) if newest > after else (set(), newest)


def version(session: Session) -> int:
    counter = session.get(ChatCounter, 1)
    return counter.value if counter else 0


def write(session: Session, row: dict[str, Any]) -> None:
    """Put a message into its conversation, once per key, when the transaction ends; `row` is what is not as usual."""
    row = _UNSAID | row
    _change(session, Change(row["id"], row))
    if row["thread_id"]:
        _change(session, Change(row["thread_id"]))


def replace(session: Session, row: ChatMessage, card: Card, locale: str) -> None:
    """Put a card where another stands."""
    row.card, row.text, row.locale = dump(card), "", locale
    touch(session, row)
    session.execute(delete(ChatFile).where(col(ChatFile.message_id) == row.id))
    session.add_all(ChatFile(message_id=row.id, file=file) for file in set(files(card)))


def touch(session: Session, row: ChatMessage) -> None:
    """Have every page draw a message again: its buttons may be pressed anew."""
    _change(session, Change(row.id))


def uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


def _thread(session: Session, person: Person, key: str) -> Conversation:
    root = message(session, person, key)
    if root.thread_id:
        root = message(session, person, str(root.thread_id))
    place = root.address.removeprefix("place:") if root.address.startswith("place:") else ""
    title = load(root.card).title if root.card else root.text[:80]
    return Conversation(root.address, title, place, root)


def _inside(where: Conversation) -> Any:
    """The messages of a conversation. One's own shows what came in its threads too, where one cannot miss it."""
    if where.root:
        return ChatMessage.thread_id == where.root.id
    here, top = col(ChatMessage.address) == where.address, col(ChatMessage.thread_id).is_(None)
    if not where.is_own:
        return and_(here, top)
    came_in = and_(col(ChatMessage.sender_id).is_(None), col(ChatMessage.only_for).is_(None))
    return and_(here, or_(top, came_in))


def _visible(person: Person) -> Any:
    return or_(col(ChatMessage.only_for).is_(None), ChatMessage.only_for == person.id)


def _change(session: Session, change: Change) -> None:
    publish(session, TOPIC)
    defer_write(session, _write_down, change)


def _write_down(session: Session, changes: Sequence[Change]) -> None:
    """Number changes in their order, and write them; from here to the commit whoever else writes must wait."""
    session.flush()
    connection = session.connection()
    last: int = connection.execute(_COUNT, {"more": len(changes)}).scalar_one()
    numbered = list(enumerate(changes, last - len(changes) + 1))
    new = [change.row | {"seq": version, "version": version} for version, change in numbered if change.row]
    if new:
        carried = [{"this": row["id"], "file": file} for row in new if row["card"] for file in _files(row)]
        connection.execute(_WRITE, _NEW.rows(session, new))
        if carried:
            connection.execute(_CARRY, _CARRIED.rows(session, carried))
    touched = {change.id: version for version, change in numbered if not change.row}
    if touched:
        rows = [{"this": key, "version": version} for key, version in touched.items()]
        connection.execute(_TOUCH, _TOUCHED.rows(session, rows))


def _files(row: Mapping[str, Any]) -> set[str]:
    return set(files(load(row["card"])))
