from __future__ import annotations

import pytest

from tests.browser import chromium, look
from tests.console.town import Town
from workbot.storage.database import Database

__all__ = ["chromium", "look"]


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)
