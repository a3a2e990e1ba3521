"""The path of a department: its names from the root down, with a slash between them.

A slash within a name is written `\\/`, and a backslash before one or at the end of a name `\\\\`; any other stands for
itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

SEPARATOR = " › "
STEP = re.compile(r"(?:\\[\\/]|[^/])+")
ESCAPED = re.compile(r"\\([\\/])")
TO_ESCAPE = re.compile(r"\\(?=[\\/]|\Z)|/")


def names(path: str) -> list[str]:
    """The names in a path, from the root down."""
    return [ESCAPED.sub(r"\1", step) for step in STEP.findall(path)]


def path_of(names: Iterable[str]) -> str:
    """The path of some names, from the root down."""
    return "/".join(TO_ESCAPE.sub(lambda mark: f"\\{mark[0]}", name) for name in names)


def above(path: str) -> str:
    """The path of the department above; nothing above the root."""
    return path_of(names(path)[:-1])


def lineage(path: str) -> list[str]:
    """A department's path and those above it, from the root down."""
    line = names(path)
    return [path_of(line[:depth]) for depth in range(1, len(line) + 1)]


def shown(path: str) -> str:
    """A path as people read it: `Public Works › I/O Support`."""
    return SEPARATOR.join(names(path))
