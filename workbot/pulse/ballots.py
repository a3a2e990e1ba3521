"""The ballot box: the only place that reads or writes answers.

Everything else speaks of answers through these functions, so that a sealed box can take the place of
this one: `cast` and `erase` while a wave is open, `tally`, `comments` and `by_person` after its close.
No answer leaves in a message, a reply, a record of turns or a log.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import UniqueConstraint, delete, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, col, select

from workbot.errors import NotAllowed, WorkbotError
from workbot.people import Person
from workbot.pulse.models import Participation, Wave
from workbot.storage.database import Row


class Ballot(Row, table=True):
    """One answer to one question; no time, and nothing of the platform it came from."""

    __table_args__ = (UniqueConstraint("invitation_id", "question"),)

    invitation_id: UUID = Field(foreign_key="invitation.id")
    question: str
    value: str


@dataclass(frozen=True)
class Tally:
    """How often each value was given to a question in a segment."""

    segment: str
    question: str
    values: Counter[str]


@dataclass(frozen=True)
class Named:
    """What one person answered, by question: in an identified survey only."""

    person: Person
    values: dict[str, str]


def cast(session: Session, wave: Wave, participation: Participation, question: str, value: str) -> None:
    """Take an answer, in place of an earlier one to the same question."""
    _refuse_after_close(wave)
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = Ballot(invitation_id=participation.id, question=question, value=value)
    # One statement, so that the same button pressed twice at once cannot make two rows.
    put = dialect.insert(Ballot).values(row.model_dump())
    session.execute(
        put.on_conflict_do_update(index_elements=["invitation_id", "question"], set_={"value": put.excluded.value})
    )


def erase(session: Session, wave: Wave, participation: Participation, question: str) -> None:
    """Take an answer back."""
    _refuse_after_close(wave)
    session.execute(
        delete(Ballot).where(col(Ballot.invitation_id) == participation.id, col(Ballot.question) == question)
    )


def answered(session: Session, participation: Participation) -> set[str]:
    """Which questions a person has answered; never what."""
    return set(session.exec(select(Ballot.question).where(Ballot.invitation_id == participation.id)))


def tally(session: Session, wave: Wave, questions: Sequence[str]) -> list[Tally]:
    """The counts by segment and question; refused before the close."""
    _refuse_before_close(wave)
    rows = session.exec(
        select(Participation.segment, Ballot.question, Ballot.value, func.count())
        .join(Participation, col(Ballot.invitation_id) == Participation.id)
        .where(Participation.wave_id == wave.id, col(Ballot.question).in_(questions))
        .group_by(Participation.segment, Ballot.question, Ballot.value)
    )
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for segment, question, value, count in rows:
        counted[segment, question][value] = count
    return [Tally(segment, question, values) for (segment, question), values in sorted(counted.items())]


def comments(session: Session, wave: Wave, question: str) -> list[str]:
    """What people wrote, in an order that comes from the words alone; refused before the close.

    The order is neither that of arrival nor of people, and the same each time, so that asking twice
    tells nothing.
    """
    _refuse_before_close(wave)
    written = session.exec(
        select(Ballot.value)
        .join(Participation, col(Ballot.invitation_id) == Participation.id)
        .where(Participation.wave_id == wave.id, Ballot.question == question)
    )
    return sorted(written, key=lambda text: hashlib.sha256(f"{wave.id}:{text}".encode()).digest())


def by_person(session: Session, wave: Wave) -> list[Named]:
    """Who said what: refused before the close, and in every mode but the identified."""
    _refuse_before_close(wave)
    if wave.mode != "identified":
        raise NotAllowed("Nobody may see who said what in this survey.")
    found: dict[UUID, Named] = {}
    rows = session.exec(
        select(Person, Ballot)
        .join(Participation, col(Participation.person_id) == Person.id)
        .join(Ballot, col(Ballot.invitation_id) == Participation.id)
        .where(Participation.wave_id == wave.id)
        .order_by(Person.name, Person.email)
    )
    for person, ballot in rows:
        found.setdefault(person.id, Named(person, {})).values[ballot.question] = ballot.value
    return list(found.values())


def _refuse_after_close(wave: Wave) -> None:
    if wave.closed_at is not None:
        raise WorkbotError("This survey has closed, so its answers can no longer change.")


def _refuse_before_close(wave: Wave) -> None:
    if wave.closed_at is None:
        raise WorkbotError("Results are made when the survey closes, and not before.")
