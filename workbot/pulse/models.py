"""What a survey leaves behind, apart from its answers: those are in `ballots`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from workbot.storage.database import Row, UtcDateTime


class Wave(Row, table=True):
    """One round of a survey. Its promise (`mode`, `k`, `comment_k`, `readers`, `privacy`) is fixed at the launch.

    `readers` are the roles that may read its results, separated by spaces, and nobody else may, whatever else they do.

    `zone` is the organisation's, in which the close is meant; `at_once` asks people outside their
    working hours too. `first_day` is the local day of the first asking.
    """

    __table_args__ = (UniqueConstraint("survey", "number"),)

    survey: str
    number: int
    definition_id: UUID = Field(foreign_key="definition_version.id")
    mode: str
    k: int
    comment_k: int
    readers: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    privacy: dict[str, Any] = Field(sa_type=JSON)
    zone: str
    at_once: bool = False
    first_day: date
    opens_at: datetime = Field(sa_type=UtcDateTime)
    closes_at: datetime = Field(sa_type=UtcDateTime, index=True)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and self.opens_at <= now < self.closes_at

    @property
    def reader_roles(self) -> tuple[str, ...]:
        return tuple(self.readers.split())

    def is_read_by(self, roles: Collection[str]) -> bool:
        """Whether one of some roles may read its results."""
        return not set(self.reader_roles).isdisjoint(roles)

    @property
    def subject(self) -> str:
        """What its messages are about, for delivery."""
        return f"pulse:{self.id}"

    @property
    def reminder_subject(self) -> str:
        # Of its own: a card put in place of the invitation would not be noticed by anyone.
        return f"pulse-reminder:{self.id}"

    @property
    def report_subject(self) -> str:
        return f"pulse-report:{self.id}"


class Participation(Row, table=True):
    """A person asked in a wave, with what is frozen at its launch: the department they are counted in.

    `answered` says that an answer of theirs is held, `done` that they have come to the end; neither
    says when, so that nothing can be matched by time.
    """

    __tablename__ = "invitation"

    __table_args__ = (
        UniqueConstraint("wave_id", "person_id"),
        Index("invitation_to_ask", "wave_id", "asked", "due_at"),
    )

    wave_id: UUID = Field(foreign_key="wave.id")
    person_id: UUID = Field(foreign_key="person.id", index=True)
    segment: str
    locale: str
    zone: str
    due_at: datetime = Field(sa_type=UtcDateTime)
    asked: bool = False
    answered: bool = False
    done: bool = False
    reminded: bool = False
    told_closed: bool = False
