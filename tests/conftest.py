"""What every test may ask for: a fresh database, and a session on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, SQLModel

from workbot.db import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An SQLite file of its own, with the tables of every part that the test imports."""
    made = Database(f"sqlite:///{tmp_path / 'workbot.db'}")
    SQLModel.metadata.create_all(made.engine)
    yield made
    made.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session that commits when the test ends; use it for pure services, not beside a `Talk`."""
    with database.session() as opened:
        yield opened
