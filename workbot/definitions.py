"""Definitions: journeys, surveys and desks written in YAML, checked to the line, kept as versions.

The files are read at start and published into the database, a new version whenever the content has
changed. What runs holds on to the version it began with, so editing a file rewrites no history.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar, cast
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from sqlalchemy import JSON, UniqueConstraint, func
from sqlmodel import Field as Column
from sqlmodel import Session, col, select

from workbot.db import Row, UtcDateTime
from workbot.errors import Gone, WorkbotError
from workbot.i18n import LOCALES


def _every_language(texts: dict[str, str]) -> dict[str, str]:
    if missing := [locale for locale in LOCALES if not texts.get(locale, "").strip()]:
        raise PydanticCustomError("language", "give the text in {missing} too", {"missing": " and ".join(missing)})
    if unknown := [locale for locale in texts if locale not in LOCALES]:
        raise PydanticCustomError("language", "{unknown} is not a language here", {"unknown": ", ".join(unknown)})
    return texts


# A text in every language: `{en: Laptop, fr: Ordinateur portable}`.
Texts = Annotated[dict[str, str], AfterValidator(_every_language)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class Part(BaseModel):
    """A piece of a definition: unknown keys are errors, so that a typing slip is not silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Definition(Part):
    """What a file defines; `name` is how people and commands call it, and is the file's own name."""

    name: Slug


D = TypeVar("D", bound=Definition)


@dataclass(frozen=True)
class Kind(Generic[D]):
    """One kind of definition: its folder's name, its model, and the examples shipped with the program."""

    folder: str
    model: type[D]
    shipped: Path


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
        super().__init__("\n".join(str(complaint).replace("{", "{{").replace("}", "}}") for complaint in complaints))
        self.complaints = complaints


class DefinitionVersion(Row, table=True):
    """One version of a definition as it was published; never changed afterwards."""

    __tablename__ = "definition_version"
    __table_args__ = (UniqueConstraint("kind", "name", "version"),)

    kind: str
    name: str
    version: int
    digest: str
    content: dict[str, Any] = Column(sa_type=JSON)
    published_at: datetime = Column(sa_type=UtcDateTime)


# A version never changes and there are few: each is parsed once in a process.
PARSED: dict[UUID, Definition] = {}


def read_all(kind: Kind[D], own: Path | None) -> dict[str, D]:
    """The shipped definitions of a kind, with an organisation's own over them by name.

    Raises DefinitionsWrong with everything that is wrong in any file.
    """
    complaints: list[Complaint] = []
    found: dict[str, D] = {}
    for file in (*files(kind.shipped), *(files(own / kind.folder) if own else ())):
        try:
            definition = read(kind.model, file)
            found[definition.name] = definition
        except DefinitionsWrong as wrong:
            complaints.extend(wrong.complaints)
    if complaints:
        raise DefinitionsWrong(complaints)
    return found


def files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])


def read(model: type[D], file: Path) -> D:
    """One file's definition; raises DefinitionsWrong with the line and column of each mistake."""
    try:
        data = YAML(typ="rt").load(file.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise DefinitionsWrong([_syntax(file, error)]) from error
    if not isinstance(data, CommentedMap):
        raise DefinitionsWrong([Complaint(file, 1, 1, "a definition is a mapping; begin with `name: ...`")])
    try:
        definition = model.model_validate(_bare(data))
    except ValidationError as error:
        raise DefinitionsWrong([_complaint(file, data, detail, model) for detail in error.errors()]) from error
    if definition.name != file.stem:
        line, column = _position(data, ("name",))
        message = f"the name is {definition.name!r} and the file {file.name!r}: give both the same name"
        raise DefinitionsWrong([Complaint(file, line, column, message)])
    return definition


def publish(session: Session, kind: Kind[D], definition: D, *, now: datetime) -> DefinitionVersion:
    """Make a definition the current one; the same content again changes nothing."""
    content = definition.model_dump(mode="json")
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    latest = _latest(session, kind.folder, definition.name)
    if latest and latest.digest == digest:
        return latest
    version = DefinitionVersion(
        kind=kind.folder,
        name=definition.name,
        version=latest.version + 1 if latest else 1,
        digest=digest,
        content=content,
        published_at=now,
    )
    session.add(version)
    session.flush()
    return version


def current(session: Session, kind: Kind[D], name: str) -> tuple[D, DefinitionVersion]:
    """The newest version of a definition; raises Gone when there is none of that name."""
    version = _latest(session, kind.folder, name)
    if version is None:
        raise Gone("There is no “{name}” here.", name=name)
    return _parsed(kind, version), version


def all_current(session: Session, kind: Kind[D]) -> list[D]:
    """The newest version of every definition of a kind, by name."""
    newest = (
        select(DefinitionVersion.name, func.max(DefinitionVersion.version).label("version"))
        .where(DefinitionVersion.kind == kind.folder)
        .group_by(DefinitionVersion.name)
        .subquery()
    )
    rows = session.exec(
        select(DefinitionVersion)
        .join(newest, (newest.c.name == DefinitionVersion.name) & (newest.c.version == DefinitionVersion.version))
        .where(DefinitionVersion.kind == kind.folder)
        .order_by(DefinitionVersion.name)
    )
    return [_parsed(kind, row) for row in rows]


def as_published(session: Session, kind: Kind[D], version_id: UUID) -> D:
    """The very version that something running began with."""
    if version_id in PARSED:
        return cast("D", PARSED[version_id])
    return _parsed(kind, session.get_one(DefinitionVersion, version_id))


def _parsed(kind: Kind[D], version: DefinitionVersion) -> D:
    if version.id not in PARSED:
        PARSED[version.id] = kind.model.model_validate(version.content)
    return cast("D", PARSED[version.id])


def _latest(session: Session, folder: str, name: str) -> DefinitionVersion | None:
    return session.exec(
        select(DefinitionVersion)
        .where(DefinitionVersion.kind == folder, DefinitionVersion.name == name)
        .order_by(col(DefinitionVersion.version).desc())
    ).first()


def _syntax(file: Path, error: Exception) -> Complaint:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    problem = (error.problem if isinstance(error, MarkedYAMLError) else None) or "this is not UTF-8 text"
    message = f"not readable as YAML: {problem}; check the indentation and the quotes here"
    return Complaint(file, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, message)


def _complaint(file: Path, data: CommentedMap, detail: ErrorDetails, model: type[BaseModel]) -> Complaint:
    where = tuple(step for step in detail["loc"] if isinstance(step, int | str))
    line, column = _position(data, where)
    return Complaint(file, line, column, f"{_spelled(where)}: {_advice(detail, where, model)}")


def _advice(detail: ErrorDetails, where: tuple[int | str, ...], model: type[BaseModel]) -> str:
    """What is wrong, and what would be right."""
    if detail["type"] == "missing":
        return "this is required and missing"
    if detail["type"] == "extra_forbidden":
        near = get_close_matches(str(where[-1]), sorted(_keys(model)), n=1)
        return f"unknown key; did you mean {near[0]!r}?" if near else "unknown key; remove it or check its spelling"
    said = detail["msg"].removeprefix("Value error, ")
    return (
        f"{said[0].lower()}{said[1:]} (found {detail['input']!r})" if not isinstance(detail["input"], Mapping) else said
    )


def _keys(model: type[BaseModel]) -> Iterator[str]:
    """Every key that a definition may have, at any depth."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for part in _models(field.annotation):
            yield from _keys(part)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)


def _position(data: Any, where: Sequence[int | str]) -> tuple[int, int]:
    """Line and column, from 1, of the deepest part of a path that stands in the file."""
    line, column = 1, 1
    for step in where:
        if isinstance(data, CommentedMap) and step in data:
            row, place = data.lc.key(step)
        elif isinstance(data, CommentedSeq) and isinstance(step, int) and step < len(data):
            row, place = data.lc.item(step)
        else:
            # A tag of a union in pydantic's path, or a key that is missing: stay where we are.
            continue
        line, column, data = row + 1, place + 1, data[step]
    return line, column


def _spelled(where: Sequence[int | str]) -> str:
    spelled = ""
    for step in where:
        spelled += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if spelled else step
    return spelled or "the definition"


def _bare(data: Any) -> Any:
    """Plain dicts and lists, which pydantic names in its messages as such."""
    if isinstance(data, Mapping):
        return {key: _bare(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_bare(value) for value in data]
    return data
