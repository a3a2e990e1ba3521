"""What is kept of chats: forms that are open, long values, parts of messages, how far directories are compared."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from workbot.storage.database import UtcDateTime


class KeptForm(SQLModel, table=True):
    """A form that was asked, until it is too old: whom, in which conversation, and from which message.

    `response_url` is where the platform takes a change of that message, if it gives an address of its own for that.
    """

    __tablename__ = "kept_form"

    platform: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    tenant: str
    user: str
    form: dict[str, Any] = Field(sa_type=JSON)
    place: str = ""
    message: str = ""
    response_url: str = ""
    asked_at: datetime = Field(sa_type=UtcDateTime, index=True)


class LongValue(SQLModel, table=True):
    """The value of a button that is longer than its platform lets it be, by its SHA-256."""

    __tablename__ = "long_value"

    platform: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str
    used_at: datetime = Field(sa_type=UtcDateTime, index=True)


class MessagePart(SQLModel, table=True):
    """Where the rest of a message stands that was too long for one: `root` is the reference of its beginning.

    `message` is what the platform calls that part.
    """

    __tablename__ = "message_part"

    platform: str = Field(primary_key=True)
    root: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    message: str


class DirectoryState(SQLModel, table=True):
    """When a tenant's directory was last compared with ours; `link` is where it says what has changed since."""

    __tablename__ = "directory_state"

    platform: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    link: str = ""
    compared_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
