from __future__ import annotations

import pytest

from tests.browser import chromium, look  # noqa: F401  # fixtures
from tests.small_house import House
from tests.visitor import Visitor
from workbot.people import Person
from workbot.storage.database import Database


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.fixture
def ada(house: House) -> Person:
    return house.hire("Ada Tremblay")


@pytest.fixture
def visitor(house: House, ada: Person) -> Visitor:
    """Ada, signed in, with a browser that runs no scripts."""
    return visit(house, ada)


def visit(house: House, person: Person) -> Visitor:
    visitor = Visitor(house.app(), "http://127.0.0.1")
    visitor.cookies.update(house.cookies(person))
    return visitor
