"""A report as one table of figures, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal

from workbot.i18n import Language
from workbot.pulse import report_text
from workbot.pulse.report import Report, Result, Score
from workbot.texts import clean

# Without this mark Excel takes UTF-8 for the old code page of the machine.
BOM = "\ufeff"
# Where a formula could begin: at the beginning of a cell, or of what becomes one where a spreadsheet separates by
# another sign or at a line break. It begins with a sign of this kind, also a wide one, after blanks and quotes.
BLANK = r"""[\s"'“”‘’«»]"""
BEFORE_FORMULA = re.compile(rf"(?<!{BLANK}){BLANK}*+(?=[=+\-@＝＋－＠﹢﹣﹦﹫−])")
BREAK = re.compile("(?<=[\t\n])")
NUMBER = re.compile(r"-?\d+([.,]\d+)?")

Value = str | int | Decimal
Row = tuple[Value, ...]


def csv_of(report: Report) -> bytes:
    """In UTF-8, one figure to a line, what it is about in the first columns: written as the reader's Excel reads it."""
    text, lang = io.StringIO(), report.lang
    separator = ";" if lang.as_typed("0.5") == "0,5" else ","
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    for row in rows(report):
        writer.writerow([harmless(cell) if isinstance(cell, str) else lang.as_typed(str(cell)) for cell in row])
    return (BOM + text.getvalue()).encode()


def harmless(cell: str) -> str:
    """A text of which no spreadsheet takes any part for a formula: an apostrophe before it says that it is text."""
    cell = clean(cell)
    if NUMBER.fullmatch(cell):
        return cell
    safe = BEFORE_FORMULA.sub(_marked, cell)
    return f"'{safe}" if safe.startswith(("\t", "\n", "|")) else safe


def _marked(blanks: re.Match[str]) -> str:
    """What stands before a formula, with an apostrophe wherever a cell may begin."""
    start = blanks.start()
    begins = not start or blanks.string[start - 1] in ",;|"
    return ("'" if begins else "") + BREAK.sub("'", blanks[0])


def rows(report: Report) -> Iterator[Row]:
    """Every figure of a report with its question, group and measure."""
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
        yield report.survey, report.number, report.opened.isoformat(), department, question, measure, value


def _figures(report: Report) -> Iterator[Row]:
    lang = report.lang
    everyone = lang("Everyone")
    yield everyone, "", lang("Invited"), report.invited
    if report.n is None:
        yield everyone, "", lang("Note"), report_text.headline(report, lang)
        return
    yield everyone, "", lang("Responses"), report.n
    yield everyone, "", lang("Response rate"), _share(report.rate or 0)
    yield from ((everyone, *figure) for figure in _of_questions(report))
    yield from _of_groups(report, lang)
    yield from _of_people(report)
    yield from _of_comments(report)


def _of_questions(report: Report) -> Iterator[Row]:
    lang = report.lang
    for result in report.results:
        if not result.shares or result.n is None:
            yield result.text, lang("Note"), report_text.figure(result, report, lang)
            continue
        yield result.text, lang("Answers"), result.n
        if result.score:
            yield from _of_score(result, result.score, lang)
        if result.change is not None:
            yield result.text, lang("Change"), _mean(result.change)
        yield from ((result.text, share.label, share.count) for share in result.shares)


def _of_score(result: Result, score: Score, lang: Language) -> Iterator[Row]:
    yield result.text, score.measure.name, _mean(score.value)
    yield result.text, lang("Favourable"), _share(score.favourable)


def _of_groups(report: Report, lang: Language) -> Iterator[Row]:
    for group in report.groups:
        yield group.path, "", lang("Responses"), group.n
        yield group.path, "", lang("Response rate"), _share(group.rate)
        for result, _score in report.compared:
            yield from ((group.path, *figure) for figure in _of_score(result, group.scores[result.id], lang))


def _of_people(report: Report) -> Iterator[Row]:
    """Who said what, in an identified survey."""
    for person in report.people:
        for question, said in zip(report.questions, person.answers, strict=True):
            yield person.department, question, person.name, said


def _of_comments(report: Report) -> Iterator[Row]:
    lang = report.lang
    for block in report_text.comments_shown(report):
        for text in block.texts or ():
            yield lang("Everyone"), block.text, lang("Comment"), text


def _mean(value: float) -> Decimal:
    return Decimal(f"{value:.2f}")


def _share(value: float) -> Decimal:
    return Decimal(f"{value:.3f}")
