"""As much of a host as what chats share asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from workbot.clock import SetClock
from workbot.platforms import Host
from workbot.settings import Settings
from workbot.storage.database import Database

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)


class SmallHost:
    """Settings, a database and a clock that is set."""

    def __init__(self, database: Database) -> None:
        self.settings = Settings.model_validate({"secret_key": "s" * 32})
        self.database = database
        self.clock = SetClock(MONDAY)

    def as_host(self) -> Host:
        return cast("Host", self)
