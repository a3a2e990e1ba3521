"""On or off, for each name: what is off begins nothing, and what has begun goes on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select

from workbot.definitions.events import record_switch
from workbot.definitions.models import DefinitionSwitch, DefinitionVersion
from workbot.definitions.shape import D, Kind


def turn(session: Session, kind: Kind[D], name: str, *, on: bool, author: UUID | None = None, now: datetime) -> None:
    """Decide whether a definition is on; the same again changes nothing."""
    switch = switch_of(session, kind, name)
    if switch is None:
        switch = DefinitionSwitch(kind=kind.folder, name=name, is_on=not on, turned_at=now)
    if switch.is_on != on:
        switch.is_on, switch.turned_at, switch.author_id = on, now, author
        session.add(switch)
        session.flush()
        record_switch(session, kind.folder, name, on=on, by=author, now=now)


def turn_on_unless_decided(session: Session, kind: Kind[D], name: str, *, now: datetime) -> None:
    if switch_of(session, kind, name) is None:
        turn(session, kind, name, on=True, now=now)


def switch_of(session: Session, kind: Kind[D], name: str) -> DefinitionSwitch | None:
    those = (DefinitionSwitch.kind == kind.folder, DefinitionSwitch.name == name)
    return session.exec(select(DefinitionSwitch).where(*those)).first()


def names_on(session: Session, kind: Kind[D]) -> frozenset[str]:
    """The names of what is on."""
    on = select(DefinitionSwitch.name).where(DefinitionSwitch.kind == kind.folder, col(DefinitionSwitch.is_on))
    return frozenset(session.exec(on))


def is_of_version() -> ColumnElement[bool]:
    """What joins a switch to the versions of its name."""
    return and_(
        col(DefinitionSwitch.kind) == col(DefinitionVersion.kind),
        col(DefinitionSwitch.name) == col(DefinitionVersion.name),
    )
