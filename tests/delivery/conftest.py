"""What the tests of delivery share."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.talk import Talk, hire
from workbot.delivery import sending
from workbot.jobs import Jobs
from workbot.people import Person
from workbot.router import Router
from workbot.storage.database import Database

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
AN_HOUR = 3600.0


@pytest.fixture(autouse=True)
def _in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pace is that of made-up time: a machine held up in real time must not cost a message its slot."""
    monkeypatch.setattr(sending, "LATE_SECONDS", AN_HOUR)


@pytest.fixture
def talk(database: Database) -> Talk:
    return Talk(database, Router(), Jobs(), at=MONDAY)


@pytest.fixture
def ada(database: Database) -> Person:
    with database.session() as session:
        return hire(session, "Ada Roy")
