"""What we keep of Teams: where each account and channel is reached, and which teams have us."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
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
