"""Tables: as Adaptive Cards' own where they are narrow enough for a phone, else a few lines for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from integrations.teams.texts import Element, one_line, paragraphs, rich, runs, weight, words
from workbot.cards import Table
from workbot.texts import size, split

# What a phone still shows beside one another.
COLUMNS, WIDTH = 5, 44
LONGEST_CELL = 300
LARGEST = 9000
LONGEST_LINE = 700
NOTHING = "–"


def drawn(table: Table) -> Iterator[Element]:
    if table.caption:
        yield from paragraphs(table.caption, weight="Bolder")
    width = max((len(row) for row in (table.headers, *table.rows)), default=0)
    if not width:
        return
    rows = [_filled(row, width) for row in table.rows]
    headers = _filled(table.headers, width)
    if is_narrow(headers, rows):
        yield from _tables(headers, rows)
    else:
        yield from _listed(headers, rows)


def is_narrow(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table can be read on a phone: the longest words of each column fit beside one another."""
    columns = list(zip(headers, *rows, strict=True))
    longest = [max((size(word) for cell in column for word in cell.split()), default=1) for column in columns]
    cells = [cell for row in (headers, *rows) for cell in row]
    return len(columns) <= COLUMNS and sum(longest) <= WIDTH and all(size(cell) <= LONGEST_CELL for cell in cells)


def _tables(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Element]:
    """One table, or several with the same heads where it is larger than a card may be."""
    head = _row(headers, weight="Bolder")
    some, heavy = [head], weight(head)
    for row in (_row(cells) for cells in rows):
        if len(some) > 1 and heavy + weight(row) > LARGEST:
            yield _table(some, len(headers))
            some, heavy = [head], weight(head)
        some.append(row)
        heavy += weight(row)
    yield _table(some, len(headers))


def _table(rows: list[Element], width: int) -> Element:
    return {
        "type": "Table",
        "firstRowAsHeaders": True,
        "showGridLines": True,
        "columns": [{"width": 1} for _ in range(width)],
        "rows": rows,
    }


def _row(cells: Sequence[str], **look: object) -> Element:
    return {
        "type": "TableRow",
        "cells": [{"type": "TableCell", "items": [words(cell, **look)]} for cell in cells],
    }


def _listed(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Element]:
    """A line for each cell under its heading, and a rule between rows."""
    if not rows:
        yield from (words(header, weight="Bolder") for header in headers)
    for row in rows:
        for number, (header, cell) in enumerate(zip(headers, row, strict=True)):
            apart = {"separator": True, "spacing": "Medium"} if not number else {"spacing": "None"}
            yield from _cell(header, cell, apart)


def _cell(header: str, cell: str, apart: Element) -> Iterator[Element]:
    first, *rest = split(cell, LONGEST_LINE)
    named = split(f"{header}: ", LONGEST_LINE) if header != NOTHING else ()
    label = [said for piece in named for said in runs(piece, weight="Bolder")]
    yield rich([*label, *runs(first)], **apart)
    yield from (rich(runs(piece), spacing="None") for piece in rest)


def _filled(row: Sequence[str], width: int) -> list[str]:
    cells = [one_line(cell) or NOTHING for cell in row]
    return cells + [NOTHING] * (width - len(cells))
