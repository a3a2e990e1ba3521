"""From files to definitions, or to a complaint about every mistake in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from workbot.definitions.complaints import Complaint, DefinitionsWrong, mistakes, position, unreadable
from workbot.definitions.shape import D, Kind
from workbot.texts import clean

LARGEST = 500_000
# Repetition by `*` can make a small file grow without end.
MOST_PARTS = 50_000
DEEPEST = 30


def read_all(kind: Kind[D], own: Path | None) -> dict[str, D]:
    """The shipped definitions of a kind, with an organisation's own over them by name.

    Raises DefinitionsWrong with everything that is wrong in any file.
    """
    complaints: list[Complaint] = []
    found: dict[str, D] = {}
    for folder in (kind.shipped, own / kind.folder) if own else (kind.shipped,):
        try:
            found |= read_folder(kind.model, folder)
        except DefinitionsWrong as wrong:
            complaints.extend(wrong.complaints)
    if complaints:
        raise DefinitionsWrong(complaints)
    return found


def read_folder(model: type[D], folder: Path) -> dict[str, D]:
    """The definitions of one folder by name; raises DefinitionsWrong with everything that is wrong in any."""
    complaints: list[Complaint] = []
    found: dict[str, D] = {}
    for file in files(folder):
        try:
            definition = read(model, file)
        except DefinitionsWrong as wrong:
            complaints.extend(wrong.complaints)
            continue
        if definition.name in found:
            message = f"{definition.name!r} is defined twice in this folder; remove one of the files"
            complaints.append(Complaint(file, 1, 1, message))
        found[definition.name] = definition
    if complaints:
        raise DefinitionsWrong(complaints)
    return found


def files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])


def read(model: type[D], file: Path) -> D:
    """One file's definition; raises DefinitionsWrong with the line and column of each mistake."""
    data = _load(file)
    try:
        definition = model.model_validate(_bare(data, iter(range(MOST_PARTS))))
    except ValidationError as error:
        raise mistakes(file, data, error, model) from error
    except OverflowError as error:
        message = "this is longer or deeper than any definition; write out what `*` repeats, or split it"
        raise DefinitionsWrong([Complaint(file, 1, 1, message)]) from error
    if definition.name != file.stem:
        message = f"the name is {definition.name!r} and the file {file.name!r}: give both the same name"
        raise DefinitionsWrong([Complaint(file, *position(data, ("name",)), message)])
    return definition


def _load(file: Path) -> CommentedMap:
    try:
        if file.stat().st_size > LARGEST:
            message = f"this is longer than any definition ({LARGEST:,} bytes); split it"
            raise DefinitionsWrong([Complaint(file, 1, 1, message)])
        data = YAML(typ="rt").load(file.read_text(encoding="utf-8-sig"))
    except (YAMLError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise unreadable(file, error) from error
    if not isinstance(data, CommentedMap):
        raise DefinitionsWrong([Complaint(file, 1, 1, "a definition is a mapping; begin with `name: ...`")])
    return data


def _bare(data: Any, left: Iterator[int], depth: int = 0) -> Any:
    """Plain dicts and lists, which pydantic names in its messages as such; raises OverflowError when too many."""
    if depth > DEEPEST or next(left, None) is None:
        raise OverflowError
    if isinstance(data, Mapping):
        return {key: _bare(value, left, depth + 1) for key, value in data.items()}
    if isinstance(data, list):
        return [_bare(value, left, depth + 1) for value in data]
    return clean(data) if isinstance(data, str) else data
