"""The outbox: one row per message, from the wish to send it to what became of it; campaigns; the pace of lanes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Index, Table, and_, literal_column, text
from sqlmodel import Field, SQLModel, col

from workbot.storage.database import UtcDateTime


class State(StrEnum):
    """queued → sending → sent | failed | unknown | withdrawn.

    `sending` is written before the platform is called, `sent` after it answered. A row found in
    `sending` after its lease ran out is `unknown`: the process died in between. It is settled by
    asking the platform, or by what the message allows, or by a person.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


# The lane of a message that has found none yet.
UNROUTED = ""


class Priority:
    """Smaller goes first: an answer to a person before a campaign."""

    ANSWER = 0
    NOTICE = 5
    CAMPAIGN = 9


PRIORITIES = (Priority.ANSWER, Priority.NOTICE, Priority.CAMPAIGN)


def _part(name: str, condition: str, *columns: str) -> Index:
    """An index over the rows of one condition only: small, however many rows the table keeps."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


class Message(SQLModel, table=True):
    """A card for one person or one place.

    `key` says the same thing once. `recipient` is the person or place: one recipient's messages go out
    in order. `lane` is the way there, a platform and its tenant, empty until the sender has found it:
    a lane has one pace. `subject` is what the card is about: a later card of the same subject to the
    same recipient takes the place of the earlier. `thread` is the subject of the message to write under.
    """

    __table_args__ = (
        _part("message_queue", "state = 'queued'", "lane", "priority", "due_at", "id"),
        _part("message_under_way", "state = 'sending'", "recipient"),
        _part("message_unknown", "state = 'unknown'", "lease_until"),
        _part("message_sent", "state = 'sent'", "recipient", "sent_at"),
        _part("message_reference", "reference <> ''", "platform", "reference"),
        _part("message_campaign", "campaign <> ''", "campaign", "state"),
        Index("message_subject", "subject", "recipient"),
    )

    # A counted key, unlike elsewhere: rows of a recipient go out in the order they were written.
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    place_id: UUID | None = Field(default=None, foreign_key="place.id")
    recipient: str
    subject: str = ""
    thread: str = ""
    campaign: str = ""
    # The turn or job that it came from, as the logs name it.
    trace: str = ""
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
    lane: str = ""
    platform: str = ""
    address: str = ""
    attempts: int = 0
    claimed_by: str = ""
    # While `sending`, until when its process has it; while `unknown`, since when it can be settled.
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reference: str = ""
    reason: str = ""
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # It took the place of an earlier card, and disturbed nobody.
    is_update: bool = False
    # Its recipient has acted on it. When is not kept: an answer's time could give its author away.
    is_read: bool = False


# The same rows without the cost of objects, for where there are many of them.
TABLE: Table = Message.__table__  # type: ignore[attr-defined]


# Conditions are spelled out, values and all, so that planners know which partial index serves.
HAS_REFERENCE: ColumnElement[bool] = TABLE.c.reference != literal_column("''")
HAS_CAMPAIGN: ColumnElement[bool] = TABLE.c.campaign != literal_column("''")


def is_in(state: State) -> ColumnElement[bool]:
    """The condition that a message is in a state."""
    return col(Message.state) == literal_column(f"'{state.value}'")


def is_still(state: State) -> ColumnElement[bool]:
    """The same of messages that are found by something else: no index is to serve.

    A planner might go through all that is queued, which may be far more than it knows of, or through what an index
    still has of rows that have gone on.
    """
    return TABLE.c.state + literal_column("''") == literal_column(f"'{state.value}'")


def is_of(campaign: str) -> ColumnElement[bool]:
    """The condition that a message counts for a campaign."""
    return and_(col(Message.campaign) == campaign, HAS_CAMPAIGN)


class Campaign(SQLModel, table=True):
    """Messages that were sent out together and are looked at together, such as a survey's invitations."""

    key: str = Field(primary_key=True)
    title: dict[str, Any] = Field(sa_type=JSON)
    path: str = ""
    started_at: datetime = Field(sa_type=UtcDateTime, index=True)
    # How many messages it will be, as long as not all of them are queued.
    expected: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class RateState(SQLModel, table=True):
    """How fast a lane goes now: one row that all processes share, by the database's clock.

    `post_at` and `update_at` are when the messages sent so far will have been paid for (the theoretical
    arrival time of the generic cell rate algorithm, ITU-T I.371). `found` is what refusals have taught of the rate that
    is allowed (see `rate_control`), nothing where there were none of late; `slowness` is what it does to the interval.
    """

    __tablename__ = "pace"

    lane: str = Field(primary_key=True)
    post_at: datetime = Field(sa_type=UtcDateTime)
    update_at: datetime = Field(sa_type=UtcDateTime)
    slowness: float = 1.0
    changed_at: datetime = Field(sa_type=UtcDateTime)
    paused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Changes of what is there may have a limit of their own.
    updates_paused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    found: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    failures: int = 0
    reason: str = ""
