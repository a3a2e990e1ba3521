"""What stands in the web chat: its messages, the files they carry, and the turns that were answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from workbot.storage.database import Row, UtcDateTime


class ChatMessage(Row, table=True):
    """A card of ours, or the words of a person, in one conversation.

    `address` is the conversation (`person:<uuid>`, `place:<name>`), `thread_id` the message it stands
    under, `only_for` the one person in a channel who sees it. `seq` is the order of writing; `version`
    grows with every change, over all conversations, in the order of commits: what pages have seen.
    """

    __tablename__ = "chat_message"
    __table_args__ = (
        Index("chat_message_address", "address", "seq"),
        Index("chat_message_thread", "thread_id", "seq"),
    )

    key: str = Field(unique=True)
    address: str
    thread_id: UUID | None = Field(default=None, foreign_key="chat_message.id")
    sender_id: UUID | None = Field(default=None, foreign_key="person.id")
    only_for: UUID | None = Field(default=None, foreign_key="person.id")
    text: str = ""
    card: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    locale: str
    seq: int
    version: int = Field(index=True)
    said_at: datetime = Field(sa_type=UtcDateTime)


class ChatFile(SQLModel, table=True):
    """A stored file that a message shows or offers: who may see the one may have the other."""

    __tablename__ = "chat_file"

    message_id: UUID = Field(foreign_key="chat_message.id", primary_key=True)
    file: str = Field(primary_key=True, index=True)


class ChatCounter(SQLModel, table=True):
    """The newest version of any message. Whoever writes locks this row until they commit."""

    __tablename__ = "chat_counter"

    id: int = Field(primary_key=True)
    value: int
