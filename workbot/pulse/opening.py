"""Opening the wave of a scheduled day, or passing it over and saying so: the rule of the clock and of simulations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from workbot import delivery
from workbot.errors import WorkbotError
from workbot.i18n import language
from workbot.people import Person, people_with_role
from workbot.pulse import timing, views
from workbot.pulse.audience import zones
from workbot.pulse.definitions import SurveyDefinition
from workbot.pulse.launching import launch
from workbot.pulse.models import Wave

# Whoever launches surveys hears of one that did not open.
LAUNCHERS = "hr"

log = structlog.get_logger(__name__)


def due_at(session: Session, definition: SurveyDefinition, day: date, zone: str) -> datetime:
    """When the wave of a day opens: as its morning comes to the first of all people; each is asked in their own."""
    return timing.earliest(day, timing.clock_of(definition), {zone, *zones(session)})


def open_on(
    session: Session,
    definition: SurveyDefinition,
    day: date,
    zone: ZoneInfo,
    *,
    due: datetime,
    now: datetime,
    people: Sequence[Person] | None = None,
) -> Wave | None:
    """Open the wave of a day that was due at a moment; where it may not open, pass it over and tell HR why."""
    try:
        _refuse_late(definition, day, zone, due=due, now=now)
        # A refusal takes back what was written before it, and nothing else.
        with session.begin_nested():
            return launch(session, definition.name, zone=zone, now=now, on=day, people=people)
    except WorkbotError as refusal:
        log.info("pulse.passed_over", survey=definition.name, day=day.isoformat(), reason=str(refusal))
        _say(session, definition, day, refusal, now=now)
        return None


def _refuse_late(definition: SurveyDefinition, day: date, zone: ZoneInfo, *, due: datetime, now: datetime) -> None:
    if now - due > timing.longest_delay(due, timing.closing(definition, day, zone)):
        raise WorkbotError("The bot was not running when it was due, and too little of its time was left.")


def _say(session: Session, definition: SurveyDefinition, day: date, refusal: WorkbotError, *, now: datetime) -> None:
    following = definition.schedule.next_after(day) if definition.schedule else None
    for person in people_with_role(session, LAUNCHERS, now=now):
        card = views.passed_over(definition, day, refusal, following, language(person.locale))
        key = f"pulse.passed-over:{definition.name}:{day.isoformat()}:{person.id}"
        delivery.tell(session, person, card, key=key, now=now, working_hours=True)
