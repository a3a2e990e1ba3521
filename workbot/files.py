"""Stored files: charts and exports that cards show or offer, and who may have them still."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, text
from sqlmodel import Field, Session

from workbot.people import Person
from workbot.platforms import File
from workbot.router import Router
from workbot.storage.database import Row, UtcDateTime


class StoredFile(Row, table=True):
    """A file by a random key.

    `subject` says what it is about (`survey-report:...`): then the feature of that kind says, whenever it is given
    out, who may have it. One about nothing is for whoever was shown the card that carries it.
    """

    __tablename__ = "stored_file"

    subject: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    name: str
    media_type: str
    content: bytes = Field(sa_type=LargeBinary)
    made_at: datetime = Field(sa_type=UtcDateTime)


def store(session: Session, name: str, media_type: str, content: bytes, *, now: datetime, subject: str = "") -> str:
    """Keep a file and return its key for a card."""
    kept = StoredFile(subject=subject, name=name, media_type=media_type, content=content, made_at=now)
    session.add(kept)
    return str(kept.id)


def fetch(session: Session, key: UUID) -> File | None:
    """The file of a key, if there is one, for whoever is sent the card that carries it."""
    kept = session.get(StoredFile, key)
    return _file(kept) if kept else None


def fetch_for(session: Session, router: Router, *, key: UUID, reader: UUID, now: datetime) -> File | None:
    """The file of a key, if a person may have it at this moment, whatever they could see before."""
    kept, person = session.get(StoredFile, key), session.get(Person, reader)
    if kept is None or person is None or not person.active:
        return None
    if kept.subject and not router.may_have(session, kept.subject, person=person, now=now):
        return None
    return _file(kept)


def _file(kept: StoredFile) -> File:
    return File(kept.name, kept.media_type, kept.content, kept.made_at, kept.subject)
