"""What is wrong with definitions only beside one another, or beside the people there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from workbot.definitions.complaints import Complaint
from workbot.definitions.reading import FileDefinition
from workbot.definitions.shape import Definition, Everything, Finding, Kind, Origin

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
    """Each name whose value an earlier name has too, with that value and every such name; empty ones do not count."""
    earlier: defaultdict[Any, list[str]] = defaultdict(list)
    for name, value in definitions:
        if value:
            yield from ((name, value, other) for other in earlier[value])
            earlier[value].append(name)


def _everything(files: Files) -> Everything:
    found: dict[str, dict[str, Definition]] = {}
    for file in files:
        found.setdefault(file.kind.folder, {})[file.name] = file.definition
    return found


def _spelled(files: Files, kind: Kind[Any], findings: Iterable[Finding]) -> Iterator[Complaint]:
    """Each finding at its place; those about what is not among the files are for another check.

    What cannot be on together with a template is no mistake: the template is off, and cannot be turned on then.
    """
    named = {file.name: file for file in files if file.kind is kind}
    own = {name for name, file in named.items() if file.origin != Origin.SHIPPED}
    for finding in findings:
        if finding.name in named and (not finding.beside or {finding.name, finding.beside} <= own):
            yield named[finding.name].complaint(finding.where, finding.message)
