"""Recording an event: a verb that was declared, about a thing that can be named, with facts that may be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session

from workbot.events.models import Event
from workbot.storage.database import defer_write

# Without the cost of objects, since every verb writes one.
WRITE = insert(Event.__table__)  # type: ignore[attr-defined]
# What a fact can be: no rows, no answers, nothing that holds more than it says.
Fact = str | int | bool | None


class Recordable(Protocol):
    """A thing of a feature that has a name outside of it. A survey's ballots and participations have none."""

    @property
    def subject(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """The name of a thing that is no row: `definition:surveys/weekly`."""

    subject: str


@dataclass(frozen=True, slots=True)
class Verb:
    """What can happen to a kind of thing, and the facts that are told of it."""

    name: str
    facts: frozenset[str]

    def __init__(self, name: str, *facts: str) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "facts", frozenset(facts))


def record(session: Session, verb: Verb, about: Recordable, *, by: UUID | None, now: datetime, **facts: Fact) -> None:
    """Write an event along with what it speaks of; `by` is whoever did it, None what time brought.

    Raises TypeError for a fact that the verb does not declare, or that is no Fact.
    """
    if facts.keys() != verb.facts or not all(isinstance(fact, Fact) for fact in facts.values()):
        raise TypeError(f"{verb.name} tells {sorted(verb.facts)}, and not {sorted(facts)}")
    trace = session.info.get("trace", "")
    row = {"verb": verb.name, "subject": about.subject, "actor_id": by, "at": now, "facts": facts, "trace": trace}
    defer_write(session, _write, row)


def _write(session: Session, rows: list[Any]) -> None:
    session.connection().execute(WRITE, rows)
