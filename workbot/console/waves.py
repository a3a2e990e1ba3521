"""One wave of a survey: how many answer while it is open, and its report once it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session
from starlette.responses import Response

from workbot import pulse
from workbot.charts import svg
from workbot.console.access import Viewer, launches_surveys
from workbot.console.campaigns import anchor
from workbot.console.page_context import PageContext, go
from workbot.console.surveys import Rate, mode_name, page_of, rate_of
from workbot.errors import Gone, NotAllowed, WorkbotError
from workbot.i18n import Language
from workbot.pulse import MEDIA_TYPES, WORDS, Point, Report, Result, Score, Wave, definition_of, export, report_of


async def one(visit: PageContext) -> Response:
    return await _page(visit)


async def download(visit: PageContext) -> Response:
    ending = visit.request.path_params["format"]
    if ending not in MEDIA_TYPES:
        raise Gone("There is no such format. Reports come as {formats}.", formats=", ".join(MEDIA_TYPES))
    name, number = _named(visit)
    content = await visit.read(_export, name, number, ending, visit.viewer, visit.lang)
    kind = "attachment" if ending != "png" else "inline"
    # A page to keep has its own look inside; it may load nothing and run nothing.
    headers = {
        "Content-Disposition": f'{kind}; filename="{name}-{number}.{ending}"',
        "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=MEDIA_TYPES[ending], headers=headers)


async def confirm_close(visit: PageContext) -> Response:
    view = await visit.read(closing_of, *_named(visit), visit.viewer, visit.lang)
    return await visit.page("close.html", view=view)


async def close(visit: PageContext) -> Response:
    name, number = _named(visit)
    try:
        wave = await visit.change(_close, name, number, by=visit.viewer.person.id, now=visit.now)
    except Gone:
        raise
    except WorkbotError as error:
        if not await visit.read(_may_read, name, number, visit.viewer):
            raise
        return await _page(visit, refusal=visit.said(error))
    return go(page_of(wave, visit.viewer), done="closed" if wave.is_read_by(visit.viewer.roles) else "closed-unread")


def _close(session: Session, name: str, number: int, *, by: UUID, now: datetime) -> Wave:
    wave = pulse.wave_numbered(session, name, number)
    pulse.close(session, wave, by=by, now=now)
    return wave


def _may_read(session: Session, name: str, number: int, viewer: Viewer) -> bool:
    return pulse.wave_numbered(session, name, number).is_read_by(viewer.roles)


async def _page(visit: PageContext, refusal: str = "") -> Response:
    view = await visit.read(view_of, *_named(visit), visit.viewer, visit.lang)
    known = {
        "may_launch": launches_surveys(visit.viewer),
        "formats": MEDIA_TYPES,
        "mode_name": mode_name,
        "words": WORDS,
        "heat": heat,
        "anchor": anchor,
    }
    return await visit.page("wave.html", status=409 if refusal else 200, view=view, refusal=refusal, **known)


def _named(visit: PageContext) -> tuple[str, int]:
    return visit.request.path_params["name"], visit.request.path_params["number"]


def _export(session: Session, name: str, number: int, ending: str, viewer: Viewer, lang: Language) -> bytes:
    return export(session, _readable(session, name, number, viewer), ending, lang)


def _readable(session: Session, name: str, number: int, viewer: Viewer) -> Wave:
    """A wave for one of its readers.

    Raises Gone when there is none of that number, and NotAllowed for everyone else, whatever other right they have.
    """
    wave = pulse.wave_numbered(session, name, number)
    if not wave.is_read_by(viewer.roles):
        raise NotAllowed("The results of this survey were promised to others, and only they may read them.")
    return wave


@dataclass(frozen=True)
class Question:
    """A result with its drawings; `history` holds its score in each wave, the oldest first."""

    result: Result
    bars: tuple[svg.Bar, ...]
    heard: str
    line: svg.Line | None
    history: list[svg.Point]


@dataclass(frozen=True)
class View:
    """A wave as its page shows it; without `report` while it is open."""

    title: str
    rate: Rate
    report: Report | None
    questions: list[Question]
    asked: list[str]

    @property
    def wave(self) -> Wave:
        return self.rate.wave

    @property
    def path(self) -> str:
        return f"/console/surveys/{self.wave.survey}/{self.wave.number}"


@dataclass(frozen=True)
class Closing:
    """A wave that is about to be closed, for someone who may do so and perhaps not read it."""

    title: str
    rate: Rate
    back: str

    @property
    def wave(self) -> Wave:
        return self.rate.wave


def closing_of(session: Session, name: str, number: int, viewer: Viewer, lang: Language) -> Closing:
    """What is shown before a wave is closed; raises Gone when there is none of that number."""
    wave = pulse.wave_numbered(session, name, number)
    title = lang.of(definition_of(session, wave).title)
    return Closing(title, rate_of(session, wave, viewer), page_of(wave, viewer))


def view_of(session: Session, name: str, number: int, viewer: Viewer, lang: Language) -> View:
    """What its readers see of a wave; raises Gone when there is none of that number, and NotAllowed."""
    wave = _readable(session, name, number, viewer)
    survey = definition_of(session, wave)
    report = report_of(session, wave, lang) if wave.closed_at is not None else None
    return View(
        title=lang.of(survey.title),
        rate=rate_of(session, wave, viewer),
        report=report,
        questions=[_question(result, report.trend, lang) for result in report.results] if report else [],
        asked=[lang.of(question.text) for question in survey.questions],
    )


def _question(result: Result, trend: Sequence[Point], lang: Language) -> Question:
    parts = [(share.label, share.count, lang.percent(share.count / (result.n or 1))) for share in result.shares]
    history = score_history(result.id, trend, lang)
    axis = result.score.measure.axis if result.score else None
    return Question(
        result=result,
        bars=_bars(result, parts),
        heard=", ".join(f"{lang.label(label)} {said}" for label, _count, said in parts),
        line=svg.line(history, low=axis.low, high=axis.high) if axis else None,
        history=history,
    )


def _bars(result: Result, parts: Sequence[tuple[str, int, str]]) -> tuple[svg.Bar, ...]:
    """The answers side by side; those of a scale of any length in the five colours from the worst to the best."""
    bars, last = svg.bars(parts), len(parts) - 1
    return tuple(replace(bar, tone=1 + round(4 * (bar.tone - 1) / last)) for bar in bars) if result.score else bars


def score_history(question: str, trend: Sequence[Point], lang: Language) -> list[svg.Point]:
    """A question's score in each wave in which it may be shown."""
    found = [(point.day, point.scores[question].value) for point in trend if question in point.scores]
    return [svg.Point(lang.short_date(day), value, lang.decimal(value)) for day, value in found]


def heat(score: Score) -> int:
    """Which of nine colours stands behind a score: 10 for the worst, 50 for the best, and each five between."""
    return 10 + 5 * round(8 * score.measure.axis.place(score.value))
