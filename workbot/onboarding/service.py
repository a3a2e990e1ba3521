"""The verbs of a journey: start it, tick its steps, move it, give it other people, end it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from workbot import jobs
from workbot.definitions import offered
from workbot.errors import Gone, NotAllowed, WorkbotError
from workbot.onboarding import events, following, notices, planning
from workbot.onboarding.assignment import cast, may_tick
from workbot.onboarding.definitions import JourneyDefinition
from workbot.onboarding.kind import KIND
from workbot.onboarding.models import Journey, State, Step
from workbot.onboarding.queries import Mine, definition_of, mine, steps_of
from workbot.people import Person, agents_of

__all__ = [
    "Mine",
    "cancel",
    "change_people",
    "complete",
    "journey_of",
    "mine",
    "move",
    "people_changed",
    "remind",
    "running",
    "start",
    "step_called",
    "tell_due",
    "undo",
    "waiting",
]


def start(
    session: Session,
    name: str,
    person: Person,
    on: date,
    *,
    buddy: Person | None = None,
    by: UUID | None = None,
    now: datetime,
) -> Journey:
    """Set a person on a journey around the day `on`; what would have been due by now is told at once.

    Raises Gone when there is no such journey, and WorkbotError when it is off, or they are on it already or have left.
    """
    definition, version = offered(session, KIND, name)
    _require_able(session, definition, person, buddy, now)
    journey = Journey(
        name=name,
        definition_id=version.id,
        person_id=person.id,
        manager_id=person.manager_id,
        buddy_id=buddy.id if buddy else None,
        key_date=on,
        listed_on=following.listed_day(definition, person),
        started_at=now,
    )
    session.add(journey)
    session.flush()
    steps = _write_steps(session, journey, definition, person, now)
    if not steps:
        raise WorkbotError("No step of “{name}” applies to {person}.", name=name, person=person.name)
    events.record(session, events.STARTED, journey, by=by, now=now)
    planning.schedule(session, journey, steps, now=now)
    notices.bring_up_to_date(session, journey, now=now)
    return journey


def complete(session: Session, step: Step, by: Person, *, now: datetime) -> None:
    """Tick a step; once more changes nothing. The last one ends the journey."""
    journey = _held(session, step)
    require_carrier(session, step, by)
    if step.done_at is not None:
        return
    _require_active(journey)
    definition_of(session, step).tick(step, by, now=now)
    session.add(step)
    session.flush()
    events.record_step(session, events.DONE, journey, step, by=by.id, now=now)
    if all(other.done_at for other in steps_of(session, journey)):
        _finish(session, journey, by=by.id, now=now)
    besides = {step.carrier} & _told(session, journey)
    notices.bring_up_to_date(session, journey, besides=besides, by=by, now=now)


def undo(session: Session, step: Step, by: Person, *, now: datetime) -> None:
    """Open a ticked step again, and with it a journey that it had ended."""
    journey = _held(session, step)
    require_carrier(session, step, by)
    if step.done_at is None:
        return
    if journey.state == State.COMPLETED:
        _reopen(session, journey)
    _require_active(journey)
    step.done_at, step.done_by = None, None
    journey.revision += 1
    events.record_step(session, events.UNDONE, journey, step, by=by.id, now=now)
    planning.give_time(step, definition_of(session, step), planning.time_of(session, journey), now=now)
    session.add(step)
    planning.schedule(session, journey, steps_of(session, journey), now=now)
    notices.bring_up_to_date(session, journey, besides={step.carrier}, by=by, now=now)


def move(session: Session, journey: Journey, on: date, *, by: UUID | None = None, now: datetime) -> None:
    """Give a journey another day; what is not done is dated anew, and what is now due is told."""
    journey = _hold(session, journey.id)
    _require_active(journey)
    if on == journey.key_date:
        return
    told = _told(session, journey)
    planning.redate(session, journey, steps_of(session, journey), on, now=now)
    events.record(session, events.MOVED, journey, by=by, now=now)
    notices.bring_up_to_date(session, journey, besides=told, now=now)


def change_people(
    session: Session,
    journey: Journey,
    *,
    manager: Person | None = None,
    buddy: Person | None = None,
    by: UUID | None = None,
    now: datetime,
) -> None:
    """Name another manager or buddy; what they have open passes to who carries it now."""
    journey = _hold(session, journey.id)
    _require_active(journey)
    _require_other(session.get_one(Person, journey.person_id), buddy)
    journey.manager_id = manager.id if manager else journey.manager_id
    journey.buddy_id = buddy.id if buddy else journey.buddy_id
    session.add(journey)
    events.record(session, events.REASSIGNED, journey, by=by, now=now)
    told = _told(session, journey)
    _pass_on(session, journey, now)
    notices.bring_up_to_date(session, journey, besides=told, now=now)


def cancel(session: Session, journey: Journey, *, by: UUID | None = None, now: datetime) -> None:
    """Stop a journey; its cards say so, and nothing more is asked of anyone."""
    journey = _hold(session, journey.id)
    _require_active(journey)
    journey.state = State.CANCELLED
    events.record(session, events.CANCELLED, journey, by=by, now=now)
    jobs.cancel(session, series=journey.subject)
    notices.bring_up_to_date(session, journey, besides=_told(session, journey), now=now)


def tell_due(session: Session, journey: Journey, *, now: datetime) -> None:
    """Tell everyone what has come up since, and who stands in for whom; what was told is not told again."""
    journey = _hold(session, journey.id)
    if following.follow(session, journey, now=now):
        notices.bring_up_to_date(session, journey, besides=_pass_on(session, journey, now), now=now)


def remind(session: Session, journey: Journey, *, now: datetime) -> None:
    """Remind everyone, once, of what is overdue; whose carrier has left passes to who stands in."""
    journey = _hold(session, journey.id)
    if following.follow(session, journey, now=now):
        notices.bring_up_to_date(session, journey, besides=_pass_on(session, journey, now), now=now)
        notices.remind(session, journey, now=now)


def people_changed(session: Session, *, now: datetime) -> None:
    """Bring every journey under way in line with the people as they are now: who is here, who leads, and the day."""
    session.flush()
    for key in session.exec(select(Journey.id).where(Journey.state == State.ACTIVE).order_by(col(Journey.id))).all():
        journey = _hold(session, key)
        if following.follow(session, journey, now=now) and (relieved := _pass_on(session, journey, now)):
            notices.bring_up_to_date(session, journey, besides=relieved, now=now)


def journey_of(session: Session, key: UUID | str) -> Journey:
    """A journey by its id; raises Gone when there is none."""
    found = session.get(Journey, _uuid(key) or UUID(int=0))
    if found is None:
        raise Gone("There is no such journey.")
    return found


def step_called(session: Session, key: str, person: Person) -> Step:
    """The step of an id that came from outside; raises Gone when it is not this person's to tick."""
    found = session.get(Step, _uuid(key) or UUID(int=0))
    if found is None or not may_tick(session, found, person):
        raise Gone("This step is not one of yours.")
    return found


def running(session: Session, name: str, person: Person) -> Journey | None:
    """The journey of a name that a person is on."""
    return session.exec(
        select(Journey).where(Journey.name == name, Journey.person_id == person.id, Journey.state == State.ACTIVE)
    ).first()


def waiting(session: Session, *, now: datetime) -> list[tuple[Step, UUID]]:
    """Every step that has been told and is not done, with someone who may tick it."""
    steps = session.exec(
        select(Step)
        .join(Journey)
        .where(Journey.state == State.ACTIVE, col(Journey.paused_at).is_(None))
        .where(col(Step.told), col(Step.done_at).is_(None), Step.due_at <= now)
        .order_by(col(Step.due_at), col(Step.position), col(Step.id))
    )
    carried = [(step, _someone(session, step, now)) for step in steps]
    return [(step, person_id) for step, person_id in carried if person_id]


def require_carrier(session: Session, step: Step, person: Person) -> None:
    if not may_tick(session, step, person):
        raise NotAllowed("This step is not one of yours.")


def _write_steps(
    session: Session, journey: Journey, definition: JourneyDefinition, hire: Person, now: datetime
) -> list[Step]:
    time, steps = planning.time_of(session, journey), []
    for position, wanted in enumerate(definition.steps):
        if wanted.when.hold_for(hire):
            step = Step(
                journey_id=journey.id, step=wanted.id, position=position, who=wanted.who, due_at=now, overdue_at=now
            )
            planning.date_step(step, wanted, journey, time, now=now)
            cast(session, journey, step, now=now)
            steps.append(step)
    return steps


def _finish(session: Session, journey: Journey, *, by: UUID, now: datetime) -> None:
    journey.state, journey.completed_at = State.COMPLETED, now
    events.record(session, events.COMPLETED, journey, by=by, now=now)
    jobs.cancel(session, series=journey.subject)
    notices.completed(session, journey, now=now)


def _reopen(session: Session, journey: Journey) -> None:
    person = session.get_one(Person, journey.person_id)
    if running(session, journey.name, person):
        raise WorkbotError("{person} is on this journey already.", person=person.name)
    journey.state, journey.completed_at = State.ACTIVE, None


def _pass_on(session: Session, journey: Journey, now: datetime) -> set[str]:
    """Cast the open steps again, and return who had told ones before; a new carrier has not been told of theirs."""
    relieved = set()
    for step in (step for step in steps_of(session, journey) if step.done_at is None):
        before, was_told = step.carrier, step.told
        cast(session, journey, step, now=now)
        if step.carrier != before:
            step.told = step.reminded = False
            relieved |= {before} if was_told else set()
    return relieved


def _told(session: Session, journey: Journey) -> set[str]:
    """Whoever has a card of this journey."""
    return {step.carrier for step in steps_of(session, journey) if step.told}


def _held(session: Session, step: Step) -> Journey:
    """A step's journey, held, and the step as it stands now that it is."""
    journey = _hold(session, step.journey_id)
    session.refresh(step)
    return journey


def _hold(session: Session, journey_id: UUID) -> Journey:
    # One journey is changed by one transaction at a time, so that two last ticks end it once.
    session.flush()
    return session.get_one(Journey, journey_id, with_for_update=True)


def _someone(session: Session, step: Step, now: datetime) -> UUID | None:
    if step.desk:
        return next((agent.id for agent in agents_of(session, step.desk, now=now)), None)
    return step.assignee_id


def _require_able(
    session: Session, definition: JourneyDefinition, person: Person, buddy: Person | None, now: datetime
) -> None:
    # Held, so that two who start the same journey at the same moment do not both.
    session.get(Person, person.id, with_for_update=True)
    if not person.active or following.is_gone(definition, person, now):
        raise WorkbotError("{person} does not work here any more.", person=person.name)
    if running(session, definition.name, person):
        raise WorkbotError("{person} is on this journey already.", person=person.name)
    _require_other(person, buddy)


def _require_other(person: Person, buddy: Person | None) -> None:
    if buddy is not None and buddy.id == person.id:
        raise WorkbotError("Nobody can be their own buddy.")


def _require_active(journey: Journey) -> None:
    if not journey.is_active:
        raise WorkbotError("This journey has ended, so there is nothing to change in it any more.")


def _uuid(key: UUID | str) -> UUID | None:
    try:
        return key if isinstance(key, UUID) else UUID(key)
    except ValueError:
        return None
