"""A city of a few departments, and the shipped surveys."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from tests.talk import Talk, hire
from workbot import definitions, files, pulse
from workbot.people import Department, Person, Role
from workbot.pulse import Wave, service
from workbot.pulse.service import Participant
from workbot.storage.database import Database

ZONE = ZoneInfo("America/Toronto")
# Sunday noon, before the week in question.
SUNDAY = datetime(2026, 11, 22, 17, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
STORED_FILES = files.StoredFile


def publish(session: Session) -> None:
    for definition in definitions.read_all(pulse.KIND, None).values():
        definitions.publish(session, pulse.KIND, definition, now=SUNDAY)


def department(session: Session, path: str) -> Department:
    found = session.exec(select(Department).where(Department.path == path)).first()
    made = found or Department(name=path.rpartition("/")[2], path=path)
    session.add(made)
    session.flush()
    return made


def team(session: Session, path: str, *names: str, **fields: object) -> list[Person]:
    """People of a department, `First` names only."""
    unit = department(session, path)
    return [hire(session, f"{name} {path.rpartition('/')[2]}", department_id=unit.id, **fields) for name in names]


def answer(session: Session, wave: Wave, person: Person, **values: str) -> None:
    """Give answers as the buttons do."""
    now = wave.opens_at
    participant: Participant = service.participant(session, wave.id, person, now=now)
    for question, value in values.items():
        service.respond(session, participant, service.question_of(participant.survey, question), value, now=now)


@pytest.fixture
def talk(database: Database) -> Talk:
    """A bot of surveys alone, on Sunday, its schedule not yet written."""
    with database.session() as session:
        publish(session)
    return Talk(database, pulse.ROUTER, pulse.JOBS, at=SUNDAY)


@pytest.fixture
def ada(talk: Talk, database: Database) -> Person:
    with database.session() as session:
        return team(session, "City/Roads", "Ada")[0]


@pytest.fixture
def hana(talk: Talk, database: Database) -> Person:
    """Who holds the role of HR."""
    with database.session() as session:
        person = team(session, "City/People", "Hana", locale="fr")[0]
        session.add(Role(person_id=person.id, name="hr"))
        return person
