"""Reading journeys: a journey with everyone in it, and what one person has to do with which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, or_, select

from workbot.definitions import all_offered, as_published
from workbot.onboarding.definitions import JourneyDefinition
from workbot.onboarding.kind import KIND
from workbot.onboarding.models import Journey, State, Step
from workbot.onboarding.steps import DESK, StepDefinition
from workbot.people import Person, roles

AGENT = "agent:"


@dataclass(frozen=True)
class JourneyView:
    """A journey as it stands: its definition, its steps in the order they come up, and people's names by id."""

    journey: Journey
    definition: JourneyDefinition
    hire: Person
    steps: Sequence[Step]
    names: Mapping[UUID, str]

    def definition_of(self, step: Step) -> StepDefinition:
        return self.definition.by_id()[step.step]

    def of(self, carrier: str) -> list[Step]:
        """One carrier's steps."""
        return [step for step in self.steps if step.carrier == carrier]

    def name(self, person_id: UUID | None) -> str:
        return self.names.get(person_id, "") if person_id else ""

    @property
    def hire_key(self) -> str:
        return str(self.hire.id)


@dataclass(frozen=True)
class Mine:
    """What one person sees: their own journeys, and the open steps they owe in others', the first due first."""

    own: Sequence[JourneyView]
    owed: Sequence[tuple[JourneyView, Sequence[Step]]]


def journey_view(session: Session, journey: Journey) -> JourneyView:
    steps = steps_of(session, journey)
    ids = {
        journey.manager_id,
        journey.buddy_id,
        *(step.assignee_id for step in steps),
        *(step.done_by for step in steps),
    }
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids - {None}))).all())
    definition = as_published(session, KIND, journey.definition_id)
    return JourneyView(journey, definition, session.get_one(Person, journey.person_id), steps, names)


def desks_with_steps(session: Session) -> set[str]:
    """The names of the desks that have a step in a journey that is on: they need somewhere to hear of it."""
    carriers = {step.who for journey in all_offered(session, KIND) for step in journey.steps}
    return {who.removeprefix(DESK) for who in carriers if who.startswith(DESK)}


def definition_of(session: Session, step: Step) -> StepDefinition:
    """What a step's journey was begun with says of it."""
    journey = session.get_one(Journey, step.journey_id)
    return as_published(session, KIND, journey.definition_id).by_id()[step.step]


def steps_of(session: Session, journey: Journey) -> list[Step]:
    """A journey's steps in the order they come up."""
    wanted = select(Step).where(Step.journey_id == journey.id)
    return list(session.exec(wanted.order_by(col(Step.due_at), col(Step.position))))


def mine(session: Session, person: Person, *, now: datetime) -> Mine:
    """A person's own journeys under way, or else the last that ended well, and what they owe others."""
    return Mine([journey_view(session, journey) for journey in _own(session, person)], _owed(session, person, now))


def _own(session: Session, person: Person) -> list[Journey]:
    wanted = select(Journey).where(Journey.person_id == person.id).order_by(col(Journey.started_at).desc())
    if active := session.exec(wanted.where(Journey.state == State.ACTIVE)).all():
        return list(active)
    return list(session.exec(wanted.where(Journey.state == State.COMPLETED).limit(1)))


def _owed(session: Session, person: Person, now: datetime) -> list[tuple[JourneyView, Sequence[Step]]]:
    desks = [role.removeprefix(AGENT) for role in roles(session, person) if role.startswith(AGENT)]
    rows = session.exec(
        select(Journey, Step)
        .join(Step)
        .where(Journey.state == State.ACTIVE, col(Journey.paused_at).is_(None), Journey.person_id != person.id)
        .where(col(Step.done_at).is_(None), Step.due_at <= now)
        .where(or_(Step.assignee_id == person.id, col(Step.desk).in_(desks)))
        .order_by(col(Step.due_at), col(Step.position))
    ).all()
    journeys = {journey.id: journey for journey, _ in rows}
    return [
        (journey_view(session, journey), [step for _, step in rows if step.journey_id == journey.id])
        for journey in journeys.values()
    ]
