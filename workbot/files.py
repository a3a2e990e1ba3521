"""Stored files: charts and exports that cards show or offer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlmodel import Field, Session

from workbot.db import Row, UtcDateTime
from workbot.platforms import File


class StoredFile(Row, table=True):
    """A file by a random key; who may have it is asked where it is given out."""

    __tablename__ = "stored_file"

    name: str
    media_type: str
    content: bytes = Field(sa_type=LargeBinary)
    made_at: datetime = Field(sa_type=UtcDateTime)


def store(session: Session, name: str, media_type: str, content: bytes, *, now: datetime) -> str:
    """Keep a file and return its key for a card."""
    kept = StoredFile(name=name, media_type=media_type, content=content, made_at=now)
    session.add(kept)
    return str(kept.id)


def fetch(session: Session, key: UUID) -> File | None:
    """The file of a key, if there is one."""
    kept = session.get(StoredFile, key)
    return File(kept.name, kept.media_type, kept.content, kept.made_at) if kept else None
