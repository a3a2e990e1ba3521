"""What a mail test needs of the app: settings, a clock that stands, and stored files."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from workbot.clock import SetClock
from workbot.platforms import File
from workbot.settings import Settings

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
CHART = UUID(int=1)
TABLE = UUID(int=2)
GONE = UUID(int=3)


class App:
    """Only what the e-mail integration asks for."""

    def __init__(self) -> None:
        self.settings = Settings(base_url="https://bot.city.example")
        self.clock = SetClock(NOON)
        self.files = {
            CHART: File("chart.png", "image/png", b"\x89PNG picture", NOON),
            TABLE: File("table.csv", "text/csv", b"question,mean\nmood,3.8\n", NOON),
        }

    async def file(self, key: UUID) -> File | None:
        return self.files.get(key)


__all__ = ["CHART", "GONE", "NOON", "TABLE", "App"]
