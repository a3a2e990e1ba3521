"""A report's charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbot import charts
from workbot.cards import Drawn, DrawnLine
from workbot.charts import Bar, Chart, Grid, Line
from workbot.i18n import Language
from workbot.pulse.report import Report, Result
from workbot.pulse.results import Measure, Score, Scored


def all_of(report: Report) -> list[Chart]:
    """What can be drawn of a report, in the order it is read; none where nothing may be shown."""
    grid = heat(report)
    return [*distributions(report), *trends(report), *([grid] if grid else [])]


def overview(report: Report) -> Chart | None:
    """The whole organisation in one picture, for chat and mail."""
    parts = [*distributions(report), *trends(report)]
    return charts.together(parts, heading(report, report.lang)) if parts else None


def drawn(report: Report) -> tuple[Drawn, ...]:
    """The figures of the overview, for a platform that draws them itself; nothing where they leave something out."""
    if not report.scored or any(result not in report.spread for result, _score in report.scored):
        return ()
    measures = by_measure(report).items()
    shares = tuple(_shares_drawn(measure, scored, report.lang) for measure, scored in measures)
    if not trends(report):
        return shares
    if any(result.id not in point.scores for point in report.trend for result, _score in report.scored):
        # A line with a gap in it is not to be had.
        return ()
    return (*shares, *(_trend_drawn(measure, scored, report) for measure, scored in measures))


def heading(report: Report, lang: Language) -> str:
    return lang("{title}, no. {number}, {day}", title=report.title, number=report.number, day=lang.date(report.opened))


def by_measure(report: Report) -> dict[Measure, list[Scored]]:
    """The questions with a score, those of one measure together: one chart can show them."""
    found: dict[Measure, list[Scored]] = {}
    for result, score in report.scored:
        found.setdefault(score.measure, []).append((result, score))
    return found


def distributions(report: Report) -> list[Chart]:
    return [chart for measure, scored in by_measure(report).items() if (chart := distribution(report, measure, scored))]


def distribution(report: Report, measure: Measure, scored: Sequence[Scored]) -> Chart | None:
    """How people answered some questions of one measure; None where that is not worth a look."""
    bars = [_bar(result, score, report.lang) for result, score in scored if result in report.spread]
    return charts.distribution(bars, measure.points, report.lang) if bars else None


def trends(report: Report) -> list[Chart]:
    return [chart for measure, scored in by_measure(report).items() if (chart := trend(report, measure, scored))]


def trend(report: Report, measure: Measure, scored: Sequence[Scored]) -> Chart | None:
    """How questions of one measure have gone; one wave alone is no line, nor one that asked it in these words."""
    went = [Line(result.text, _values(result, report)) for result, _score in scored]
    lines = [line for line in went if sum(value is not None for value in line.values) > 1]
    labels = [report.lang.short_date(point.day) for point in report.trend]
    return charts.trend(lines, labels, measure.axis, report.lang) if lines else None


def heat(report: Report) -> Chart | None:
    compared = report.compared
    if not compared:
        return None
    grid = Grid(
        rows=tuple((group.name, group.depth) for group in report.groups),
        columns=tuple(result.text for result, _score in compared),
        axes=tuple(score.measure.axis for _result, score in compared),
        means=tuple(tuple(group.scores[result.id].value for result, _score in compared) for group in report.groups),
    )
    return charts.heat(grid, report.lang)


def _shares_drawn(measure: Measure, scored: Sequence[Scored], lang: Language) -> Drawn:
    lines = tuple(DrawnLine(result.text, tuple(_percents(result))) for result, _score in scored)
    return Drawn("bar", lang("How people answered"), measure.points, lines, lang("Share (%)"))


def _trend_drawn(measure: Measure, scored: Sequence[Scored], report: Report) -> Drawn:
    lines = tuple(
        DrawnLine(result.text, tuple(round(value or 0, 1) for value in _values(result, report)))
        for result, _score in scored
    )
    days = tuple(report.lang.short_date(point.day) for point in report.trend)
    return Drawn("line", report.lang("Over time"), days, lines, measure.name)


def _values(result: Result, report: Report) -> tuple[float | None, ...]:
    """A question's score in each wave of the trend."""
    scores = (point.scores.get(result.id) for point in report.trend)
    return tuple(score.value if score else None for score in scores)


def _percents(result: Result) -> Iterator[int]:
    return (round(100 * share.count / (result.n or 1)) for share in result.shares)


def _bar(result: Result, score: Score, lang: Language) -> Bar:
    counts = tuple(share.count for share in result.shares)
    return Bar(result.text, counts, f"{score.measure.name} {lang.decimal(score.value)}")
