"""What is done to a journey from the console: start it, tick a step, move it, give it other people, end it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select
from starlette.responses import Response

from workbot import onboarding
from workbot.cards.forms import read_day
from workbot.console.access import Viewer
from workbot.console.journeys import may_follow, page
from workbot.console.page_context import PageContext, go
from workbot.definitions import all_offered
from workbot.errors import Gone, Invalid, NotAllowed, Problem, WorkbotError
from workbot.i18n import Language, language
from workbot.onboarding import KIND, Journey, JourneyDefinition
from workbot.people import Person, by_email

# With more people than this a list to pick from is no help: they are found on the page of people.
MOST_OFFERED = 400

Values = Mapping[str, str]
Verb = Callable[[Session, Journey, Values, UUID, datetime], None]


async def ask(visit: PageContext) -> Response:
    return await _start_page(visit, {"person": visit.asked("person")}, {})


async def start(visit: PageContext) -> Response:
    values = await visit.values()
    try:
        key = await visit.change(
            _start, values, zone=visit.host.settings.zone, by=visit.viewer.person.id, now=visit.now
        )
    except WorkbotError as error:
        return await _start_page(visit, values, visit.errors(error))
    return go(f"/console/journeys/{key}", done="started")


async def tick(visit: PageContext) -> Response:
    """Tick a step, or open a ticked one again: whoever may tick it, on a journey that they may follow."""
    key, values = visit.request.path_params["id"], await visit.values()
    try:
        await visit.change(_tick, key, visit.viewer, values, now=visit.now)
    except (Gone, NotAllowed):
        raise
    except WorkbotError as error:
        return await page(visit, values, visit.errors(error))
    return go(f"/console/journeys/{key}", done="unticked" if "undo" in values else "ticked")


async def move(visit: PageContext) -> Response:
    return await _steer(visit, _move, "moved")


async def change_people(visit: PageContext) -> Response:
    return await _steer(visit, _change_people, "changed")


async def cancel(visit: PageContext) -> Response:
    return await _steer(visit, _cancel, "cancelled")


async def _steer(visit: PageContext, verb: Verb, done: str) -> Response:
    """Change a journey; a refusal gives its page back with what was typed."""
    key, values = visit.request.path_params["id"], await visit.values()
    try:
        await visit.change(_with_journey, key, verb, values, by=visit.viewer.person.id, now=visit.now)
    except (Gone, NotAllowed):
        raise
    except WorkbotError as error:
        return await page(visit, values, visit.errors(error))
    return go(f"/console/journeys/{key}", done=done)


async def _start_page(visit: PageContext, typed: Values, errors: Mapping[str, str]) -> Response:
    offer = await visit.read(offer_of)
    status = 409 if errors else 200
    return await visit.page("start.html", status=status, offer=offer, typed=typed, errors=errors)


@dataclass(frozen=True)
class Offer:
    """What the form that starts a journey offers: the journeys, and people by address where they are few enough."""

    journeys: list[JourneyDefinition]
    people: list[Person]

    def days(self, lang: Language) -> str:
        """What the days are called from which the journeys count."""
        return lang.listed(sorted({lang.of(journey.day) for journey in self.journeys}))


def offer_of(session: Session) -> Offer:
    active = col(Person.active)
    count = session.exec(select(func.count()).select_from(Person).where(active)).one()
    wanted = select(Person).where(active).order_by(Person.name)
    return Offer(all_offered(session, KIND), list(session.exec(wanted)) if count <= MOST_OFFERED else [])


def _start(session: Session, values: Values, *, zone: ZoneInfo, by: UUID, now: datetime) -> UUID:
    lang = language(session.get_one(Person, by).locale)
    wish = onboarding.draft(session, values, lang, today=now.astimezone(zone).date())
    return onboarding.start(session, wish.name, wish.person, wish.on, buddy=wish.buddy, by=by, now=now).id


def _tick(session: Session, key: UUID, viewer: Viewer, values: Values, *, now: datetime) -> None:
    by = session.get_one(Person, viewer.person.id)
    journey = onboarding.journey_of(session, key)
    step = onboarding.step_called(session, values.get("step", ""), by)
    if step.journey_id != journey.id or not may_follow(viewer, journey, session.get_one(Person, journey.person_id)):
        raise Gone("This step is not one of yours.")
    verb = onboarding.undo if "undo" in values else onboarding.complete
    verb(session, step, by, now=now)


def _with_journey(session: Session, key: UUID, verb: Verb, values: Values, *, by: UUID, now: datetime) -> None:
    verb(session, onboarding.journey_of(session, key), values, by, now)


def _move(session: Session, journey: Journey, values: Values, by: UUID, now: datetime) -> None:
    try:
        on = read_day(values.get("on", ""))
    except WorkbotError as error:
        raise Invalid({"on": Problem(error.message, error.values)}) from error
    onboarding.move(session, journey, on, by=by, now=now)


def _change_people(session: Session, journey: Journey, values: Values, by: UUID, now: datetime) -> None:
    """Name the manager and the buddy; an empty field leaves who it was."""
    given = {part: values[part] for part in ("manager", "buddy") if values.get(part, "").strip()}
    named = {part: by_email(session, address) for part, address in given.items()}
    wrong = {part: Problem("Nobody here has this e-mail address.") for part, person in named.items() if person is None}
    if (buddy := named.get("buddy")) and buddy.id == journey.person_id:
        wrong["buddy"] = Problem("Nobody can be their own buddy.")
    if wrong:
        raise Invalid(wrong)
    onboarding.change_people(session, journey, manager=named.get("manager"), buddy=named.get("buddy"), by=by, now=now)


def _cancel(session: Session, journey: Journey, values: Values, by: UUID, now: datetime) -> None:
    onboarding.cancel(session, journey, by=by, now=now)
