"""Where the console begins: what each role wants to see first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from workbot import features, pulse, requests
from workbot.charts import svg
from workbot.console.access import (
    Viewer,
    follows_journeys,
    follows_surveys,
    launches_surveys,
    sees_health,
    works_requests,
)
from workbot.console.definitions import KindList, kind_list
from workbot.console.health import Health, health
from workbot.console.journeys import rows_for
from workbot.console.journeys import words as journey_words
from workbot.console.page_context import PageContext
from workbot.console.people import platform_name
from workbot.console.surveys import Rate, rate_of, waves_for
from workbot.console.waves import score_history
from workbot.definitions import all_current
from workbot.errors import Gone
from workbot.i18n import Language
from workbot.onboarding import BoardRow
from workbot.pulse import WORDS, Report, Result, report_of
from workbot.requests import DeskDefinition, Request, State

MOST_SHOWN = 6


async def one(visit: PageContext) -> Response:
    view = await visit.read(view_of, visit.viewer, visit.lang, now=visit.now)
    kind_lists = await visit.read(_kind_lists) if sees_health(visit.viewer) else []
    may_launch = launches_surveys(visit.viewer)
    return await visit.page(
        "home.html", view=view, kind_lists=kind_lists, words=WORDS, may_launch=may_launch, **_words(visit)
    )


def _words(visit: PageContext) -> dict[str, Any]:
    return {"platform_name": platform_name, "age": visit.age, **journey_words(visit)}


async def nowhere(visit: PageContext) -> Response:
    raise Gone("The console has no such page.")


@dataclass(frozen=True)
class Headline:
    """A question with a score, and how it has gone."""

    result: Result
    line: svg.Line | None
    heard: str


@dataclass(frozen=True)
class Pulse:
    """One survey in short: the wave that is open, and the newest report."""

    title: str
    running: Rate | None
    report: Report | None
    headlines: list[Headline]


@dataclass(frozen=True)
class DeskInShort:
    """A desk of the viewer's: how much waits there, and what is theirs to do."""

    desk: DeskDefinition
    counts: dict[str, int]
    waiting: list[Request]
    mine: list[Request]


@dataclass(frozen=True)
class View:
    """What one person's overview shows; what is not theirs is None."""

    pulses: list[Pulse] | None
    journeys: list[BoardRow] | None
    desks: list[DeskInShort] | None
    health: Health | None


def view_of(session: Session, viewer: Viewer, lang: Language, *, now: datetime) -> View:
    return View(
        pulses=_pulses(session, viewer, lang, now=now) if follows_surveys(viewer) else None,
        journeys=rows_for(session, viewer, "active", now=now) if follows_journeys(viewer) else None,
        desks=_desks(session, viewer) if works_requests(viewer) else None,
        health=health(session, lang) if sees_health(viewer) else None,
    )


def _desks(session: Session, viewer: Viewer) -> list[DeskInShort]:
    found = []
    for desk in requests.desks_of_agent(session, viewer.person):
        active = requests.queue(session, desk.name)
        waiting = [request for request in active if request.state == State.OPEN]
        mine = [request for request in active if request.assignee_id == viewer.person.id]
        found.append(DeskInShort(desk, requests.counts(session, desk.name), waiting[:MOST_SHOWN], mine[:MOST_SHOWN]))
    return found


def _kind_lists(session: Session) -> list[KindList]:
    return [kind_list(session, kind) for kind in features.KINDS]


def _pulses(session: Session, viewer: Viewer, lang: Language, *, now: datetime) -> list[Pulse]:
    """The surveys that have ever run, in short, with the newest results that are the viewer's to read."""
    found = []
    for definition in all_current(session, pulse.KIND):
        waves = waves_for(session, definition.name, viewer)
        if not waves:
            continue
        running = next((wave for wave in waves if wave.is_open(now)), None)
        closed = next((wave for wave in waves if wave.closed_at and wave.is_read_by(viewer.roles)), None)
        report = report_of(session, closed, lang) if closed else None
        headlines = _headlines(report, lang) if report else []
        rate = rate_of(session, running, viewer) if running else None
        found.append(Pulse(lang.of(definition.title), rate, report, headlines))
    return found


def _headlines(report: Report, lang: Language) -> list[Headline]:
    drawn = []
    for result, score in report.scored:
        history = score_history(result.id, report.trend, lang)
        heard = ", ".join(f"{point.place}: {point.said}" for point in history)
        axis = score.measure.axis
        line = svg.line(history, low=axis.low, high=axis.high, height=120, room=svg.BARE)
        drawn.append(Headline(result, line, heard))
    return drawn
