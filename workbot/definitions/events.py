"""What is recorded of definitions: which, which version, and where it comes from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from workbot import events
from workbot.definitions.models import DefinitionVersion
from workbot.events import Fact, Subject, Verb

PUBLISHED, RETIRED, SET_ASIDE = (
    Verb(f"definitions.{name}", "kind", "name", "version", "origin") for name in ("publish", "retire", "set_aside")
)
TURNED_ON, TURNED_OFF = (Verb(f"definitions.{name}", "kind", "name") for name in ("turn_on", "turn_off"))


def record(session: Session, verb: Verb, version: DefinitionVersion, *, by: UUID | None = None, now: datetime) -> None:
    """Record what became of a version."""
    about = Subject(f"definition:{version.kind}/{version.name}")
    told: dict[str, Fact] = {"kind": version.kind, "name": version.name}
    told |= {"version": version.version, "origin": str(version.origin)}
    events.record(session, verb, about, by=by, now=now, **told)


def record_switch(session: Session, kind: str, name: str, *, on: bool, by: UUID | None, now: datetime) -> None:
    """Record that a definition was turned on or off."""
    verb = TURNED_ON if on else TURNED_OFF
    events.record(session, verb, Subject(f"definition:{kind}/{name}"), by=by, now=now, kind=kind, name=name)
