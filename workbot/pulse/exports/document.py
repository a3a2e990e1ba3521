"""A report as a tagged PDF: Typst sets it from data, so that no text of a person's is ever read as markup."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import typst

from workbot.pulse import pictures, words
from workbot.pulse.report import Report

LAYOUT = Path(__file__).parent / "document.typ"
# PDF/UA-1 takes no text that no font can show; Typst names one such text at a time, as Rust would write it.
NOT_SHOWN = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
# What makes one sign of several; without the signs it is nothing.
JOINERS = "[\u200d\u20e3\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
BEYOND_LATIN = re.compile("[^\u0000-\u024f\u2000-\u206f]+")
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
# So many texts are put into words one by one; a report that has more loses all that is not Latin to words at once.
MOST_SPELLED = 24


def pdf_of(report: Report) -> bytes:
    """An accessible PDF (PDF/UA-1): headings, tables and the charts' descriptions are there for a screen reader.

    What no font of this machine can show, such as an emoji in a comment, is put into words.
    """
    data = json.dumps(_content(report), ensure_ascii=False)
    for _ in range(MOST_SPELLED):
        try:
            return _set(data)
        except typst.TypstError as error:
            unshown = NOT_SHOWN.search(str(error))
            if unshown is None:
                raise
            text = ESCAPED.sub(lambda code: chr(int(code[1], 16)), unshown[1])
            if text.isascii():
                break
            data = re.sub(f"{JOINERS}{re.escape(text)}{JOINERS}", _spelled(text), data)
    return _set(BEYOND_LATIN.sub(lambda text: _spelled(text[0]), data))


def _set(data: str) -> bytes:
    return bytes(typst.compile(_layout(), sys_inputs={"content": data}, pdf_standards=["ua-1"]))


def _spelled(text: str) -> str:
    """A text by its characters' names in Unicode; joiners and variants have none worth reading."""
    names = [unicodedata.name(one, "") for one in text if unicodedata.category(one)[0] not in "CM"]
    return f"({', '.join(name.lower() for name in names if name) or '?'})"


@cache
def _layout() -> bytes:
    return LAYOUT.read_bytes()


def _content(report: Report) -> dict[str, Any]:
    """All that the layout sets, in words of the reader's language."""
    lang = report.lang
    return {
        "lang": report.locale,
        "heading": pictures.heading(report, lang),
        "period": lang(
            "Open from {opened} to {closed}", opened=lang.date(report.opened), closed=lang.date(report.closed)
        ),
        "headline": words.headline(report, lang),
        "charts": [{"svg": chart.svg(), "alt": chart.alt} for chart in pictures.all_of(report)],
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
        [result.text, lang.number(result.n) if result.n else "–", words.figure(result, report, lang)]
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
    if not report.n or report.mode == "identified" or not report.scales:
        return None
    shown = [result for result in report.scales if report.groups and result.id in report.groups[0].means]
    rows = [
        [
            "\u2003" * group.depth + group.name,
            f"{lang.number(group.n)} ({lang.percent(group.rate)})",
            *(f"{lang.decimal(group.means[r.id])} ({lang.percent(group.favourable[r.id])})" for r in shown),
        ]
        for group in report.groups
    ]
    heads = [lang("Department"), lang("Responses"), *(result.text for result in shown)]
    wide = [3, *([2] * (len(heads) - 1))]
    note = words.no_groups(report, lang)
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
            "note": words.no_comments(report, lang) if block.texts is None else "",
            "texts": list(block.texts or ()),
        }
        for block in report.comments
    ]
