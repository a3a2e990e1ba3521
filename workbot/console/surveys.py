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
from workbot.charts import svg
from workbot.console.access import Viewer, launches_surveys
from workbot.console.page_context import PageContext, go
from workbot.definitions import all_current, names_on
from workbot.errors import WorkbotError
from workbot.i18n import Language
from workbot.people.departments import names
from workbot.pulse import WEEKDAYS, SurveyDefinition, Wave, changed_since, counts, definition_of, open_wave

WAVES_SHOWN = 16


async def listing(visit: PageContext) -> Response:
    surveys = await visit.read(every_survey, visit.viewer, visit.lang, now=visit.now)
    may_launch = launches_surveys(visit.viewer)
    return await visit.page("surveys.html", surveys=surveys, mode_name=mode_name, may_launch=may_launch)


async def confirm_launch(visit: PageContext) -> Response:
    return await _launch_page(visit)


async def launch(visit: PageContext) -> Response:
    name, at_once = visit.request.path_params["name"], "at_once" in await visit.values()
    try:
        wave = await visit.change(
            partial(
                pulse.launch, name=name, zone=_zone(visit), now=visit.now, at_once=at_once, by=visit.viewer.person.id
            ),
        )
    except WorkbotError as error:
        return await _launch_page(visit, error=visit.said(error), at_once=at_once)
    return go(page_of(wave, visit.viewer), done="launched")


async def _launch_page(visit: PageContext, error: str = "", at_once: bool = False) -> Response:
    name = visit.request.path_params["name"]
    plan = await visit.read(plan_of, name, visit.lang, zone=_zone(visit), now=visit.now)
    status = 409 if error else 200
    readers = pulse.readers(plan.definition.report.roles, visit.lang)
    values = {"plan": plan, "readers": readers, "error": error, "at_once": at_once, "mode_name": mode_name}
    return await visit.page("launch.html", status=status, **values)


def page_of(wave: Wave, viewer: Viewer) -> str:
    """Where someone is shown a wave: its own page if they may read it, else the list."""
    return f"/console/surveys/{wave.survey}/{wave.number}" if wave.is_read_by(viewer.roles) else "/console/surveys"


def _zone(visit: PageContext) -> ZoneInfo:
    """The organisation's, in which surveys open and close."""
    return visit.host.settings.zone


@dataclass(frozen=True)
class Rate:
    """A wave and how many answered it: of the whole, never of a group, and never of fewer than k.

    To whom may not read the wave, which `is_readable` says, nothing is shown of it.
    """

    wave: Wave
    invited: int
    answered: int
    is_readable: bool

    @property
    def is_shown(self) -> bool:
        return self.is_readable and (self.wave.mode == "identified" or self.answered >= self.wave.k)

    @property
    def share(self) -> float:
        return self.answered / self.invited if self.invited else 0.0


@dataclass(frozen=True)
class Survey:
    """One survey as the list shows it: its waves, the newest first."""

    definition: SurveyDefinition
    is_on: bool
    rhythm: str
    readers: str
    running: Rate | None
    rates: list[Rate]
    trend: svg.Line | None


def every_survey(session: Session, viewer: Viewer, lang: Language, *, now: datetime) -> list[Survey]:
    """Every survey for whoever launches them; for others those of which they may read something."""
    on = names_on(session, pulse.KIND)
    found = all_current(session, pulse.KIND)
    surveys = [_survey(session, one, viewer, lang, is_on=one.name in on, now=now) for one in found]
    return [survey for survey in surveys if survey.rates or launches_surveys(viewer)]


def _survey(
    session: Session, definition: SurveyDefinition, viewer: Viewer, lang: Language, *, is_on: bool, now: datetime
) -> Survey:
    waves = waves_for(session, definition.name, viewer)[:WAVES_SHOWN]
    rates = [rate_of(session, wave, viewer) for wave in waves]
    running = next((rate for rate in rates if rate.wave.is_open(now)), None)
    readers = pulse.readers(definition.report.roles, lang)
    return Survey(definition, is_on, rhythm(definition, lang), readers, running, rates, rate_trend(rates, lang))


def waves_for(session: Session, survey: str, viewer: Viewer) -> list[Wave]:
    """The waves of a survey that someone is shown: all to whoever launches them, to others those they may read."""
    waves = pulse.waves(session, survey)
    return waves if launches_surveys(viewer) else [wave for wave in waves if wave.is_read_by(viewer.roles)]


def rate_of(session: Session, wave: Wave, viewer: Viewer) -> Rate:
    is_readable = wave.is_read_by(viewer.roles)
    return Rate(wave, *(counts(session, wave) if is_readable else (0, 0)), is_readable)


def rate_trend(rates: Sequence[Rate], lang: Language) -> svg.Line | None:
    """The response rates of closed waves, the oldest first."""
    points = [
        svg.Point(lang.short_date(rate.wave.first_day), rate.share, lang.percent(rate.share))
        for rate in reversed(rates)
        if rate.wave.closed_at is not None and rate.is_shown
    ]
    return svg.line(points, low=0, high=1)


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
    """What a launch would do: whom it asks, from when, until when; `reworded` is not compared with the wave before."""

    definition: SurveyDefinition
    running: Wave | None
    opens_at: datetime
    closes_at: datetime
    reworded: list[str]
    people: int
    departments: list[tuple[str, int]]
    french: int


def plan_of(session: Session, name: str, lang: Language, *, zone: ZoneInfo, now: datetime) -> Plan:
    """Whom a launch would ask if it were decided now; raises Gone when there is no such survey."""
    planned = pulse.plan(session, name, pulse.Launch(now, zone))
    tops = Counter("".join(names(member.path)[:1]) for member in planned.members)
    return Plan(
        definition=planned.definition,
        running=open_wave(session, name, now=now),
        opens_at=planned.opens_at(zone),
        closes_at=planned.closes_at,
        reworded=_reworded(session, planned.definition, lang),
        people=len(planned.members),
        departments=sorted(tops.items(), key=lambda top: (-top[1], top[0])),
        french=sum(member.person.locale.startswith("fr") for member in planned.members),
    )


def _reworded(session: Session, survey: SurveyDefinition, lang: Language) -> list[str]:
    """The questions that the last wave asked in other words."""
    last = next(iter(pulse.waves(session, survey.name)), None)
    return [lang.of(one.text) for one in changed_since(definition_of(session, last), survey)] if last else []
