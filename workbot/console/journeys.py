"""Journeys under way: HR see everyone's, a manager those of their own people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session
from starlette.responses import Response

from workbot import onboarding
from workbot.console.access import Viewer, runs_journeys
from workbot.console.page_context import PageContext
from workbot.errors import Gone
from workbot.i18n import Language
from workbot.onboarding import (
    DESK,
    BoardRow,
    Journey,
    JourneyView,
    Standing,
    State,
    Step,
    StepDefinition,
    board,
    journey_view,
)
from workbot.people import Person, roles

STATES = {"active": State.ACTIVE, "overdue": State.ACTIVE, "completed": State.COMPLETED, "cancelled": State.CANCELLED}
# How a step's standing looks in the list of steps.
LOOKS = {Standing.DONE: "done", Standing.OVERDUE: "late", Standing.DUE: "current", Standing.LATER: "later"}


async def listing(visit: PageContext) -> Response:
    shown = visit.asked("show") if visit.asked("show") in STATES else "active"
    rows = await visit.read(rows_for, visit.viewer, shown, now=visit.now)
    tabs = {
        "active": visit.lang("Under way"),
        "overdue": visit.lang("Overdue"),
        "completed": visit.lang("Completed"),
        "cancelled": visit.lang("Cancelled"),
    }
    return await visit.page("journeys.html", rows=rows, shown=shown, tabs=tabs, **words(visit))


async def one(visit: PageContext) -> Response:
    return await page(visit)


async def page(
    visit: PageContext, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    """One journey; with what was typed and what is wrong with it when a change was refused."""
    view = await visit.read(view_of, visit.request.path_params["id"], visit.viewer, now=visit.now)
    values: dict[str, Any] = {"view": view, "typed": typed or {}, "errors": errors or {}, "looks": LOOKS}
    return await visit.page("journey.html", status=409 if errors else 200, **values, **words(visit))


def words(visit: PageContext) -> dict[str, Any]:
    """What the templates say of days and parts."""

    def day_name(journey: Journey, hire: Person) -> str:
        return day_words(day_of(journey, hire, visit.now), visit.lang)

    return {"who_name": who_name, "day_name": day_name, "may_run": runs_journeys(visit.viewer)}


def rows_for(session: Session, viewer: Viewer, shown: str, *, now: datetime) -> list[BoardRow]:
    """The board as far as the viewer may see it."""
    rows = board(session, now=now, state=STATES[shown])
    return [row for row in rows if may_follow(viewer, row.journey, row.person) and (shown != "overdue" or row.overdue)]


def may_follow(viewer: Viewer, journey: Journey, hire: Person) -> bool:
    """HR follow every journey; a manager those they lead, in the organisation or in the journey."""
    return runs_journeys(viewer) or viewer.person.id in (journey.manager_id, hire.manager_id)


@dataclass(frozen=True)
class Line:
    """A step as its page shows it."""

    step: Step
    definition: StepDefinition
    standing: Standing
    carrier: str
    done_by: str
    may_tick: bool


@dataclass(frozen=True)
class View:
    """A journey with all its steps, in the order they come up."""

    journey_view: JourneyView
    lines: list[Line]
    manager: Person | None
    buddy: Person | None

    @property
    def journey(self) -> Journey:
        return self.journey_view.journey

    @property
    def done(self) -> int:
        return sum(line.standing == Standing.DONE for line in self.lines)


def view_of(session: Session, key: UUID, viewer: Viewer, *, now: datetime) -> View:
    """A journey for someone who may follow it; raises Gone for everyone else."""
    journey = onboarding.journey_of(session, key)
    here = journey_view(session, journey)
    if not may_follow(viewer, journey, here.hire):
        raise Gone("There is no such journey.")
    held = roles(session, viewer.person)
    return View(
        journey_view=here,
        lines=[_line(here, step, viewer.person, held, now) for step in here.steps],
        manager=session.get(Person, journey.manager_id) if journey.manager_id else None,
        buddy=session.get(Person, journey.buddy_id) if journey.buddy_id else None,
    )


def _line(here: JourneyView, step: Step, reader: Person, held: set[str], now: datetime) -> Line:
    definition = here.definition_of(step)
    return Line(
        step=step,
        definition=definition,
        standing=step.standing(now),
        carrier=here.name(step.assignee_id),
        done_by=here.name(step.done_by),
        may_tick=here.journey.is_active and definition.may_tick(step, reader, held),
    )


def who_name(who: str, lang: Language) -> str:
    """A part of a journey as people call it."""
    names = {"hire": lang("The person"), "manager": lang("Manager"), "buddy": lang("Buddy"), "hr": lang("HR")}
    return names.get(who) or lang("Desk “{desk}”", desk=who.removeprefix(DESK))


def day_of(journey: Journey, hire: Person, now: datetime) -> int:
    """How many days have passed since the journey's day, where its person is; negative before it."""
    return (now.astimezone(ZoneInfo(hire.timezone)).date() - journey.key_date).days


def day_words(day: int, lang: Language) -> str:
    """How far a journey is from its day, in words."""
    if day == 0:
        return lang("Today is the day")
    if day < 0:
        return lang.plural("In {count} day", "In {count} days", -day)
    return lang("Day {number}", number=lang.number(day))
