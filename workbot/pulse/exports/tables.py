"""A report as one table of figures, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from workbot.pulse import words
from workbot.pulse.report import Report

# Without this mark Excel takes UTF-8 for the old code page of the machine.
BOM = "\ufeff"
# A cell that begins with one of these is a formula to a spreadsheet, also after blanks.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|")
NUMBER = re.compile(r"-?\d+(\.\d+)?")

Row = tuple[str, ...]


def csv_of(report: Report) -> bytes:
    """Comma-separated, in UTF-8: one figure to a line, what it is about in the first columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows(report):
        writer.writerow([harmless(cell) for cell in row])
    return (BOM + text.getvalue()).encode()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before it says that it is text."""
    is_formula = cell.lstrip(" ").startswith(FORMULA_STARTS) and not NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


def rows(report: Report) -> Iterator[Row]:
    """Every figure of a report with its question, group and measure; numbers with a decimal point."""
    lang = report.lang
    yield (
        lang("Survey"),
        lang("Wave"),
        lang("Date"),
        lang("Department"),
        lang("Question"),
        lang("Measure"),
        lang("Value"),
    )
    for department, question, measure, value in _figures(report):
        yield report.survey, str(report.number), report.opened.isoformat(), department, question, measure, value


def _figures(report: Report) -> Iterator[Row]:
    lang = report.lang
    everyone = lang("Everyone")
    yield everyone, "", lang("Invited"), str(report.invited)
    if report.n is None:
        yield everyone, "", lang("Note"), words.headline(report, lang)
        return
    yield everyone, "", lang("Responses"), str(report.n)
    yield everyone, "", lang("Response rate"), f"{report.rate or 0:.3f}"
    yield from ((everyone, *figure) for figure in _of_questions(report))
    yield from _of_groups(report)
    yield from _of_people(report)
    yield from _of_comments(report)


def _of_questions(report: Report) -> Iterator[Row]:
    lang = report.lang
    for result in report.results:
        if not result.shares:
            yield result.text, lang("Note"), words.figure(result, report, lang)
            continue
        yield result.text, lang("Answers"), str(result.n)
        if result.mean is not None:
            yield result.text, lang("Mean"), f"{result.mean:.2f}"
            yield result.text, lang("Favourable"), f"{result.favourable or 0:.3f}"
        if result.change is not None:
            yield result.text, lang("Change"), f"{result.change:.2f}"
        yield from ((result.text, share.label, str(share.count)) for share in result.shares)


def _of_groups(report: Report) -> Iterator[Row]:
    lang, texts = report.lang, {result.id: result.text for result in report.results}
    for group in report.groups:
        yield group.path, "", lang("Responses"), str(group.n)
        yield group.path, "", lang("Response rate"), f"{group.rate:.3f}"
        for question, mean in group.means.items():
            yield group.path, texts[question], lang("Mean"), f"{mean:.2f}"
            yield group.path, texts[question], lang("Favourable"), f"{group.favourable[question]:.3f}"


def _of_people(report: Report) -> Iterator[Row]:
    """Who said what, in an identified survey."""
    for person in report.people:
        for question, said in zip(report.questions, person.answers, strict=True):
            yield person.department, question, person.name, said


def _of_comments(report: Report) -> Iterator[Row]:
    lang = report.lang
    for block in words.comments_shown(report):
        for text in block.texts or ():
            yield lang("Everyone"), block.text, lang("Comment"), text
