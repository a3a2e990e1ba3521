"""HR's board: every journey at a glance."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from workbot.onboarding import service
from workbot.onboarding.definitions import JourneyDefinition
from workbot.onboarding.models import Journey, State, Step
from workbot.people import Department, Person


@dataclass(frozen=True)
class Part:
    """How far one part has come: `hire`, `manager`, `desk:it`."""

    who: str
    done: int
    total: int


@dataclass(frozen=True)
class BoardRow:
    """One journey: `day` counts days from the key date, `missing` the parts that nobody plays."""

    journey: Journey
    definition: JourneyDefinition
    person: Person
    department: str
    day: int
    parts: tuple[Part, ...]
    overdue: int
    next_due: datetime | None
    missing: tuple[str, ...]

    @property
    def done(self) -> int:
        return sum(part.done for part in self.parts)

    @property
    def total(self) -> int:
        return sum(part.total for part in self.parts)


def board(session: Session, *, now: datetime, states: tuple[State, ...] = (State.ACTIVE,)) -> list[BoardRow]:
    """The journeys of some states, by key date."""
    wanted = (
        select(Journey, Person, Department.path)
        .join(Person, col(Journey.person_id) == Person.id)
        .join(Department, col(Person.department_id) == Department.id, isouter=True)
        .where(col(Journey.state).in_(states))
        .order_by(col(Journey.key_date).desc(), col(Person.name))
    )
    rows = session.exec(wanted).all()
    steps: dict[UUID, list[Step]] = defaultdict(list)
    for step in session.exec(select(Step).where(col(Step.journey_id).in_([journey.id for journey, *_ in rows]))):
        steps[step.journey_id].append(step)
    return [_row(session, journey, person, path or "", steps[journey.id], now) for journey, person, path in rows]


def _row(
    session: Session, journey: Journey, person: Person, department: str, steps: list[Step], now: datetime
) -> BoardRow:
    definition = service.definition_of(session, journey)
    return BoardRow(
        journey=journey,
        definition=definition,
        person=person,
        department=department,
        day=(_local_day(person, now) - journey.key_date).days,
        parts=_parts(steps),
        overdue=sum(step.is_overdue(now) for step in steps),
        next_due=min((step.due_at for step in steps if step.done_at is None), default=None),
        missing=tuple(service.missing_people(journey, definition)),
    )


def _parts(steps: list[Step]) -> tuple[Part, ...]:
    by_who: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_who[step.who].append(step)
    return tuple(
        Part(who, sum(step.done_at is not None for step in mine), len(mine)) for who, mine in sorted(by_who.items())
    )


def _local_day(person: Person, now: datetime) -> date:
    return now.astimezone(ZoneInfo(person.timezone)).date()
