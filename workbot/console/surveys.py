"""The surveys: what runs, how many answer, and launching one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import Session
from starlette.responses import Response

from workbot import pulse
from workbot.console import drawing
from workbot.console.visits import Visit, go
from workbot.definitions import all_current
from workbot.errors import WorkbotError
from workbot.i18n import Language
from workbot.pulse import SurveyDefinition, Wave, launching, moments
from workbot.pulse.definitions import WEEKDAYS
from workbot.pulse.service import counts, open_wave

WAVES_SHOWN = 16


async def listing(visit: Visit) -> Response:
    surveys = await visit.read(every_survey, visit.lang, now=visit.now)
    return await visit.page("surveys.html", surveys=surveys, mode_name=mode_name)


async def confirm_launch(visit: Visit) -> Response:
    return await _launch_page(visit)


async def launch(visit: Visit) -> Response:
    name, at_once = visit.request.path_params["name"], "at_once" in await visit.values()
    try:
        wave = await visit.change(
            partial(pulse.launch, name=name, zone=_zone(visit), now=visit.now, at_once=at_once),
        )
    except WorkbotError as error:
        return await _launch_page(visit, error=visit.said(error), at_once=at_once)
    return go(f"/console/surveys/{name}/{wave.number}", done="launched")


async def _launch_page(visit: Visit, error: str = "", at_once: bool = False) -> Response:
    name = visit.request.path_params["name"]
    plan = await visit.read(plan_of, name, zone=_zone(visit), now=visit.now)
    status = 409 if error else 200
    return await visit.page("launch.html", status=status, plan=plan, error=error, at_once=at_once, mode_name=mode_name)


def _zone(visit: Visit) -> ZoneInfo:
    """The organisation's, in which surveys open and close."""
    return visit.host.settings.zone


@dataclass(frozen=True)
class Rate:
    """A wave and how many answered it: of the whole, never of a group, and never of fewer than k."""

    wave: Wave
    invited: int
    answered: int

    @property
    def is_shown(self) -> bool:
        return self.wave.mode == "identified" or self.answered >= self.wave.k

    @property
    def share(self) -> float:
        return self.answered / self.invited if self.invited else 0.0


@dataclass(frozen=True)
class Survey:
    """One survey as the list shows it: its waves, the newest first."""

    definition: SurveyDefinition
    rhythm: str
    running: Rate | None
    rates: list[Rate]
    trend: drawing.Line | None


def every_survey(session: Session, lang: Language, *, now: datetime) -> list[Survey]:
    return [_survey(session, found, lang, now=now) for found in all_current(session, pulse.KIND)]


def _survey(session: Session, definition: SurveyDefinition, lang: Language, *, now: datetime) -> Survey:
    rates = [rate_of(session, wave) for wave in pulse.waves(session, definition.name)[:WAVES_SHOWN]]
    running = next((rate for rate in rates if rate.wave.is_open(now)), None)
    return Survey(definition, rhythm(definition, lang), running, rates, rate_trend(rates, lang))


def rate_of(session: Session, wave: Wave) -> Rate:
    return Rate(wave, *counts(session, wave))


def rate_trend(rates: Sequence[Rate], lang: Language) -> drawing.Line | None:
    """The response rates of closed waves, the oldest first."""
    points = [
        drawing.Point(lang.short_date(rate.wave.first_day), rate.share, lang.percent(rate.share))
        for rate in reversed(rates)
        if rate.wave.closed_at is not None and rate.is_shown
    ]
    return drawing.line(points, low=0, high=1)


def rhythm(definition: SurveyDefinition, lang: Language) -> str:
    """How often a survey opens, in words."""
    schedule = definition.schedule
    if schedule is None:
        return lang("When someone launches it")
    if schedule.every == "month":
        return lang("Every month on day {day}, at {time}", day=schedule.day, time=schedule.at)
    return lang(
        "Every week on {weekday}, at {time}", weekday=weekday_name(schedule.weekday or "", lang), time=schedule.at
    )


def mode_name(mode: str, lang: Language) -> str:
    """What a survey promises, in a word."""
    names = {"identified": lang("With names"), "confidential": lang("Confidential"), "anonymous": lang("Anonymous")}
    return names.get(mode, mode)


def weekday_name(weekday: str, lang: Language) -> str:
    names = (
        lang("Monday"),
        lang("Tuesday"),
        lang("Wednesday"),
        lang("Thursday"),
        lang("Friday"),
        lang("Saturday"),
        lang("Sunday"),
    )
    return names[WEEKDAYS.index(weekday)]


@dataclass(frozen=True)
class Plan:
    """What a launch would do: whom it asks, from when, until when."""

    definition: SurveyDefinition
    running: Wave | None
    opens_at: datetime
    closes_at: datetime
    people: int
    departments: list[tuple[str, int]]
    french: int


def plan_of(session: Session, name: str, *, zone: ZoneInfo, now: datetime) -> Plan:
    """Whom a launch would ask if it were decided now; raises Gone when there is no such survey."""
    planned = launching.plan(session, name, launching.Launch(now, zone))
    tops = Counter(member.path.partition("/")[0] for member in planned.members)
    return Plan(
        definition=planned.definition,
        running=open_wave(session, name, now=now),
        opens_at=moments.local(planned.first_day, moments.clock_of(planned.definition), zone),
        closes_at=planned.closes_at,
        people=len(planned.members),
        departments=sorted(tops.items(), key=lambda top: (-top[1], top[0])),
        french=sum(member.person.locale.startswith("fr") for member in planned.members),
    )
