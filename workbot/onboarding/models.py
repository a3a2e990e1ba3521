"""A journey under way, and its steps."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from workbot.db import Row, UtcDateTime


class State(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Journey(Row, table=True):
    """One person's journey around a key date, by the definition it began with."""

    name: str
    definition_id: UUID = Field(foreign_key="definition_version.id")
    person_id: UUID = Field(foreign_key="person.id", index=True)
    manager_id: UUID | None = Field(default=None, foreign_key="person.id")
    buddy_id: UUID | None = Field(default=None, foreign_key="person.id")
    key_date: date
    state: str = Field(default=State.ACTIVE, index=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Counts the changes, so that each card is told under a key of its own.
    revision: int = 0

    @property
    def subject(self) -> str:
        """What its messages are about, and its jobs belong to."""
        return f"journey:{self.id}"

    @property
    def is_active(self) -> bool:
        return self.state == State.ACTIVE


class Step(Row, table=True):
    """One step: of a person, or of everyone at a desk (`place`)."""

    __tablename__ = "journey_step"
    __table_args__ = (UniqueConstraint("journey_id", "step"), Index("journey_step_due", "journey_id", "due_at"))

    journey_id: UUID = Field(foreign_key="journey.id")
    step: str
    position: int
    who: str
    assignee_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    place: str = ""
    due_at: datetime = Field(sa_type=UtcDateTime)
    told: bool = False
    reminded: bool = False
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_by_id: UUID | None = Field(default=None, foreign_key="person.id")

    def is_overdue(self, now: datetime) -> bool:
        # A day to do it in, before anyone calls it late.
        return self.told and self.done_at is None and (now - self.due_at).total_seconds() > 24 * 3600
