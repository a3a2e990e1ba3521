"""The outbox: one row per message, from the wish to send it to what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from workbot.db import UtcDateTime


class State(StrEnum):
    """queued → claimed → sending → sent | failed | unknown | withdrawn.

    A row found in `sending` after its lease ran out is `unknown`: the process died between asking
    the platform and writing down its answer.
    """

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


class Priority:
    """Smaller goes first: an answer to a person before a campaign."""

    ANSWER = 0
    NOTICE = 5
    CAMPAIGN = 9


class Message(SQLModel, table=True):
    """A card for one person or one place.

    `key` says the same thing once. `subject` is what the card is about: a later card of the same
    subject to the same recipient takes the place of the earlier. `thread` is the subject of the
    message to write under. `lane` is the recipient: one lane is sent in order.
    """

    __table_args__ = (
        Index("message_due", "state", "due_at", "priority"),
        Index("message_subject", "subject", "lane"),
        Index("message_reference", "platform", "reference"),
        Index("message_lane", "lane", "state"),
    )

    # A counted key, unlike elsewhere: rows of a lane go out in the order they were written.
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    place_id: UUID | None = Field(default=None, foreign_key="place.id")
    lane: str
    subject: str = ""
    thread: str = ""
    card: dict[str, Any] = Field(sa_type=JSON)
    locale: str
    priority: int = Field(default=Priority.NOTICE)
    working_hours: bool = False
    only_platform: str = ""
    resend_on_doubt: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    state: str = Field(default=State.QUEUED)
    attempts: int = 0
    claimed_by: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    platform: str = ""
    address: str = ""
    reference: str = ""
    reason: str = ""
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
