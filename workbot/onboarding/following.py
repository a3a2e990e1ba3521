"""What the people file says of a journey under way: whether its person is still to come or here, and on which day."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from workbot.definitions import as_published
from workbot.onboarding import notices, planning, views
from workbot.onboarding.definitions import JourneyDefinition
from workbot.onboarding.kind import KIND
from workbot.onboarding.models import Journey
from workbot.onboarding.queries import steps_of
from workbot.people import Person


def listed_day(definition: JourneyDefinition, person: Person) -> date | None:
    """The day of a person that a journey is about, as the people file has it."""
    return person.left_on if definition.is_leaving else person.started_on


def is_gone(definition: JourneyDefinition, person: Person, now: datetime) -> bool:
    """Whether a journey has lost its person; one about leaving goes on without them."""
    today = now.astimezone(ZoneInfo(person.timezone)).date()
    has_left = not person.active or (person.left_on is not None and person.left_on < today)
    return has_left and not definition.is_leaving


def follow(session: Session, journey: Journey, *, now: datetime) -> bool:
    """Bring a journey that is held in line with its person as they are listed now; whether anything is to be told."""
    if not journey.is_active:
        return False
    definition = as_published(session, KIND, journey.definition_id)
    person = session.get_one(Person, journey.person_id)
    if is_gone(definition, person, now):
        _pause(session, journey, now=now)
        return False
    _resume(session, journey, now=now)
    _follow_day(session, journey, definition, person, now=now)
    return True


def _pause(session: Session, journey: Journey, *, now: datetime) -> None:
    """Ask nothing more of anyone, and have HR decide."""
    if journey.paused_at is not None:
        return
    landed = notices.take_back(session, journey)
    journey.paused_at = now
    notices.bring_up_to_date(session, journey, besides=landed - {str(journey.person_id)}, now=now)
    notices.tell_hr(session, journey, views.gone, now=now)


def _resume(session: Session, journey: Journey, *, now: datetime) -> None:
    if journey.paused_at is None:
        return
    journey.paused_at = None
    landed = notices.take_back(session, journey)
    planning.give_more_time(session, journey, steps_of(session, journey), now=now)
    notices.bring_up_to_date(session, journey, besides=landed, now=now)
    notices.tell_hr(session, journey, views.back, now=now)


def _follow_day(
    session: Session, journey: Journey, definition: JourneyDefinition, person: Person, *, now: datetime
) -> None:
    """Move with the day of the people file; where HR had set another, or the file has none any more, ask them."""
    listed = listed_day(definition, person)
    # Whoever is listed no more is given a last day by that: it says nothing new of the journey's.
    if listed == journey.listed_on or not person.active:
        return
    if listed is None:
        notices.tell_hr(session, journey, views.day_missing, now=now, once=f"no-day:{journey.listed_on}")
        return
    followed = journey.listed_on == journey.key_date
    journey.listed_on = listed
    session.add(journey)
    if listed != journey.key_date and followed:
        _move(session, journey, listed, now=now)
    elif listed != journey.key_date:
        journey.revision += 1
        notices.tell_hr(session, journey, views.day_differs, now=now)


def _move(session: Session, journey: Journey, on: date, *, now: datetime) -> None:
    """Date what is open anew, and let everyone concerned know once."""
    landed = notices.take_back(session, journey)
    planning.redate(session, journey, steps_of(session, journey), on, now=now)
    notices.moved(session, journey, landed, now=now)
    notices.bring_up_to_date(session, journey, besides=landed, now=now)
