"""Definitions as they were published: a row for each version, never changed afterwards."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import JSON, UniqueConstraint, func
from sqlmodel import Field, Session, col, select

from workbot.definitions.shape import AS_PUBLISHED, D, Definition, Kind
from workbot.errors import Gone
from workbot.storage.database import Row, UtcDateTime


class DefinitionVersion(Row, table=True):
    """One version of a definition as it was published; never changed afterwards."""

    __tablename__ = "definition_version"
    __table_args__ = (UniqueConstraint("kind", "name", "version"),)

    kind: str
    name: str
    version: int
    digest: str
    content: dict[str, Any] = Field(sa_type=JSON)
    published_at: datetime = Field(sa_type=UtcDateTime)


log = structlog.get_logger(__name__)

# A version never changes and there are few: each is parsed once in a process.
PARSED: dict[UUID, Definition] = {}


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
    """The newest version of every definition of a kind, by name; one that cannot be read is left out, not all."""
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
    return [definition for row in rows if (definition := readable(kind, row))]


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


def _parsed(kind: Kind[D], version: DefinitionVersion) -> D:
    if version.id not in PARSED:
        PARSED[version.id] = kind.model.model_validate(version.content, context=AS_PUBLISHED)
    return cast("D", PARSED[version.id])


def _latest(session: Session, folder: str, name: str) -> DefinitionVersion | None:
    return session.exec(
        select(DefinitionVersion)
        .where(DefinitionVersion.kind == folder, DefinitionVersion.name == name)
        .order_by(col(DefinitionVersion.version).desc())
    ).first()
