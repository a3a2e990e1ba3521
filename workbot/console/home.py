"""Where the console begins: what each role wants to see first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.responses import Response

from workbot import pulse
from workbot.console import drawing
from workbot.console.access import Viewer, sees_delivery, sees_results
from workbot.console.definitions import KINDS, Shelf, shelf
from workbot.console.health import Health, health
from workbot.console.people import platform_name
from workbot.console.surveys import Rate, rate_of
from workbot.console.visits import Visit
from workbot.console.waves import mean_history
from workbot.definitions import all_current
from workbot.errors import Gone
from workbot.i18n import Language
from workbot.pulse import words
from workbot.pulse.definitions import SCALE
from workbot.pulse.report import Report, Result, report_of


async def one(visit: Visit) -> Response:
    view = await visit.read(view_of, visit.viewer, visit.lang, now=visit.now)
    shelves = await visit.read(_shelves, visit) if sees_delivery(visit.viewer) else []
    return await visit.page("home.html", view=view, shelves=shelves, words=words, platform_name=platform_name)


async def nowhere(visit: Visit) -> Response:
    raise Gone("The console has no such page.")


@dataclass(frozen=True)
class Headline:
    """A survey's first scale question with how it has gone."""

    result: Result
    line: drawing.Line | None
    heard: str


@dataclass(frozen=True)
class Pulse:
    """One survey in short: the wave that is open, and the newest report."""

    title: str
    running: Rate | None
    report: Report | None
    headlines: list[Headline]


@dataclass(frozen=True)
class View:
    """What one person's overview shows; what is not theirs is None."""

    pulses: list[Pulse] | None
    health: Health | None


def view_of(session: Session, viewer: Viewer, lang: Language, *, now: datetime) -> View:
    return View(
        pulses=_pulses(session, lang, now=now) if sees_results(viewer) else None,
        health=health(session, lang) if sees_delivery(viewer) else None,
    )


def _shelves(session: Session, visit: Visit) -> list[Shelf]:
    own = visit.host.settings.definitions
    return [shelf(session, kind, own) for kind in KINDS]


def _pulses(session: Session, lang: Language, *, now: datetime) -> list[Pulse]:
    """The surveys that have ever run, in short."""
    found = []
    for definition in all_current(session, pulse.KIND):
        waves = pulse.waves(session, definition.name)
        if not waves:
            continue
        running = next((wave for wave in waves if wave.is_open(now)), None)
        closed = next((wave for wave in waves if wave.closed_at is not None), None)
        report = report_of(session, closed, lang) if closed else None
        headlines = _headlines(report, lang) if report else []
        rate = rate_of(session, running) if running else None
        found.append(Pulse(lang.of(definition.title), rate, report, headlines))
    return found


def _headlines(report: Report, lang: Language) -> list[Headline]:
    drawn = []
    for result in report.scales:
        history = mean_history(result.id, report.trend, lang)
        heard = ", ".join(f"{point.place}: {point.said}" for point in history)
        drawn.append(Headline(result, drawing.line(history, low=SCALE[0], high=SCALE[-1], height=120), heard))
    return drawn
