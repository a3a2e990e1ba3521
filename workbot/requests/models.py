"""A request, what was said under it, and what happened to it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, SQLModel

from workbot.storage.database import Row, UtcDateTime


class State(StrEnum):
    """open → taken → resolved → closed; a resolved or closed one may be reopened, any unfinished one cancelled."""

    OPEN = "open"
    TAKEN = "taken"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


ACTIVE = (State.OPEN, State.TAKEN)
# Of few entries and requests, which are found by the messages that they are of.
IS_WRITTEN, IS_QUOTED = text("reference <> ''"), text("quoted_reference <> ''")


class Request(Row, table=True):
    """Something a person asks of a desk; `reference` (`IT-1`) is its name in every conversation."""

    __table_args__ = (
        Index("request_queue", "desk", "state", "opened_at"),
        Index("request_quoted", "quoted_reference", sqlite_where=IS_QUOTED, postgresql_where=IS_QUOTED),
    )

    desk: str
    definition_id: UUID = Field(foreign_key="definition_version.id")
    reference: str = Field(unique=True)
    number: int
    requester_id: UUID = Field(foreign_key="person.id", index=True)
    assignee_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    title: str
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    # The message that it began with, where it did: its words, who wrote them, and the way to it.
    quoted: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    quoted_author: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    quoted_link: str = Field(default="", index=True, sa_column_kwargs={"server_default": text("''")})
    # By which name its platform knows it, and whose account wrote it there: only they change it.
    quoted_reference: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    quoted_by: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    # The platform whose word for that is all there is, where that is so.
    quoted_claimed_by: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    quoted_edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    quoted_withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: str = State.OPEN
    opened_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Counts the changes, so that each is told under a key of its own.
    revision: int = 0

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def subject(self) -> str:
        """What its messages are about, for delivery."""
        return f"request:{self.id}"


class RequestEntry(Row, table=True):
    """One line of a request's history: a comment, an internal note, or a change of state.

    `verb` is what was done (`comment`, `note`, `take`, ...); `body` what was written with it. `reference` is the
    message of a platform in which it was written, and `edited_at` and `withdrawn_at` when its author last changed it or
    took it back there: words that were taken back are not kept.
    """

    __tablename__ = "request_entry"
    __table_args__ = (
        Index("request_entry_order", "request_id", "position"),
        Index("request_entry_message", "reference", sqlite_where=IS_WRITTEN, postgresql_where=IS_WRITTEN),
    )

    request_id: UUID = Field(foreign_key="request.id")
    author_id: UUID | None = Field(default=None, foreign_key="person.id")
    verb: str
    body: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
    order: int = Field(sa_column_kwargs={"name": "position"})
    platform: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    reference: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DeskCounter(SQLModel, table=True):
    """The last number that a desk has given."""

    __tablename__ = "desk_counter"

    desk: str = Field(primary_key=True)
    last: int = 0
