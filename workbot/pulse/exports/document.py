"""A report as a tagged PDF: Typst sets it from data, so that no text of a person's is ever read as markup."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import typst

from workbot.pulse import report_charts, report_text
from workbot.pulse.exports import lettering
from workbot.pulse.report import Report
from workbot.texts import cleaned

LAYOUT = Path(__file__).parent / "document.typ"
# The characters one by one, with the fonts of the layout.
PROBE = b"""#set document(title: "-")
#set text(font: ("Liberation Sans", "Arial", "DejaVu Sans"))
#for mark in sys.inputs.marks.codepoints() [#mark \\ ]"""
# How often one may turn out to be missing only beside its neighbours.
MOST_TRIES = 24


def pdf_of(report: Report) -> bytes:
    """An accessible PDF (PDF/UA-1): headings, tables and the charts' descriptions are there for a screen reader.

    What no font of this machine can show, such as an emoji in a comment, is put into words; all else is set as it is.
    """
    data = json.dumps(cleaned(_content(report)), ensure_ascii=False)
    try:
        return _set(data)
    except typst.TypstError as error:
        if not lettering.unseen(error):
            raise
    missing = lettering.without_font(data, _probe)
    for _ in range(MOST_TRIES):
        try:
            return _set(lettering.in_words(data, missing, report.lang))
        except typst.TypstError as error:
            # Shown by itself, and not beside its neighbours.
            if not (text := lettering.unseen(error)) or text.isascii():
                break
            missing |= set(text)
    return _set(lettering.in_words(data, set("".join(lettering.BEYOND_LATIN.findall(data))), report.lang))


def _set(data: str) -> bytes:
    return bytes(typst.compile(_layout(), sys_inputs={"content": data}, pdf_standards=["ua-1"]))


def _probe(marks: str) -> bytes:
    return bytes(typst.compile(PROBE, sys_inputs={"marks": marks}, pdf_standards=["ua-1"]))


@cache
def _layout() -> bytes:
    return LAYOUT.read_bytes()


def _content(report: Report) -> dict[str, Any]:
    """All that the layout sets, in words of the reader's language."""
    lang = report.lang
    return {
        "lang": report.locale,
        "heading": report_charts.heading(report, lang),
        "period": lang(
            "Open from {opened} to {closed}", opened=lang.date(report.opened), closed=lang.date(report.closed)
        ),
        "headline": report_text.headline(report, lang),
        "charts": [{"svg": chart.svg(), "alt": chart.alt} for chart in report_charts.all_of(report)],
        "tables": [
            table for table in (_questions(report), *_shares(report), _groups(report), _people(report)) if table
        ],
        "comments": _comments(report),
        "promise": {
            "title": lang("What people were promised before they answered:"),
            "text": report.promise,
        },
        "page": lang("Page"),
    }


def _questions(report: Report) -> dict[str, Any] | None:
    if not report.n or not report.results:
        return None
    lang = report.lang
    rows = [
        [result.text, lang.number(result.n) if result.n else "–", report_text.figure(result, report, lang)]
        for result in report.results
    ]
    heads = [lang("Question"), lang("Answers"), lang("Result")]
    return {"title": lang("Questions"), "note": "", "heads": heads, "wide": [3, 1, 3], "rows": rows}


def _shares(report: Report) -> list[dict[str, Any]]:
    lang = report.lang
    return [
        {
            "title": result.text,
            "note": "",
            "heads": [lang("Choice"), lang("People"), lang("Share")],
            "wide": [4, 1, 1],
            "rows": [
                [share.label, lang.number(share.count), lang.percent(share.count / result.n)] for share in result.shares
            ],
        }
        for result in report.spread
        if result.n
    ]


def _groups(report: Report) -> dict[str, Any] | None:
    lang = report.lang
    if not report.n or report.mode == "identified" or not report.scored:
        return None
    shown = [result for result, _score in report.compared]
    rows = [
        [
            "\u2003" * group.depth + group.name,
            f"{lang.number(group.n)} ({lang.percent(group.rate)})",
            *(report_text.in_table(group.scores[result.id], lang) for result in shown),
        ]
        for group in report.groups
    ]
    heads = [lang("Department"), lang("Responses"), *(result.text for result in shown)]
    wide = [3, *([2] * (len(heads) - 1))]
    note = report_text.no_groups(report, lang)
    return {"title": lang("By department"), "note": note, "heads": heads, "wide": wide, "rows": rows}


def _people(report: Report) -> dict[str, Any] | None:
    """Who said what, in an identified survey."""
    if not report.people:
        return None
    heads = [report.lang("Name"), *report.questions]
    rows = [[person.name, *person.answers] for person in report.people]
    title = report.lang("Who answered what")
    return {"title": title, "note": "", "heads": heads, "wide": [2] * len(heads), "rows": rows}


def _comments(report: Report) -> list[dict[str, Any]]:
    lang = report.lang
    if not report.n:
        return []
    return [
        {
            "title": block.text,
            "note": report_text.no_comments(report, lang) if block.texts is None else "",
            "texts": list(block.texts or ()),
        }
        for block in report.comments
    ]
