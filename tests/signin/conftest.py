from __future__ import annotations

import pytest

from tests.signin.door import Door
from tests.talk import hire
from workbot.db import Database
from workbot.people import Person


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database)


@pytest.fixture
def ada(database: Database) -> Person:
    with database.session() as session:
        return hire(session, "Ada Tremblay", locale="fr")
