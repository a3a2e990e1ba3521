"""What we keep of Slack: who installed us, what kinds its channels are, and what was uploaded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import false
from sqlmodel import Field, SQLModel

from workbot.storage.database import UtcDateTime


class SlackWorkspace(SQLModel, table=True):
    """A workspace (or, installed for all of one, an Enterprise Grid organisation) in which we are at home.

    `tenant` is the id of the workspace or organisation. Tokens are encrypted. `broken` says why it does not take us
    any more, in Slack's word.
    """

    __tablename__ = "slack_workspace"

    tenant: str = Field(primary_key=True)
    name: str = ""
    url: str = ""
    is_enterprise: bool = False
    # Whether it was there first: accounts in it are our people's by their verified addresses.
    is_home: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    app: str = ""
    bot_user: str = ""
    bot_id: str = ""
    scopes: str = ""
    bot_token: str = ""
    refresh_token: str = ""
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Until when a process has taken it upon itself to renew the token.
    renewing_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    broken: str = ""


class SlackChannel(SQLModel, table=True):
    """What kind of channel one of a desk's is, as Slack last said at `checked_at`, and who brought us there."""

    __tablename__ = "slack_channel"

    tenant: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    is_private: bool = False
    # Whether another organisation reads along, or is about to.
    is_shared: bool = False
    inviter: str = ""
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SlackState(SQLModel, table=True):
    """An installation that was begun: good for one return from Slack."""

    __tablename__ = "slack_state"

    state: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class SlackFile(SQLModel, table=True):
    """A stored file of ours that was uploaded to a workspace."""

    __tablename__ = "slack_file"

    tenant: str = Field(primary_key=True)
    file: str = Field(primary_key=True)
    slack_id: str
    permalink: str
    uploaded_at: datetime = Field(sa_type=UtcDateTime)
