"""What is wrong in a file, where, and what would be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from workbot.errors import WorkbotError

LONGEST_SHOWN = 80
Position = tuple[int, int]


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong in a file, at a line and column counted from 1."""

    file: Path
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class DefinitionsWrong(WorkbotError):
    """Files that cannot be taken; nothing of them is loaded."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("\n".join(str(complaint) for complaint in complaints))
        self.complaints = complaints


def unreadable(file: Path, error: Exception) -> DefinitionsWrong:
    """A file that is no YAML, or no text, or not there."""
    match error:
        case MarkedYAMLError(problem_mark=mark):
            said = " ".join((error.problem or error.context or "something is wrong").split())
            place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            message = f"not readable as YAML: {said}; check the indentation and the quotes here"
        case UnicodeDecodeError():
            place = _place(error.object[: error.start])
            message = "this is not UTF-8 text; save the file again in that encoding"
        case ReaderError():
            place, message = (1, 1), f"there is a control character (#{error.character:#x}) in this file; remove it"
        case OSError():
            place, message = (1, 1), f"this cannot be read: {error.strerror}; a definition is a file that all may read"
        case _:
            place, message = (1, 1), "this is nested more deeply than any definition; write it flat"
    line, column = place
    return DefinitionsWrong([Complaint(file, line, column, message)])


def mistakes(file: Path, data: CommentedMap, error: ValidationError, model: type[BaseModel]) -> DefinitionsWrong:
    """Every value that the model does not take."""
    return DefinitionsWrong([_complaint(file, data, detail, model) for detail in error.errors()])


def position(data: Any, where: Sequence[int | str]) -> Position:
    """Line and column, from 1, of the deepest part of a path that stands in the file."""
    place = (1, 1)
    for step in where:
        # A key that is missing: stay where we are.
        if not _holds(data, step):
            continue
        # What comes in by a merge (`<<`) has no place of its own.
        if mark := (data.lc.data or {}).get(step):
            place = mark[0] + 1, mark[1] + 1
        data = data[step]
    return place


def _complaint(file: Path, data: CommentedMap, detail: ErrorDetails, model: type[BaseModel]) -> Complaint:
    where = _in_file(data, detail)
    return Complaint(file, *position(data, where), f"{_spelled(where)}: {_advice(detail, where, model)}")


def _in_file(data: Any, detail: ErrorDetails) -> tuple[int | str, ...]:
    """A path as the file's author knows it: in pydantic's, the kind of a part follows its place in a list."""
    known: list[int | str] = []
    for step in detail["loc"]:
        if _holds(data, step):
            known.append(step)
            data = data[step]
    return (*known, detail["loc"][-1]) if detail["type"] == "missing" else tuple(known)


def _place(before: bytes) -> Position:
    """The line and column that follow some text."""
    return before.count(b"\n") + 1, len(before) - before.rfind(b"\n")


def _holds(data: Any, step: int | str) -> bool:
    if isinstance(data, CommentedSeq):
        return isinstance(step, int) and step < len(data)
    return isinstance(data, CommentedMap) and step in data


def _advice(detail: ErrorDetails, where: tuple[int | str, ...], model: type[BaseModel]) -> str:
    """What is wrong, and what would be right."""
    if detail["type"] == "missing":
        return "this is required and missing"
    if detail["type"] == "extra_forbidden":
        near = get_close_matches(str(where[-1]), sorted(_keys(model)), n=1)
        return f"unknown key; did you mean {near[0]!r}?" if near else "unknown key; remove it or check its spelling"
    said = detail["msg"].removeprefix("Value error, ")
    if isinstance(detail["input"], Mapping):
        return said
    found = repr(detail["input"])
    found = found if len(found) <= LONGEST_SHOWN else f"{found[:LONGEST_SHOWN]}…"
    return f"{said[0].lower()}{said[1:]} (found {found})"


def _keys(model: type[BaseModel]) -> Iterator[str]:
    """Every key that a definition may have, at any depth and of any kind of part."""
    schema = model.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", ())


def _spelled(where: Sequence[int | str]) -> str:
    spelled = ""
    for step in where:
        spelled += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if spelled else step
    return spelled or "the definition"
