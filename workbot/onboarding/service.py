"""The verbs of a journey: start it, do its steps, move its date, change its people, stop it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from workbot import scheduler
from workbot.definitions import as_published, current
from workbot.errors import Gone, NotAllowed, WorkbotError
from workbot.onboarding import telling
from workbot.onboarding.definitions import KIND, JourneyDefinition, StepDefinition
from workbot.onboarding.models import Journey, State, Step
from workbot.people import Person, holders, holds
from workbot.people.calendar import working_time

LONGEST_AHEAD = timedelta(days=730)


def start(
    session: Session, name: str, person: Person, on: date, *, buddy: Person | None = None, now: datetime
) -> Journey:
    """Begin a journey around the day `on`; what would have been due already is told at once, together."""
    definition, version = current(session, KIND, name)
    _require_sensible(on, now)
    if any(journey.name == name for journey in journeys_of(session, person) if journey.is_active):
        raise WorkbotError("{name} is on this journey already.", name=person.name)
    journey = Journey(
        name=name,
        definition_id=version.id,
        person_id=person.id,
        manager_id=person.manager_id,
        buddy_id=buddy.id if buddy else None,
        key_date=on,
        started_at=now,
    )
    session.add(journey)
    session.flush()
    for position, step in enumerate(definition.steps):
        if _applies(step, person):
            session.add(_new_step(session, journey, step, position, person))
    session.flush()
    _schedule(session, journey, now=now)
    return journey


def complete(session: Session, step: Step, by: Person, *, now: datetime) -> Journey:
    """Tick a step off; doing so twice changes nothing."""
    journey = session.get_one(Journey, step.journey_id)
    require_doer(session, step, by)
    if not journey.is_active:
        raise WorkbotError("This journey is no longer under way.")
    if step.done_at is None:
        step.done_at, step.done_by_id = now, by.id
        session.add(step)
        _changed(session, journey, step, now=now)
        _finish_if_done(session, journey, now=now)
    return journey


def undo(session: Session, step: Step, by: Person, *, now: datetime) -> Journey:
    """Take a tick back while the journey is under way."""
    journey = session.get_one(Journey, step.journey_id)
    require_doer(session, step, by)
    if not journey.is_active:
        raise WorkbotError("This journey is no longer under way.")
    step.done_at = step.done_by_id = None
    session.add(step)
    _changed(session, journey, step, now=now)
    return journey


def move(session: Session, journey: Journey, on: date, *, now: datetime) -> None:
    """Move the key date: every step not yet done falls due anew."""
    _require_active(journey)
    _require_sensible(on, now)
    definition, person = definition_of(session, journey), session.get_one(Person, journey.person_id)
    journey.key_date = on
    for step in steps_of(session, journey):
        if step.done_at is None:
            step.due_at = _due_at(session, definition.step(step.step), on, person)
            step.told, step.reminded = step.told and step.due_at <= now, False
            session.add(step)
    journey.revision += 1
    session.add(journey)
    session.flush()
    _schedule(session, journey, now=now)
    telling.everyone(session, journey, now=now)


def change_people(
    session: Session, journey: Journey, *, manager: Person | None, buddy: Person | None, now: datetime
) -> None:
    """Give the journey another manager or buddy; what they have not done passes to them."""
    _require_active(journey)
    journey.manager_id, journey.buddy_id = manager.id if manager else None, buddy.id if buddy else None
    session.add(journey)
    person = session.get_one(Person, journey.person_id)
    for step in steps_of(session, journey):
        if step.done_at is None and not step.place:
            new = assignee(session, journey, step.who, person)
            if step.assignee_id != new.id:
                telling.take_back(session, journey, step, now=now)
                step.assignee_id = new.id
                session.add(step)
    journey.revision += 1
    session.flush()
    telling.everyone(session, journey, now=now)


def cancel(session: Session, journey: Journey, *, now: datetime) -> None:
    """Stop a journey; its cards say so."""
    _require_active(journey)
    journey.state = State.CANCELLED
    journey.revision += 1
    session.add(journey)
    scheduler.cancel(session, series=journey.subject)
    telling.everyone(session, journey, now=now)


def definition_of(session: Session, journey: Journey) -> JourneyDefinition:
    """The journey as it was written when this one began."""
    return as_published(session, KIND, journey.definition_id)


def steps_of(session: Session, journey: Journey) -> Sequence[Step]:
    """All steps, in the order in which they fall due."""
    steps = select(Step).where(Step.journey_id == journey.id)
    return session.exec(steps.order_by(col(Step.due_at), col(Step.position))).all()


def journeys_of(session: Session, person: Person) -> Sequence[Journey]:
    """A person's own journeys, the newest first."""
    own = select(Journey).where(Journey.person_id == person.id)
    return session.exec(own.order_by(col(Journey.started_at).desc())).all()


def owed_by(session: Session, person: Person, *, now: datetime) -> list[tuple[Journey, Step]]:
    """What a person has to do in others' journeys, the longest due first."""
    owed = select(Journey, Step).join(Step).where(Step.assignee_id == person.id, Journey.person_id != person.id)
    still = owed.where(Journey.state == State.ACTIVE, col(Step.done_at).is_(None), Step.due_at <= now)
    return list(session.exec(still.order_by(col(Step.due_at))))


def waiting(session: Session, *, now: datetime) -> list[tuple[Step, UUID]]:
    """Every step that has been told and is not done, with somebody who may tick it."""
    told = select(Step).join(Journey).where(Journey.state == State.ACTIVE, col(Step.told), col(Step.done_at).is_(None))
    found = []
    for step in session.exec(told.where(Step.due_at <= now).order_by(col(Step.due_at))):
        who = step.assignee_id or next((agent.id for agent in holders(session, f"agent:{step.place}")), None)
        if who is not None:
            found.append((step, who))
    return found


def step_called(session: Session, key: str) -> Step:
    """The step of a key that came from outside."""
    try:
        step = session.get(Step, UUID(key))
    except ValueError:
        step = None
    if step is None:
        raise Gone("This step no longer exists.")
    return step


def require_doer(session: Session, step: Step, person: Person) -> None:
    """Its assignee, the agents of its desk, and HR may tick a step."""
    role = f"agent:{step.place}" if step.place else ""
    if step.assignee_id != person.id and not holds(session, person, "hr", *filter(None, [role])):
        raise NotAllowed("This step belongs to someone else.")


def assignee(session: Session, journey: Journey, who: str, person: Person) -> Person:
    """Who does the steps of a part: with nobody named, the manager; with no manager, HR; at last the person."""
    wanted = {"hire": person.id, "manager": journey.manager_id, "buddy": journey.buddy_id, "hr": None}[who]
    found = session.get(Person, wanted) if wanted else None
    if found is not None and found.active:
        return found
    if (
        who == "buddy"
        and journey.manager_id
        and (manager := session.get(Person, journey.manager_id))
        and manager.active
    ):
        return manager
    return next(iter(holders(session, "hr")), person)


def missing_people(journey: Journey, definition: JourneyDefinition) -> list[str]:
    """Which parts the journey needs and nobody plays."""
    needed = {step.who for step in definition.steps}
    played = {"manager": journey.manager_id, "buddy": journey.buddy_id}
    return [part for part, key in played.items() if part in needed and key is None]


def _new_step(session: Session, journey: Journey, step: StepDefinition, position: int, person: Person) -> Step:
    place = step.who.removeprefix("desk:") if step.who.startswith("desk:") else ""
    return Step(
        journey_id=journey.id,
        step=step.id,
        position=position,
        who=step.who,
        assignee_id=None if place else assignee(session, journey, step.who, person).id,
        place=place,
        due_at=_due_at(session, step, journey.key_date, person),
    )


def _due_at(session: Session, step: StepDefinition, key_date: date, person: Person) -> datetime:
    calendar = working_time(session, person)
    return calendar.at(calendar.add_working_days(key_date, step.due.days), step.due.clock)


def _applies(step: StepDefinition, person: Person) -> bool:
    known = {**person.attributes, "employment": person.employment, "location": person.location}
    return all(str(known.get(name, "")) in values for name, values in step.when.items())


def _schedule(session: Session, journey: Journey, *, now: datetime) -> None:
    """Write a job for every moment at which something falls due; what is past is one moment, now."""
    moments = {max(step.due_at, now) for step in steps_of(session, journey) if step.done_at is None and not step.told}
    for moment in moments:
        key = f"onboarding.tell:{journey.id}:{journey.revision}:{moment.isoformat()}"
        scheduler.at(session, moment, "onboarding.tell", {"id": str(journey.id)}, key=key, series=journey.subject)


def _changed(session: Session, journey: Journey, step: Step, *, now: datetime) -> None:
    journey.revision += 1
    session.add(journey)
    session.flush()
    telling.those_of(session, journey, step, now=now)


def _finish_if_done(session: Session, journey: Journey, *, now: datetime) -> None:
    if all(step.done_at for step in steps_of(session, journey)):
        journey.state, journey.completed_at = State.COMPLETED, now
        session.add(journey)
        scheduler.cancel(session, series=journey.subject)
        telling.finished(session, journey, now=now)


def _require_active(journey: Journey) -> None:
    if not journey.is_active:
        raise WorkbotError("This journey is no longer under way.")


def _require_sensible(on: date, now: datetime) -> None:
    if abs(on - now.date()) > LONGEST_AHEAD:
        raise WorkbotError("{day} is more than two years away. Check the year.", day=on.isoformat())
