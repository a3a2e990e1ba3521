"""A journey that a person is on, and its steps, each with who carries it and by when."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from workbot.storage.database import Row, UtcDateTime


class State(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Standing(StrEnum):
    """Where a step stands; `due` and `later` differ by whether its moment has come."""

    DONE = "done"
    OVERDUE = "overdue"
    DUE = "due"
    LATER = "later"


class Journey(Row, table=True):
    """A person's way through a definition; `key_date` is the day from which its steps are counted.

    `manager_id` and `buddy_id` are those of the journey, and may be missing. `revision` grows with
    every change that is told. `listed_on` is what the people file gave as its day when that was last looked at;
    `paused_at` since when it waits, because whoever it is for is not here.
    """

    __table_args__ = (Index("journey_of_person", "person_id", "name", "state"),)

    name: str
    definition_id: UUID = Field(foreign_key="definition_version.id")
    person_id: UUID = Field(foreign_key="person.id")
    manager_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    buddy_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    key_date: date
    listed_on: date | None = None
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: str = Field(default=State.ACTIVE, index=True)
    revision: int = 0
    started_at: datetime = Field(sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def is_active(self) -> bool:
        return self.state == State.ACTIVE

    @property
    def is_paused(self) -> bool:
        return self.is_active and self.paused_at is not None

    @property
    def is_running(self) -> bool:
        """Whether anything is asked of anyone."""
        return self.is_active and self.paused_at is None

    @property
    def subject(self) -> str:
        """What its jobs belong to, and what its messages' subjects begin with."""
        return f"journey:{self.id}"

    def card_subject(self, carrier: str) -> str:
        """What one carrier's checklist is about, for delivery."""
        return f"{self.subject}:{carrier}"


class Step(Row, table=True):
    """One thing to do. `who` is what the definition says, `assignee_id` or `desk` who that is here.

    It is told when `due_at` comes, and overdue from `overdue_at` on.
    """

    __tablename__ = "journey_step"
    __table_args__ = (UniqueConstraint("journey_id", "step"), Index("journey_step_assignee", "assignee_id", "done_at"))

    journey_id: UUID = Field(foreign_key="journey.id")
    step: str
    position: int
    who: str
    assignee_id: UUID | None = Field(default=None, foreign_key="person.id")
    desk: str = Field(default="", sa_column_kwargs={"name": "place"})
    due_at: datetime = Field(sa_type=UtcDateTime)
    overdue_at: datetime = Field(sa_type=UtcDateTime)
    told: bool = False
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_by: UUID | None = Field(default=None, foreign_key="person.id")
    reminded: bool = False

    @property
    def carrier(self) -> str:
        """Whose card it stands on: a person's id, `desk:<name>`, or nothing when there is nobody."""
        if self.desk:
            return f"desk:{self.desk}"
        return str(self.assignee_id) if self.assignee_id else ""

    def standing(self, now: datetime) -> Standing:
        if self.done_at is not None:
            return Standing.DONE
        if self.overdue_at <= now:
            return Standing.OVERDUE
        return Standing.DUE if self.due_at <= now else Standing.LATER
