"""All journeys at a glance, for HR."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from workbot.definitions import as_published
from workbot.onboarding.assignment import missing
from workbot.onboarding.definitions import JourneyDefinition
from workbot.onboarding.kind import KIND
from workbot.onboarding.models import Journey, Standing, State, Step
from workbot.people import Department, Person


@dataclass(frozen=True)
class Cell:
    """One step as the board shows it; `carrier` is a name, a desk's name, or empty when there is nobody."""

    step: Step
    title: Mapping[str, str]
    standing: Standing
    carrier: str


@dataclass(frozen=True)
class BoardRow:
    """One journey. `counts` are done and total by who; `missing` the roles in which another stands in."""

    journey: Journey
    title: Mapping[str, str]
    person: Person
    department: str
    cells: Sequence[Cell]
    counts: Mapping[str, tuple[int, int]]
    overdue: int
    next_due: datetime | None
    missing: Sequence[str]

    @property
    def done(self) -> int:
        return sum(done for done, _ in self.counts.values())

    @property
    def total(self) -> int:
        return sum(total for _, total in self.counts.values())


def board(session: Session, *, now: datetime, state: State = State.ACTIVE) -> list[BoardRow]:
    """The journeys of a state, the one with the earliest key date first."""
    found = session.exec(
        select(Journey, Person, Department)
        .join(Person, col(Journey.person_id) == col(Person.id))
        .outerjoin(Department, col(Person.department_id) == col(Department.id))
        .where(Journey.state == state)
        .order_by(col(Journey.key_date), col(Person.name))
    ).all()
    steps, names = _steps(session, state), _names(session, state)
    definitions = {key: as_published(session, KIND, key) for key in {journey.definition_id for journey, _, _ in found}}
    return [
        _row(session, journey, person, department, definitions[journey.definition_id], steps[journey.id], names, now)
        for journey, person, department in found
    ]


def _row(
    session: Session,
    journey: Journey,
    person: Person,
    department: Department | None,
    definition: JourneyDefinition,
    steps: list[Step],
    names: Mapping[UUID, str],
    now: datetime,
) -> BoardRow:
    titles = definition.by_id()
    cells = [Cell(step, titles[step.step].title, step.standing(now), _carrier(step, names)) for step in steps]
    return BoardRow(
        journey,
        definition.title,
        person,
        department.path if department else "",
        cells,
        _counts(steps),
        overdue=0 if journey.is_paused else sum(cell.standing == Standing.OVERDUE for cell in cells),
        next_due=min((step.due_at for step in steps if step.done_at is None), default=None),
        missing=missing(session, journey, steps, now=now) if journey.is_running else (),
    )


def _steps(session: Session, state: State) -> Mapping[UUID, list[Step]]:
    """The steps of all journeys of a state, in the order they come up."""
    found: dict[UUID, list[Step]] = defaultdict(list)
    wanted = select(Step).join(Journey).where(Journey.state == state)
    for step in session.exec(wanted.order_by(col(Step.due_at), col(Step.position))):
        found[step.journey_id].append(step)
    return found


def _names(session: Session, state: State) -> Mapping[UUID, str]:
    carriers = select(Step.assignee_id).join(Journey).where(Journey.state == state)
    return dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(carriers))).all())


def _carrier(step: Step, names: Mapping[UUID, str]) -> str:
    return step.desk or (names[step.assignee_id] if step.assignee_id else "")


def _counts(steps: Sequence[Step]) -> Mapping[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for step in steps:
        done, total = counts.get(step.who, (0, 0))
        counts[step.who] = done + (step.done_at is not None), total + 1
    return counts
