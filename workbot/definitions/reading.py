"""From files to definitions, or to a complaint about every mistake in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from workbot.definitions.complaints import Complaint, DefinitionsWrong, mistakes, position, unreadable
from workbot.definitions.shape import D, Kind, Origin
from workbot.texts import clean

LARGEST = 500_000
# Repetition by `*` can make a small file grow without end.
MOST_PARTS = 50_000
DEEPEST = 30


@dataclass(frozen=True)
class FileDefinition(Generic[D]):
    """A definition as a file gives it. `digest` is of what the file says, whatever its comments and its layout."""

    kind: Kind[D]
    definition: D
    file: Path
    origin: Origin
    digest: str

    @property
    def name(self) -> str:
        return self.definition.name

    def complaint(self, where: tuple[int | str, ...], message: str) -> Complaint:
        """Something that is wrong in it although it can be read, at the place of a path of keys."""
        return Complaint(self.file, *position(_load(self.file), where), message)


def read_all(kind: Kind[D], own: Path | None) -> dict[str, D]:
    """What the files of `read_files` define, by name."""
    return {name: file.definition for name, file in read_files(kind, own).items()}


def read_files(kind: Kind[D], own: Path | None) -> dict[str, FileDefinition[D]]:
    """The shipped definitions of a kind, with an organisation's own over them by name.

    Raises DefinitionsWrong with everything that is wrong in any file.
    """
    complaints: list[Complaint] = []
    found: dict[str, FileDefinition[D]] = {}
    places = [(kind.shipped, Origin.SHIPPED), *([(own / kind.folder, Origin.FILE)] if own else [])]
    for folder, origin in places:
        try:
            found |= read_folder(kind, folder, origin)
        except DefinitionsWrong as wrong:
            complaints.extend(wrong.complaints)
    if complaints:
        raise DefinitionsWrong(complaints)
    return found


def read_folder(kind: Kind[D], folder: Path, origin: Origin = Origin.FILE) -> dict[str, FileDefinition[D]]:
    """The definitions of one folder by name; raises DefinitionsWrong with everything that is wrong in any."""
    complaints: list[Complaint] = []
    found: dict[str, FileDefinition[D]] = {}
    for file in files(folder):
        try:
            one = read(kind, file, origin)
        except DefinitionsWrong as wrong:
            complaints.extend(wrong.complaints)
            continue
        if one.name in found:
            message = f"{one.name!r} is defined twice in this folder; remove one of the files"
            complaints.append(Complaint(file, 1, 1, message))
        found[one.name] = one
    if complaints:
        raise DefinitionsWrong(complaints)
    return found


def files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])


def read(kind: Kind[D], file: Path, origin: Origin = Origin.FILE) -> FileDefinition[D]:
    """One file's definition; raises DefinitionsWrong with the line and column of each mistake."""
    data = _load(file)
    try:
        bare = _bare(data, iter(range(MOST_PARTS)))
        definition = kind.model.model_validate(bare)
    except ValidationError as error:
        raise mistakes(file, data, error, kind.model) from error
    except OverflowError as error:
        message = "this is longer or deeper than any definition; write out what `*` repeats, or split it"
        raise DefinitionsWrong([Complaint(file, 1, 1, message)]) from error
    if definition.name != file.stem:
        message = f"the name is {definition.name!r} and the file {file.name!r}: give both the same name"
        raise DefinitionsWrong([Complaint(file, *position(data, ("name",)), message)])
    return FileDefinition(kind, definition, file, origin, digest_of(bare))


def digest_of(content: Any) -> str:
    """What is the same for the same content, in whatever order its keys stand."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


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
