"""What is stored of signing in: links, who asked for one, and browsers in which somebody is signed in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Field

from workbot.storage.database import Row, UtcDateTime

EMPTY = {"server_default": text("''")}


class SignInLink(Row, table=True):
    """A link that was made for a person, by the hash of its token; `client` is who asked for it."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    made_at: datetime = Field(sa_type=UtcDateTime, index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    client: str = Field(default="", sa_column_kwargs=EMPTY)


class SignInAsk(Row, table=True):
    """Somebody asked for a link, for whichever address: kept for as long as it counts."""

    __tablename__ = "sign_in_ask"

    client: str = Field(index=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class WebSession(Row, table=True):
    """A browser in which a person is signed in, by the hash of its cookie.

    `generation` is the person's at that time: when theirs has moved on, the session is over.
    """

    __tablename__ = "web_session"

    token_hash: str = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    browser: str = Field(default="", sa_column_kwargs=EMPTY)
    client: str = Field(default="", sa_column_kwargs=EMPTY)
    generation: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
