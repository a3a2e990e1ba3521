"""What we keep of Slack: who installed us, the forms that are open there, and what was uploaded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, false
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
    # When its people and channels were last compared with ours.
    compared_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


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


class SlackForm(SQLModel, table=True):
    """A form that was asked, until it is sent: whom, in which conversation, and from which message.

    `response_url` is where Slack takes a change of that message, for half an hour.
    """

    __tablename__ = "slack_form"

    key: str = Field(primary_key=True)
    tenant: str
    user: str
    form: dict[str, Any] = Field(sa_type=JSON)
    place: str = ""
    message: str = ""
    response_url: str = ""
    asked_at: datetime = Field(sa_type=UtcDateTime, index=True)


class SlackMemo(SQLModel, table=True):
    """The value of a button that is longer than Slack lets it be, by its SHA-256."""

    __tablename__ = "slack_memo"

    key: str = Field(primary_key=True)
    value: str
    used_at: datetime = Field(sa_type=UtcDateTime, index=True)


class SlackPart(SQLModel, table=True):
    """Where the rest of a message stands that was too long for one: `root` is the reference of its beginning."""

    __tablename__ = "slack_part"

    root: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    ts: str


class SlackFile(SQLModel, table=True):
    """A stored file of ours that was uploaded to a workspace."""

    __tablename__ = "slack_file"

    tenant: str = Field(primary_key=True)
    file: str = Field(primary_key=True)
    slack_id: str
    permalink: str
    uploaded_at: datetime = Field(sa_type=UtcDateTime)
