"""The table of events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, Index, Integer
from sqlmodel import Field, SQLModel

from workbot.storage.database import UtcDateTime


class Event(SQLModel, table=True):
    """Something that somebody did, or that time brought (`actor_id` is None then).

    `id` grows, though on PostgreSQL events of transactions at the same moment may become visible out of its order.
    `trace` is what the log calls the turn or the page by which it was done.
    """

    __tablename__ = "event"
    __table_args__ = (Index("event_subject", "subject"), Index("event_at", "at"))

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    verb: str
    subject: str
    actor_id: UUID | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    facts: dict[str, Any] = Field(sa_type=JSON)
    trace: str = ""
