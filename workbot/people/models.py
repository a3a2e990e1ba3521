"""Who there is: people, their accounts on platforms, departments, roles, calendars and channels."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, UniqueConstraint, event, false, text
from sqlalchemy.orm import object_session
from sqlmodel import Field, Session, SQLModel

from workbot.storage.database import Row, UtcDateTime
from workbot.storage.pubsub import publish

# What is published when somebody was signed out: what is shown to them live is asked about again.
SIGNED_OUT = "signed-out"


class Department(Row, table=True):
    """A node of the organisation's tree; `path` spells it from the root, separated by slashes."""

    name: str
    path: str = Field(unique=True)
    parent_id: UUID | None = Field(default=None, foreign_key="department.id", index=True)


class Person(Row, table=True):
    """Somebody of the organisation; kept when they leave, so that history keeps its names."""

    email: str = Field(unique=True)
    name: str
    title: str = ""
    department_id: UUID | None = Field(default=None, foreign_key="department.id", index=True)
    manager_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    location: str = ""
    timezone: str
    locale: str
    # What the directory last said: the language that a person chose outlives an import that says the same again.
    listed_locale: str = ""
    employment: str = ""
    started_on: date | None = None
    left_on: date | None = None
    active: bool = Field(default=True, index=True)
    attributes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    calendar_id: UUID | None = Field(default=None, foreign_key="calendar.id")
    quiet_from: time | None = None
    quiet_until: time | None = None
    preferred_platform: str = ""
    # Whoever was let in under an earlier number is let in no more, wherever that was.
    session_generation: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})

    def end_sessions(self) -> None:
        """Sign this person out wherever they are signed in."""
        self.session_generation += 1
        if isinstance(session := object_session(self), Session):
            publish(session, SIGNED_OUT)

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]

    def works_on(self, day: date) -> bool:
        """Whether a day of theirs lies within their time here: first and last day included."""
        has_begun = self.started_on is None or self.started_on <= day
        return self.active and has_begun and (self.left_on is None or day <= self.left_on)

    def is_here(self, now: datetime) -> bool:
        """Whether they have begun and not left, by their own calendar."""
        return self.works_on(now.astimezone(ZoneInfo(self.timezone)).date())


@event.listens_for(Person.active, "set", active_history=True)
def _sign_out(person: Person, active: bool, before: object, _initiator: object) -> None:
    """Who leaves is signed out for good: coming back is no reason to find old sessions open."""
    if before is True and not active:
        person.end_sessions()


class Role(SQLModel, table=True):
    """A role that a person holds: `hr`, `admin`, `auditor`, `agent:it`."""

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    name: str = Field(primary_key=True, index=True)


class Account(Row, table=True):
    """A person on a platform. `address` is where a message to them goes, opaque to all but it.

    `listed` says that a directory of ours named it; it knows no tenant, which is empty until the platform is asked.
    `access_ended_at` is since when its platform has said that it is a guest's, another organisation's, or disabled:
    whoever acts by it is a stranger.
    """

    __table_args__ = (UniqueConstraint("platform", "tenant", "user"),)

    person_id: UUID = Field(foreign_key="person.id", index=True)
    platform: str
    tenant: str = ""
    user: str
    address: str
    listed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    unreachable: str = ""
    unreachable_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # When it is worth trying there again; never where the platform or a directory says that it has ended.
    retry_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    access_ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AccountClaim(Row, table=True):
    """An account that bears the address of one of our people and is not linked to them: why, and what they say to it.

    `address` is where a message to it goes, `name` what it is called there, `organisation` the name of its workspace
    or tenant.
    """

    __tablename__ = "account_claim"
    __table_args__ = (UniqueConstraint("platform", "tenant", "user"),)

    person_id: UUID = Field(foreign_key="person.id", index=True)
    platform: str
    tenant: str
    user: str
    address: str
    name: str = ""
    organisation: str = ""
    reason: str
    seen_at: datetime = Field(sa_type=UtcDateTime)
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Channel(Row, table=True):
    """A channel that the app speaks in by a name of its own, once per platform that has it.

    `tenant` is the workspace or organisation it belongs to there, as in an account. `role` is what one
    must hold to enter it where the platform asks us (the web). `private` says that what is said in it is for its
    role alone; `channels` what it is called elsewhere, by platform, where it has another name there.
    """

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("name", "platform"),)

    name: str = Field(index=True)
    title: str = ""
    platform: str
    tenant: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    address: str
    role: str
    locale: str
    private: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    # Why its platform does not take us there any more; what was said there keeps its place.
    closed: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    channels: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    # The emoji that brings a message to it, where there is one.
    emoji: str = Field(default="", sa_column_kwargs={"server_default": text("''")})


class Calendar(Row, table=True):
    """When a group of people works: weekly hours by ISO weekday ("1" is Monday) and public holidays.

    `hours` maps a weekday to `["09:00", "17:00"]`; a weekday that is missing is free. `region` is an
    ISO 3166 code as the `holidays` package knows it (`CA-ON`).
    """

    name: str = Field(unique=True)
    region: str = ""
    hours: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class DayOff(Row, table=True):
    """A day that the employer gives everyone of a calendar (or, without one, everyone)."""

    day: date = Field(index=True)
    name: str
    calendar_id: UUID | None = Field(default=None, foreign_key="calendar.id")


class Leave(Row, table=True):
    """A person away, first to last day inclusive."""

    person_id: UUID = Field(foreign_key="person.id", index=True)
    first_day: date
    last_day: date
