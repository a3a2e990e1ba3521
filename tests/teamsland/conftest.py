"""A Teams that runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import chromium
from tests.teamsland import server
from tests.teamsland.drawing import easel
from tests.teamsland.stage import Teams
from tests.teamsland.world import World

__all__ = ["chromium", "easel"]


@pytest.fixture
def teams() -> Iterator[Teams]:
    world = World()
    with server.running(world):
        made = Teams(world)
        yield made
        made.client.close()
