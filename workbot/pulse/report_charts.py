"""A report's charts."""

from __future__ import annotations

from collections.abc import Iterator

from workbot import charts
from workbot.cards import Drawn, DrawnLine
from workbot.charts import Bar, Chart, Grid, Line
from workbot.i18n import Language
from workbot.pulse.definitions import SCALE
from workbot.pulse.report import Report, Result


def all_of(report: Report) -> list[Chart]:
    """What can be drawn of a report, in the order it is read; none where nothing may be shown."""
    drawn = (distribution(report), trend(report), heat(report))
    return [chart for chart in drawn if chart is not None]


def overview(report: Report) -> Chart | None:
    """The whole organisation in one picture, for chat and mail."""
    parts = [chart for chart in (distribution(report), trend(report)) if chart is not None]
    return charts.together(parts, heading(report, report.lang)) if parts else None


def drawn(report: Report) -> tuple[Drawn, ...]:
    """The figures of the overview, for a platform that draws them itself; nothing where they leave something out."""
    lang, bars = report.lang, [result for result in report.scales if result in report.spread]
    if len(bars) != len(report.scales) or not bars:
        return ()
    shares = tuple(DrawnLine(result.text, tuple(_percents(result))) for result in bars)
    points = tuple(str(point) for point in SCALE)
    first = Drawn("bar", lang("How people answered"), points, shares, lang("Share (%)"))
    if trend(report) is None:
        return (first,)
    whole = all(result.id in point.means for point in report.trend for result in report.scales)
    if not whole:
        # A line with a gap in it is not to be had.
        return ()
    means = tuple(
        DrawnLine(result.text, tuple(round(point.means[result.id], 1) for point in report.trend))
        for result in report.scales
    )
    days = tuple(lang.short_date(point.day) for point in report.trend)
    return (first, Drawn("line", lang("Over time"), days, means, lang("Mean")))


def heading(report: Report, lang: Language) -> str:
    return lang("{title}, no. {number}, {day}", title=report.title, number=report.number, day=lang.date(report.opened))


def distribution(report: Report) -> Chart | None:
    bars = [_bar(result, report.lang) for result in report.scales if result in report.spread]
    return charts.distribution(bars, report.lang) if bars else None


def trend(report: Report) -> Chart | None:
    """How the questions of this wave have gone; one wave alone is no line, nor one that asked it in these words."""
    went = [Line(result.text, tuple(point.means.get(result.id) for point in report.trend)) for result in report.scales]
    lines = [line for line in went if sum(value is not None for value in line.values) > 1]
    labels = [report.lang.short_date(point.day) for point in report.trend]
    return charts.trend(lines, labels, report.lang) if lines else None


def heat(report: Report) -> Chart | None:
    scales = [result for result in report.scales if report.groups and result.id in report.groups[0].means]
    if not scales:
        return None
    grid = Grid(
        rows=tuple((group.name, group.depth) for group in report.groups),
        columns=tuple(result.text for result in scales),
        means=tuple(tuple(group.means[result.id] for result in scales) for group in report.groups),
    )
    return charts.heat(grid, report.lang)


def _percents(result: Result) -> Iterator[int]:
    return (round(100 * share.count / (result.n or 1)) for share in result.shares)


def _bar(result: Result, lang: Language) -> Bar:
    first, second, third, fourth, fifth = (share.count for share in result.shares)
    figure = lang("Mean {mean}", mean=lang.decimal(result.mean or 0))
    return Bar(result.text, (first, second, third, fourth, fifth), figure)
