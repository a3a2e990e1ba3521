"""A report as an Excel workbook with real charts; every text is written as text, so none is a formula."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any

import xlsxwriter

from workbot.charts import Axis, Chart
from workbot.charts.look import LINES, STEPS, steps
from workbot.i18n import REGIONS
from workbot.pulse import report_charts, report_text
from workbot.pulse.exports.tables import harmless
from workbot.pulse.report import Report, Result, Score
from workbot.pulse.results import Measure, Scored
from workbot.texts import clean

Cell = str | float | date | None
# Days as their reader writes them, whatever the language of the Excel that shows them (Microsoft's locale ids).
DATES = {"en": "[$-1009]mmmm d, yyyy", "fr": "[$-C0C]d mmmm yyyy"}
CORE = "docProps/core.xml"


def xlsx_of(report: Report) -> bytes:
    """One sheet each for the summary, the answers, the trend, the departments, and the comments or people."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as file:
        book = _Book(file, report)
        book.summary()
        if report.n is not None:
            book.answers()
            book.trend()
            book.departments()
            book.people()
            book.comments()
    return _in_language(stream.getvalue(), REGIONS[report.lang.locale].replace("_", "-"))


def _in_language(book: bytes, tag: str) -> bytes:
    """A workbook that says which language it is in, for which the library has no property."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == CORE:
                content = content.replace(b"</dc:title>", f"</dc:title><dc:language>{tag}</dc:language>".encode())
            new.writestr(part, content)
    return made.getvalue()


class _Book:
    """The workbook under way, with its formats."""

    def __init__(self, file: Any, report: Report) -> None:
        self.file, self.report, self.lang = file, report, report.lang
        file.set_properties({"title": clean(report_charts.heading(report, report.lang))})
        self.title = file.add_format({"bold": True, "font_size": 16})
        self.head = file.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.wrapped = file.add_format({"text_wrap": True, "valign": "top"})
        # Text that would become a formula when its cell is edited or saved as CSV.
        self.guarded = file.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self.day = file.add_format({"num_format": DATES[self.lang.locale], "align": "left", "valign": "top"})
        self.share = file.add_format({"num_format": "0%", "valign": "top"})
        self.mean = file.add_format({"num_format": "0.0", "valign": "top"})

    def summary(self) -> None:
        report, lang = self.report, self.lang
        sheet = self._sheet(lang("Summary"), (50, 40), frozen=2)
        sheet.write_string(0, 0, clean(report_charts.heading(report, lang)), self.title)
        sheet.write_string(1, 0, report_text.headline(report, lang))
        self._row(sheet, 2, (lang("Opened on"), report.opened))
        self._row(sheet, 3, (lang("Closed on"), report.closed))
        self._table(
            sheet, 5, (lang("Question"), lang("Result")), [(f.label, f.value) for f in report_text.facts(report, lang)]
        )
        row = 8 + len(report.results)
        sheet.write_string(row, 0, lang("What people were promised before they answered:"), self.head)
        for offset, line in enumerate(clean(report.promise).split("\n"), start=1):
            sheet.merge_range(row + offset, 0, row + offset, 1, "", self.wrapped)
            sheet.write_string(row + offset, 0, line, self.wrapped)
            sheet.set_row(row + offset, 32)

    def answers(self) -> None:
        """The answers to questions with a score, with a bar for each, and those to each other question."""
        measures = report_charts.by_measure(self.report)
        most = max((len(measure.points) for measure in measures), default=5)
        sheet, top = self._sheet(self.lang("Answers"), (50, *[10] * (most + 1), 12, 10)), 0
        for measure, scored in measures.items():
            self._scored(sheet, top, measure, scored)
            top += len(scored) + 22
        top = top or 2
        for result in self.report.results:
            if result.shares and not result.score:
                shares = [(share.label, share.count) for share in result.shares]
                self._table(sheet, top, (result.text, self.lang("People")), shares)
                top += len(shares) + 2

    def _scored(self, sheet: Any, top: int, measure: Measure, scored: Sequence[Scored]) -> None:
        """A table of questions of one measure, and the chart under it."""
        heads = (self.lang("Question"), *measure.points, measure.name, self.lang("Favourable"), self.lang("Change"))
        first = 1 + len(measure.points)
        formats = {first: self.mean, first + 1: self.share, first + 2: self.mean}
        self._table(sheet, top, heads, [_scored_row(result, score) for result, score in scored], formats)
        bars = self._bars(sheet.get_name(), top, len(scored), len(measure.points))
        described = _described(report_charts.distribution(self.report, measure, scored))
        sheet.insert_chart(top + len(scored) + 2, 0, bars, described)

    def trend(self) -> None:
        points, scored = self.report.trend, self.report.scored
        if not report_charts.trends(self.report):
            return
        sheet = self._sheet(self.lang("Over time"), (16, *([24] * len(scored))))
        rows: list[Sequence[Cell]] = [
            [point.day, *(_value(point.scores.get(result.id)) for result, _score in scored)] for point in points
        ]
        formats = dict.fromkeys(range(1, len(scored) + 1), self.mean)
        self._table(sheet, 0, (self.lang("Date"), *(result.text for result, _score in scored)), rows, formats)
        for number, (measure, alike) in enumerate(report_charts.by_measure(self.report).items()):
            columns = [scored.index(one) + 1 for one in alike]
            lines = self._lines(sheet.get_name(), len(rows), columns, measure.axis)
            described = _described(report_charts.trend(self.report, measure, alike))
            sheet.insert_chart(len(rows) + 2 + 20 * number, 0, lines, described)

    def departments(self) -> None:
        report, lang = self.report, self.lang
        if not report.groups:
            return
        shown = report.compared
        sheet = self._sheet(lang("By department"), (44, 12, 14, *([24] * len(shown))))
        rows: list[Sequence[Cell]] = [
            [group.path, group.n, group.rate, *(group.scores[result.id].value for result, _score in shown)]
            for group in report.groups
        ]
        heads = (lang("Department"), lang("Responses"), lang("Response rate"), *(result.text for result, _ in shown))
        formats = {2: self.share} | dict.fromkeys(range(3, len(heads)), self.mean)
        self._table(sheet, 0, heads, rows, formats)
        sheet.write_string(len(rows) + 2, 0, report_text.no_groups(report, lang), self.wrapped)
        for column, (_result, score) in enumerate(shown, start=3):
            sheet.conditional_format(1, column, len(rows), column, _colours(score.measure.axis))

    def people(self) -> None:
        """Who said what, in an identified survey."""
        report = self.report
        if not report.people:
            return
        sheet = self._sheet(self.lang("Who answered what"), (28, 36, *([28] * len(report.questions))))
        heads = (self.lang("Name"), self.lang("Department"), *report.questions)
        self._table(sheet, 0, heads, [(person.name, person.department, *person.answers) for person in report.people])

    def comments(self) -> None:
        shown = report_text.comments_shown(self.report)
        if not shown:
            return
        sheet, row = self._sheet(self.lang("Comments"), (100,)), 0
        for block in shown:
            texts = block.texts or ()
            self._table(sheet, row, (block.text,), [(text,) for text in texts])
            row += len(texts) + 2

    def _sheet(self, name: str, widths: Sequence[int], *, frozen: int = 1) -> Any:
        """A sheet whose first rows stay in sight, and are printed on every page."""
        sheet = self.file.add_worksheet(name)
        sheet.freeze_panes(frozen, 0)
        sheet.repeat_rows(0, frozen - 1)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        return sheet

    def _table(
        self,
        sheet: Any,
        top: int,
        heads: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        formats: dict[int, Any] | None = None,
    ) -> None:
        for column, head in enumerate(heads):
            sheet.write_string(top, column, clean(head), self.head)
        for line, row in enumerate(rows, start=top + 1):
            self._row(sheet, line, row, formats)

    def _row(self, sheet: Any, line: int, row: Sequence[Cell], formats: dict[int, Any] | None = None) -> None:
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                text = clean(cell)
                sheet.write_string(line, column, text, self.wrapped if text == harmless(text) else self.guarded)
            elif isinstance(cell, date):
                sheet.write_datetime(line, column, cell, self.day)
            elif cell is not None:
                sheet.write_number(line, column, cell, (formats or {}).get(column))

    def _bars(self, sheet: str, top: int, count: int, points: int) -> Any:
        """Stacked bars of a table of so many questions, the answers to each point in a column."""
        chart, first, last = self.file.add_chart({"type": "bar", "subtype": "percent_stacked"}), top + 1, top + count
        for column, colour in enumerate(steps(points), start=1):
            series = {"categories": [sheet, first, 0, last, 0], "values": [sheet, first, column, last, column]}
            chart.add_series(series | {"name": [sheet, top, column], "fill": {"color": colour}, "gap": 60})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"num_format": "0%", "major_gridlines": {"visible": False}})
        return self._finished(chart, self.lang("How people answered"))

    def _lines(self, sheet: str, count: int, columns: Sequence[int], axis: Axis) -> Any:
        """Lines through some columns of a table of so many waves."""
        chart = self.file.add_chart({"type": "line"})
        for column in columns:
            colour = LINES[(column - 1) % len(LINES)]
            series = {"categories": [sheet, 1, 0, count, 0], "values": [sheet, 1, column, count, column]}
            look = {"line": {"color": colour, "width": 2.25}, "marker": {"type": "automatic"}}
            chart.add_series(series | look | {"name": [sheet, 0, column]})
        chart.set_y_axis({"min": axis.low, "max": axis.high, "major_unit": axis.ticks.step, "num_format": "0"})
        return self._finished(chart, self.lang("Over time"))

    def _finished(self, chart: Any, title: str) -> Any:
        chart.set_title({"name": title, "overlay": False})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 860, "height": 340})
        return chart


def _scored_row(result: Result, score: Score) -> tuple[Cell, ...]:
    counts = (share.count for share in result.shares)
    return (result.text, *counts, score.value, score.favourable, result.change)


def _value(score: Score | None) -> float | None:
    return score.value if score else None


def _described(chart: Chart | None) -> dict[str, str]:
    """What stands for a chart where it cannot be seen."""
    return {"description": chart.alt if chart else ""}


def _colours(axis: Axis) -> dict[str, Any]:
    """How a column of scores is coloured, from its worst end to its best."""
    ends = {"min_value": axis.low, "mid_value": axis.middle, "max_value": axis.high}
    low, high = (STEPS[1], STEPS[3]) if axis.best == axis.high else (STEPS[3], STEPS[1])
    colours = {"type": "3_color_scale", "min_color": low, "mid_color": STEPS[2], "max_color": high}
    return colours | dict.fromkeys(("min_type", "mid_type", "max_type"), "num") | ends
