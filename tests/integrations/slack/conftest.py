"""A Slack that runs, and a city in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integrations.slack.city import City
from tests.slackland import server
from tests.slackland.world import World
from workbot.storage.database import Database


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    with server.running(made):
        yield made
    assert made.complaints == [], "Slack would have refused something, even if people saw it in a simpler way"


@pytest.fixture
def city(database: Database, world: World) -> Iterator[City]:
    world.limited = False
    made = City(database, world)
    yield made
    made.close()
