"""Tables: as Slack's own block where it takes them, else as lines that anyone can read.

The newer `data_table` pages and sorts besides; ours are small enough to be read at once, which its pages would hinder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from integrations.slack.texts import Element, rich, words
from workbot.cards import Table
from workbot.texts import clean, labelled, size, split

# Of the table block: https://docs.slack.dev/reference/block-kit/blocks/table-block
ROWS, COLUMNS, CHARACTERS = 100, 20, 9000
LONGEST_CELL = 1000
NOTHING = "–"
# Under this name a block of a new kind holds what stands in for it.
INSTEAD = "instead"
NUMBER = re.compile(r"[+\-−]?\d[\d.,\s]*%?")
# What still fits beside one another in a chat.
WIDTH = 72
LONGEST = 2900


def is_small(table: Table) -> bool:
    """Whether a table fits Slack's own block."""
    rows = (table.headers, *table.rows)
    longest = max((len(row) for row in rows), default=0)
    cells = [clean(cell) for row in rows for cell in row]
    return (
        0 < longest <= COLUMNS
        and len(rows) <= ROWS
        and sum(size(cell) for cell in cells) <= CHARACTERS
        and all(size(cell) <= LONGEST_CELL for cell in cells)
    )


def table_block(table: Table) -> Element:
    """A table as Slack's block; whether Slack takes one so large is for the caller to ask."""
    width = max((len(row) for row in (table.headers, *table.rows)), default=0)
    headers = [_cell(table.headers[n] if n < len(table.headers) else "", bold=True) for n in range(width)]
    rows = [[_cell(row[n] if n < len(row) else "") for n in range(width)] for row in table.rows]
    return {
        "type": "table",
        "rows": [headers, *rows],
        "column_settings": [_column(table, n) for n in range(min(width, COLUMNS))],
    }


def simplified(blocks: Sequence[Element]) -> list[Element]:
    """Blocks without kinds that are new, for where Slack does not take them yet."""
    return [simple for block in blocks for simple in _simple(block)]


def _simple(block: Element) -> Iterable[Element]:
    return columns(block) if block["type"] == "table" else block.get(INSTEAD, (block,))


def columns(block: Element) -> Iterator[Element]:
    """The same in letters of one width, or where that is too wide, a line for each cell under its heading."""
    rows = [[" ".join(_said(cell).split()) for cell in row] for row in block["rows"]]
    if not rows or not rows[0]:
        return
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    if sum(widths) + 2 * len(widths) <= WIDTH:
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        yield from (rich("preformatted", words(piece)) for piece in split("\n".join(lines), LONGEST))
        return
    listed = "\n\n".join(_row(rows[0], row) for row in rows[1:]) or "\n".join(rows[0])
    yield from (rich("section", words(piece)) for piece in split(listed, LONGEST))


def _row(headers: Sequence[str], row: Sequence[str]) -> str:
    cells = zip(headers, row, strict=True)
    return "\n".join(f"{labelled(header)} {cell}" if header != NOTHING else cell for header, cell in cells)


def _column(table: Table, number: int) -> Element:
    """How Slack sets a column: broken into lines rather than cut off, and numbers under one another."""
    cells = [row[number] for row in table.rows if number < len(row) and row[number].strip()]
    align = "right" if cells and all(NUMBER.fullmatch(cell.strip()) for cell in cells) else "left"
    return {"align": align, "is_wrapped": True}


def _cell(text: str, *, bold: bool = False) -> Element:
    """A cell as rich text: the plain kind is newer, and an empty one is refused."""
    return rich("section", words(clean(text).strip() or NOTHING, bold=bold))


def _said(cell: Element) -> str:
    return str(cell["elements"][0]["elements"][0]["text"])
