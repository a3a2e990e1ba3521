"""Teams keeps what every platform promises."""

from __future__ import annotations

from collections.abc import Coroutine
from itertools import count
from typing import Any, TypeVar

import pytest

from integrations.teams.names import spot_of
from tests.integrations.teams.city import MONDAY, City
from tests.platform_contract import Kit, PlatformContract
from tests.teamsland.reading import read
from workbot import files

T = TypeVar("T")
NAMES = count(1)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5a347d6b0000000049454e44ae426082"
)


class TeamsKit:
    """Teams, read as people there read it."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.platform = city.teams

    def person(self, locale: str) -> str:
        user = self.city.hire(f"Reader Number{next(NAMES)}", locale=locale)
        # Greetings are not what is read here.
        self.city.world.personal(user).messages.clear()
        return f"{self.city.tenant.id}/{user.id}"

    def place(self, locale: str) -> str:
        owner = self.city.hire(f"Owner Number{next(NAMES)}")
        return f"{self.city.tenant.id}/{self.city.add_team('IT', owner).id}"

    def nobody(self) -> str:
        return f"{self.city.tenant.id}/00000000-1111-2222-3333-444444444444"

    def files(self) -> tuple[str, str]:
        with self.city.app.database.session() as session:
            picture = files.store(session, "chart.png", "image/png", PNG, now=MONDAY)
            return picture, files.store(session, "results.csv", "text/csv", b"a,b\n", now=MONDAY)

    def reads(self, address: str, *, thread: str = "") -> list[str]:
        target, world = address.partition("/")[2], self.city.world
        root = spot_of(thread)[1]
        # In one's own conversation everything stands below one another; what answers a message says which.
        found = [message.activity for message in world.messages(target)]
        if thread:
            found = [activity for activity in found if activity.get("replyToId") == root]
        return [read(activity) for activity in found]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.city.do(work)


class TestTeams(PlatformContract):
    @pytest.fixture
    def kit(self, city: City) -> Kit:
        return TeamsKit(city)
