"""What is wrong with definitions only beside one another, or beside the people there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from workbot.definitions.complaints import Complaint
from workbot.definitions.reading import FileDefinition
from workbot.definitions.shape import Definition, Everything, Finding, Kind

Files = Sequence[FileDefinition[Any]]


def across(files: Files, others: Files = ()) -> list[Complaint]:
    """What is wrong with files beside each other, and beside `others` of other names."""
    everything = _everything([*others, *files])
    return [
        complaint
        for kind in dict.fromkeys(file.kind for file in files)
        for complaint in _spelled(files, kind, kind.across(everything))
    ]


def against(session: Session, files: Files, *, today: date) -> list[Complaint]:
    """What no person there is gives a meaning to: departments without anybody, audiences without members."""
    found: list[Complaint] = []
    for file in files:
        found += _spelled([file], file.kind, file.kind.against(session, file.definition, today))
    return found


def twice(definitions: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any, str]]:
    """Each name whose value an earlier name has too, with that value and that earlier name; empty ones do not count."""
    first: dict[Any, str] = {}
    for name, value in definitions:
        if value and first.setdefault(value, name) != name:
            yield name, value, first[value]


def _everything(files: Files) -> Everything:
    found: dict[str, dict[str, Definition]] = {}
    for file in files:
        found.setdefault(file.kind.folder, {})[file.name] = file.definition
    return found


def _spelled(files: Files, kind: Kind[Any], findings: Iterable[Finding]) -> Iterator[Complaint]:
    """Each finding at its place; those about what is not among the files are for another check."""
    named = {file.name: file for file in files if file.kind is kind}
    for finding in findings:
        if finding.name in named:
            yield named[finding.name].complaint(finding.where, finding.message)
