"""What we keep of Teams: where each account and channel is reached, the forms that are open, and long values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from workbot.storage.database import UtcDateTime


class TeamsConversation(SQLModel, table=True):
    """Where a person or a channel of a tenant is reached: which conversation, at which of Teams' addresses.

    `target` is what our address of them names: the Entra object id of a person, the id of a channel. `closed` says why
    Teams takes nothing there any more. `team` is the id of a channel's team, `name` what people call it.
    """

    __tablename__ = "teams_conversation"
    __table_args__ = (Index("ix_teams_conversation_heard_at", "tenant", "heard_at"),)

    tenant: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    conversation: str
    service_url: str
    team: str = ""
    name: str = ""
    closed: str = ""
    heard_at: datetime = Field(sa_type=UtcDateTime)


class TeamsTeam(SQLModel, table=True):
    """A team that has us."""

    __tablename__ = "teams_team"

    tenant: str = Field(primary_key=True)
    team: str = Field(primary_key=True)
    name: str = ""
    service_url: str


class TeamsForm(SQLModel, table=True):
    """A form that was asked, until it is too old: whom, in which conversation, and from which message."""

    __tablename__ = "teams_form"

    key: str = Field(primary_key=True)
    tenant: str
    user: str
    form: dict[str, Any] = Field(sa_type=JSON)
    place: str = ""
    message: str = ""
    asked_at: datetime = Field(sa_type=UtcDateTime, index=True)


class TeamsMemo(SQLModel, table=True):
    """The value of a button that is too long to be sent along, by its SHA-256."""

    __tablename__ = "teams_memo"

    key: str = Field(primary_key=True)
    value: str
    used_at: datetime = Field(sa_type=UtcDateTime, index=True)


class TeamsPart(SQLModel, table=True):
    """Where the rest of a message stands that was too long for one: `root` is the reference of its beginning."""

    __tablename__ = "teams_part"

    root: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    activity: str


class TeamsDirectory(SQLModel, table=True):
    """How far a tenant's directory has been read: `link` is where Graph says what has changed since."""

    __tablename__ = "teams_directory"

    tenant: str = Field(primary_key=True)
    link: str = ""
    compared_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
