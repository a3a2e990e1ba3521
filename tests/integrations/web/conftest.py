from __future__ import annotations

import pytest

from tests.browser import chromium, look  # noqa: F401  # fixtures
from tests.small_app import App
from tests.visitor import Visitor
from workbot.people import Person
from workbot.storage.database import Database


@pytest.fixture
def app(database: Database) -> App:
    return App(database)


@pytest.fixture
def ada(app: App) -> Person:
    return app.hire("Ada Tremblay")


@pytest.fixture
def visitor(app: App, ada: Person) -> Visitor:
    """Ada, signed in, with a browser that runs no scripts."""
    return visit(app, ada)


def visit(app: App, person: Person) -> Visitor:
    visitor = Visitor(app.asgi(), "http://127.0.0.1")
    visitor.cookies.update(app.cookies(person))
    return visitor
