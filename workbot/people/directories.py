"""Where people come from: what reads an organisation's list of them, named by entry points.

By the file's ending, under the group `workbot.directories`:

    [project.entry-points."workbot.directories"]
    csv = "integrations.directory:CsvDirectory"
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

DIRECTORIES = "workbot.directories"


@dataclass(frozen=True, slots=True)
class Entry:
    """One person as a directory knows them, by the column names of the people file.

    A column that is missing is one the directory says nothing about; an empty one says that there is
    nothing. `row` says where they stand in it and `problems` what could not be read, for messages.
    """

    row: int
    values: dict[str, str]
    problems: tuple[str, ...] = ()


class Directory(Protocol):
    """A list of an organisation's people, read whole."""

    def entries(self) -> Sequence[Entry]:
        """Raise WorkbotError when the list cannot be read."""
        ...


def directories() -> dict[str, Callable[[Path], Directory]]:
    """What reads a file of people, by the file's ending."""
    return {entry.name: entry.load() for entry in entry_points(group=DIRECTORIES)}
