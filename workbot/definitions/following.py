"""What the files of a start change: new ones are published, changed ones again, and what is gone is retired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlmodel import Session

from workbot import __version__
from workbot.definitions.events import SET_ASIDE, record
from workbot.definitions.models import DefinitionVersion
from workbot.definitions.reading import FileDefinition
from workbot.definitions.shape import D, Kind, Origin, State
from workbot.definitions.switches import turn_on_unless_decided
from workbot.definitions.versions import newest_of_all, publish, published, readable, retire

log = structlog.get_logger(__name__)


def follow_files(
    session: Session,
    kind: Kind[D],
    files: Mapping[str, FileDefinition[D]],
    *,
    has_folder: bool,
    now: datetime,
    release: str = __version__,
) -> None:
    """Bring a kind's versions up to its files by name.

    A file is published when it is new or says something else than it last did, whatever the console has published
    since: that becomes a draft, for somebody to decide. A process that sees less than the one before it, since it is
    of an older release or without the organisation's folder (`has_folder`), leaves alone what it does not know of.
    """
    last = {row.name: row for row in newest_of_all(session, kind, Origin.SHIPPED, Origin.FILE)}
    known = {
        name: row
        for name, row in last.items()
        if not _knows_more(row, files.get(name), has_folder=has_folder, release=release)
    }
    for name, file in files.items():
        if name not in last or name in known:
            _follow(session, file, known.get(name), release=release, now=now)
    for name, row in known.items():
        if name not in files and row.state == State.PUBLISHED:
            log.info("definition.retired", kind=kind.folder, name=name, version=row.version)
            for version in published(session, kind, name, Origin.SHIPPED, Origin.FILE):
                retire(session, version, release=release, now=now)


def _follow(
    session: Session, file: FileDefinition[Any], last: DefinitionVersion | None, *, release: str, now: datetime
) -> None:
    if last and last.state == State.PUBLISHED and _says(last, file):
        # Before there were digests of files, nobody knew where a version came from either.
        last.file_digest, last.origin = file.digest, file.origin.value
        session.add(last)
        if file.origin == Origin.FILE:
            turn_on_unless_decided(session, file.kind, file.name, now=now)
        return
    _set_aside(session, file, last, now=now)
    publish(
        session,
        file.kind,
        file.definition,
        origin=file.origin,
        file_digest=file.digest,
        release=release,
        now=now,
    )


def _says(last: DefinitionVersion, file: FileDefinition[Any]) -> bool:
    """Whether a file says what it said when it was last published."""
    if last.file_digest:
        return last.file_digest == file.digest
    return bool(readable(file.kind, last) == file.definition)


def _set_aside(session: Session, file: FileDefinition[Any], last: DefinitionVersion | None, *, now: datetime) -> None:
    """Make a draft of what the console has published last since the file changed; what came before it is past."""
    for number, version in enumerate(published(session, file.kind, file.name, Origin.CONSOLE)):
        if number or (last and version.version < last.version):
            retire(session, version, now=now)
        else:
            log.warning("definition.set_aside", kind=file.kind.folder, name=file.name, version=version.version)
            version.state = State.DRAFT.value
            session.add(version)
            record(session, SET_ASIDE, version, now=now)


def _knows_more(row: DefinitionVersion, file: FileDefinition[Any] | None, *, has_folder: bool, release: str) -> bool:
    """Whether whoever wrote a version saw what this process does not see."""
    # From before there were digests of files, nobody knows whether it was one of the organisation's own.
    may_be_own = row.origin == Origin.FILE or (not row.file_digest and not (file and _says(row, file)))
    knows_more = _parts(release) < _parts(row.release) or (may_be_own and not has_folder)
    if knows_more:
        log.warning("definition.left_alone", kind=row.kind, name=row.name, release=row.release)
    return knows_more


def _parts(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".") if part.isdigit())
