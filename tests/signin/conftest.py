from __future__ import annotations

import pytest

from tests.signin.door import Door
from tests.talk import hire
from workbot.people import Person
from workbot.storage.database import Database


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database)


@pytest.fixture
def ada(database: Database) -> Person:
    with database.session() as session:
        return hire(session, "Ada Tremblay", locale="fr")
