"""A Slack that runs, and a city in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.slack import directory, mentions
from tests.integrations.slack.city import City
from tests.slackland import server
from tests.slackland.world import World
from workbot.storage.database import Database


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for Slack's answers as long as a busy machine takes."""
    for module in (directory, mentions):
        monkeypatch.setattr(module, "ASK_SECONDS", 30.0)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    with server.running(made):
        yield made
    assert made.complaints == [], "Slack would have refused something, even if people saw it in a simpler way"


@pytest.fixture
def city(database: Database, world: World) -> Iterator[City]:
    world.limited = False
    # No trigger dies because the machine is busy.
    world.monotonic = lambda: 0.0
    made = City(database, world)
    yield made
    made.close()
