"""Definitions as they were published: a row for each version, of which the newest published one is current."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from workbot import __version__
from workbot.definitions import switches
from workbot.definitions.events import PUBLISHED, RETIRED, record
from workbot.definitions.models import DefinitionSwitch, DefinitionVersion
from workbot.definitions.reading import digest_of
from workbot.definitions.shape import AS_PUBLISHED, D, Definition, Kind, Origin, State
from workbot.errors import Gone, WorkbotError
from workbot.i18n import N_
from workbot.storage.database import advisory_lock

log = structlog.get_logger(__name__)

# What a version says never changes and there are few: each is parsed once in a process.
PARSED: dict[UUID, Definition] = {}


def publish(
    session: Session,
    kind: Kind[D],
    definition: D,
    *,
    now: datetime,
    origin: Origin = Origin.FILE,
    author: UUID | None = None,
    file_digest: str = "",
    release: str = __version__,
) -> DefinitionVersion:
    """Make a definition the current one; what is current already stays the version that it is.

    A file of the organisation's own is on from the first, unless somebody has turned that name off.
    """
    content = definition.model_dump(mode="json")
    digest = digest_of(content)
    if origin == Origin.FILE:
        switches.turn_on_unless_decided(session, kind, definition.name, now=now)
    newest = newest_published(session, kind, definition.name)
    if newest and newest.digest == digest:
        if file_digest:
            newest.file_digest, newest.origin, newest.release = file_digest, origin.value, release
            session.add(newest)
        return newest
    version = DefinitionVersion(
        kind=kind.folder,
        name=definition.name,
        version=_next_number(session, kind, definition.name),
        digest=digest,
        content=content,
        published_at=now,
        origin=origin.value,
        author_id=author,
        file_digest=file_digest,
        release=release,
    )
    session.add(version)
    session.flush()
    record(session, PUBLISHED, version, by=author, now=now)
    return version


def lock(session: Session) -> None:
    """Wait for whoever publishes or turns definitions at the same moment."""
    advisory_lock(session.connection(), "definitions")


def publish_draft(session: Session, kind: Kind[D], draft: DefinitionVersion, *, author: UUID, now: datetime) -> None:
    """Make a draft the current version, as a new one of whoever decides so; raises Gone when it is a draft no more."""
    lock(session)
    definition = _draft(kind, draft)
    retire(session, draft, by=author, now=now)
    publish(session, kind, definition, origin=Origin.CONSOLE, author=author, now=now)


def discard_draft(session: Session, kind: Kind[D], draft: DefinitionVersion, *, author: UUID, now: datetime) -> None:
    """Take a draft back: what is current stays so; raises Gone when it is a draft no more."""
    lock(session)
    _draft(kind, draft)
    retire(session, draft, by=author, now=now)


def retire(
    session: Session,
    version: DefinitionVersion,
    *,
    by: UUID | None = None,
    release: str = __version__,
    now: datetime,
) -> None:
    """Take a version back; what runs on it goes on."""
    version.state, version.release = State.RETIRED.value, release
    session.add(version)
    session.flush()
    record(session, RETIRED, version, by=by, now=now)


def current(session: Session, kind: Kind[D], name: str) -> tuple[D, DefinitionVersion]:
    """The newest published version of a definition, on or off; raises Gone when there is none of that name."""
    version = newest_published(session, kind, name)
    if version is None:
        raise Gone("There is no “{name}” here.", name=name)
    return _parsed(kind, version), version


def offered(session: Session, kind: Kind[D], name: str) -> tuple[D, DefinitionVersion]:
    """The current version of a definition that is on: what may begin now.

    Raises Gone when there is none of that name, and WorkbotError when it is off.
    """
    is_on = switches.is_of_version() & col(DefinitionSwitch.is_on)
    version = session.exec(_published(kind, name).join(DefinitionSwitch, is_on).limit(1)).first()
    if version:
        return _parsed(kind, version), version
    current(session, kind, name)
    raise WorkbotError(N_("“{name}” is not turned on. Whoever runs workbot can turn it on in the console."), name=name)


def all_current(session: Session, kind: Kind[D]) -> list[D]:
    """The current version of every definition of a kind, by name; one that cannot be read is left out, not all."""
    return [definition for row in newest_of_all(session, kind) if (definition := readable(kind, row))]


def all_known(session: Session, kind: Kind[D]) -> list[D]:
    """The newest version of every definition that there ever was, retired ones too: what was begun may run on it."""
    return [definition for row in newest_of_all(session, kind, *Origin) if (definition := readable(kind, row))]


def all_offered(session: Session, kind: Kind[D]) -> list[D]:
    """Those of `all_current` that are on."""
    on = switches.names_on(session, kind)
    found = (row for row in newest_of_all(session, kind) if row.name in on)
    return [definition for row in found if (definition := readable(kind, row))]


def newest_of_all(session: Session, kind: Kind[D], *origins: Origin) -> Sequence[DefinitionVersion]:
    """The newest published version of each name; of some origins, the newest that was ever published of them."""
    those = DefinitionVersion.kind == kind.folder
    counted = col(DefinitionVersion.origin).in_(origins) if origins else DefinitionVersion.state == State.PUBLISHED
    newest = (
        select(DefinitionVersion.name, func.max(DefinitionVersion.version).label("version"))
        .where(those, counted)
        .group_by(DefinitionVersion.name)
        .subquery()
    )
    is_newest = (newest.c.name == DefinitionVersion.name) & (newest.c.version == DefinitionVersion.version)
    return session.exec(
        select(DefinitionVersion).join(newest, is_newest).where(those).order_by(DefinitionVersion.name)
    ).all()


def newest_published(session: Session, kind: Kind[D], name: str) -> DefinitionVersion | None:
    return session.exec(_published(kind, name).limit(1)).first()


def published(session: Session, kind: Kind[D], name: str, *origins: Origin) -> Sequence[DefinitionVersion]:
    """The published versions of a name that come from some origins, the newest first."""
    return session.exec(_published(kind, name).where(col(DefinitionVersion.origin).in_(origins))).all()


def as_published(session: Session, kind: Kind[D], version_id: UUID) -> D:
    """The very version that something running began with."""
    if version_id in PARSED:
        return cast("D", PARSED[version_id])
    return _parsed(kind, session.get_one(DefinitionVersion, version_id))


def readable(kind: Kind[D], version: DefinitionVersion) -> D | None:
    """What a version says, or None when it cannot be read any more."""
    try:
        return _parsed(kind, version)
    except ValidationError:
        log.exception("definition.unreadable", kind=version.kind, name=version.name, version=version.version)
        return None


def _published(kind: Kind[D], name: str) -> SelectOfScalar[DefinitionVersion]:
    wanted = select(DefinitionVersion).order_by(col(DefinitionVersion.version).desc())
    those = (DefinitionVersion.kind == kind.folder, DefinitionVersion.name == name)
    return wanted.where(*those, DefinitionVersion.state == State.PUBLISHED)


def _draft(kind: Kind[D], version: DefinitionVersion) -> D:
    definition = readable(kind, version) if version.state == State.DRAFT else None
    if definition is None:
        raise Gone("This version is a draft no more.")
    return definition


def _next_number(session: Session, kind: Kind[D], name: str) -> int:
    """One more than the highest; whoever publishes at the same moment waits for the lock."""
    those = (DefinitionVersion.kind == kind.folder, DefinitionVersion.name == name)
    return (session.exec(select(func.max(DefinitionVersion.version)).where(*those)).one() or 0) + 1


def _parsed(kind: Kind[D], version: DefinitionVersion) -> D:
    if version.id not in PARSED:
        PARSED[version.id] = kind.model.model_validate(version.content, context=AS_PUBLISHED)
    return cast("D", PARSED[version.id])
