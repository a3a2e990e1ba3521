"""Conversations: who may read which, what stands in them, and how it gets there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, text
from sqlmodel import Session, col, or_, select

from integrations.web.models import ChatCounter, ChatFile, ChatMessage
from workbot.bell import ring
from workbot.cards import Card, dump, files, load
from workbot.errors import Gone, NotAllowed
from workbot.people import Person, Place, may_enter

PLATFORM = "web"
# What is rung when something was written.
TOPIC = "chat"
PAGE = 50


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
    named = select(Place).where(Place.name == place, Place.platform == PLATFORM)
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
    place = session.exec(select(Place).where(Place.address == address, Place.platform == PLATFORM)).first()
    return place is not None and may_enter(session, person, place)


def channels(session: Session, person: Person) -> list[Place]:
    """The channels that a person may enter, by title."""
    found = session.exec(select(Place).where(Place.platform == PLATFORM).order_by(Place.title, Place.name)).all()
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


def write(session: Session, row: ChatMessage) -> ChatMessage:
    """Put a message into its conversation, once per key; returns the one that stands there."""
    row.seq = row.version = _next_version(session)
    there = session.exec(select(ChatMessage).where(ChatMessage.key == row.key)).first()
    if there is not None:
        return there
    session.add(row)
    _keep_files(session, row)
    if row.thread_id and (root := session.get(ChatMessage, row.thread_id)):
        touch(session, root)
    return row


def replace(session: Session, row: ChatMessage, card: Card, locale: str) -> None:
    """Put a card where another stands."""
    row.card, row.text, row.locale = dump(card), "", locale
    touch(session, row)
    session.execute(delete(ChatFile).where(col(ChatFile.message_id) == row.id))
    _keep_files(session, row)


def touch(session: Session, row: ChatMessage) -> None:
    """Have every page draw a message again: its buttons may be pressed anew."""
    row.version = _next_version(session)


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


def _keep_files(session: Session, row: ChatMessage) -> None:
    if carried := set(files(load(row.card))) if row.card else ():
        # The message is there before what names it.
        session.flush()
        session.add_all(ChatFile(message_id=row.id, file=file) for file in carried)


# One statement on both databases; the lock it takes makes versions grow in the order of commits.
_COUNT = text(
    "INSERT INTO chat_counter (id, value) VALUES (1, 1) "
    "ON CONFLICT (id) DO UPDATE SET value = chat_counter.value + 1 RETURNING value"
)


def _next_version(session: Session) -> int:
    ring(session, TOPIC)
    # Not through the session, which would write down first what it has: nothing is asked of that.
    count: int = session.connection().execute(_COUNT).scalar_one()
    return count
