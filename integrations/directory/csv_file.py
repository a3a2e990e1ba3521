"""A people file: CSV as spreadsheets write it, with commas, semicolons or tabs between the cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

from integrations.directory.decoding import text_of
from workbot.errors import WorkbotError
from workbot.people import columns
from workbot.people.directories import Entry
from workbot.texts import identifier

REQUIRED = ("email", "name")
SEPARATORS = ",;\t"
# What Excel is told by, in a first line of its own.
SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?[,;\t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
LARGEST_CELL = 1_000_000


class CsvDirectory:
    """One file, with a header in any order; an entry's row is the line it begins on."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> Sequence[Entry]:
        """Raise WorkbotError when the file as a whole cannot be read."""
        rows = self._rows(self._text())
        header_line, cells = next(rows, (1, []))
        header = [_column(cell) for cell in cells]
        self._check(header, header_line)
        return [_entry(line, header, cells) for line, cells in rows]

    def _text(self) -> str:
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise WorkbotError(
                "{file} cannot be read: {reason}.", file=self.path, reason=error.strerror or error
            ) from error
        return text_of(self.path, content).removeprefix("\ufeff")

    def _rows(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Every row that is not blank, with the line it begins on."""
        csv.field_size_limit(LARGEST_CELL)
        said = SEPARATOR_LINE.match(text)
        separator, line = (said[1], 2) if said else (_separator(text), 1)
        reader = csv.reader(
            StringIO(text[said.end() :] if said else text, newline=""), delimiter=separator, strict=True
        )
        before = line - 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield line, cells
                line = before + reader.line_num + 1
        except csv.Error as error:
            raise WorkbotError(
                "{file}:{line}: the quotes of this row do not match ({reason}); write a quote inside a cell twice.",
                file=self.path,
                line=line,
                reason=error,
            ) from error

    def _check(self, header: Sequence[str], line: int) -> None:
        if missing := [column for column in REQUIRED if column not in header]:
            raise WorkbotError(
                "{file}:{line}: the header lacks {missing}; the first line names the columns, such as email,name.",
                file=self.path,
                line=line,
                missing=", ".join(missing),
            )
        if doubled := sorted({column for column in header if column and header.count(column) > 1}):
            raise WorkbotError(
                "{file}:{line}: the header names {doubled} twice; remove one of the columns.",
                file=self.path,
                line=line,
                doubled=", ".join(doubled),
            )


def _separator(text: str) -> str:
    """What separates the cells of the header: what finds our columns in it, or else what is in it most often."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    found = {one: [_column(cell) for cell in next(csv.reader([header], delimiter=one), [])] for one in SEPARATORS}
    known = columns()
    return max(SEPARATORS, key=lambda one: (sum(column in known for column in found[one]), header.count(one)))


def _column(cell: str) -> str:
    """A column's name; ours are known however they are written (`Manager Email`)."""
    name = identifier(cell)
    folded = name.lower().replace(" ", "_").replace("-", "_")
    return folded if folded in columns() else name


def _entry(line: int, header: Sequence[str], cells: Sequence[str]) -> Entry:
    """A row by column; a spreadsheet may leave out empty cells at its end, and says nothing of them."""
    values = {column: cell for column, cell in zip(header, cells, strict=False) if column}
    extra = [cell for cell in cells[len(header) :] if cell.strip()]
    if not extra:
        return Entry(line, values)
    problem = (
        f"this row has {len(cells)} cells and the header {len(header)}; put quotes around a cell that holds a separator"
    )
    return Entry(line, values, (problem,))
