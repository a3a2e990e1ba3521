"""The tables of definitions: their versions, and which of them are on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, UniqueConstraint, text
from sqlmodel import Field

from workbot.definitions.shape import Origin, State
from workbot.storage.database import Row, UtcDateTime

# What rows have that are older than the column.
EMPTY = {"server_default": text("''")}


class DefinitionVersion(Row, table=True):
    """One version of a definition; nothing of it changes afterwards but its state.

    `digest` is of the content, `file_digest` of what its file said (empty where it comes from none). `author_id` is who
    made it in the console, and `release` the program that published or retired it.
    """

    __tablename__ = "definition_version"
    __table_args__ = (UniqueConstraint("kind", "name", "version"),)

    kind: str
    name: str
    version: int
    digest: str
    content: dict[str, Any] = Field(sa_type=JSON)
    published_at: datetime = Field(sa_type=UtcDateTime)
    origin: str = Field(default=Origin.FILE.value, sa_column_kwargs={"server_default": text("'shipped'")})
    state: str = Field(default=State.PUBLISHED.value, sa_column_kwargs={"server_default": text("'published'")})
    author_id: UUID | None = None
    file_digest: str = Field(default="", sa_column_kwargs=EMPTY)
    release: str = Field(default="", sa_column_kwargs=EMPTY)


class DefinitionSwitch(Row, table=True):
    """Whether a definition is on: a template is off, and has no row, until somebody turns it on.

    `author_id` is who turned it in the console; nobody where a command or a file of the organisation's own did.
    """

    __tablename__ = "definition_switch"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    kind: str
    name: str
    is_on: bool
    turned_at: datetime = Field(sa_type=UtcDateTime)
    author_id: UUID | None = None
