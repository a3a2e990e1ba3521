"""A Teams that runs, and a city in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.teams import directory
from tests.browser import chromium
from tests.integrations.teams.city import City
from tests.teamsland import server
from tests.teamsland.drawing import easel
from tests.teamsland.world import World
from workbot.storage.database import Database

__all__ = ["chromium", "easel"]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for Teams' answers as long as a busy machine takes."""
    monkeypatch.setattr(directory, "ASK_SECONDS", 30.0)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    with server.running(made):
        yield made


@pytest.fixture
def city(database: Database, world: World) -> Iterator[City]:
    world.limited = False
    made = City(database, world)
    yield made
    made.close()
