"""Slack keeps what every platform promises."""

from __future__ import annotations

from collections.abc import Coroutine
from itertools import count
from typing import Any, TypeVar

import pytest

from tests.integrations.slack.city import MONDAY, City
from tests.platform_contract import Kit, PlatformContract
from tests.slackland.world import read
from workbot import files

T = TypeVar("T")
NAMES = count(1)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5a347d6b0000000049454e44ae426082"
)


class SlackKit:
    """Slack, read as people there read it."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.platform = city.slack

    def person(self, locale: str) -> str:
        user = self.city.hire(f"Reader Number{next(NAMES)}", locale=locale)
        return f"{self.city.workspace.id}/{user['id']}"

    def place(self, locale: str) -> str:
        channel = self.city.world.add_channel(self.city.workspace, "it", is_member=True)
        return f"{self.city.workspace.id}/{channel}"

    def nobody(self) -> str:
        return f"{self.city.workspace.id}/U99999999"

    def files(self) -> tuple[str, str]:
        with self.city.app.database.session() as session:
            picture = files.store(session, "chart.png", "image/png", PNG, now=MONDAY)
            return picture, files.store(session, "results.csv", "text/csv", b"a,b\n", now=MONDAY)

    def reads(self, address: str, *, thread: str = "") -> list[str]:
        target, world = address.rpartition("/")[2], self.city.world
        if thread:
            return world.reads(target, thread.partition(":")[2])
        # What was too long for one message goes on under it, for whoever reads on.
        whole = []
        for message in world.messages(target):
            under = world.messages(target, message["ts"])
            more = [post for post in under if (post.get("metadata") or {}).get("event_payload", {}).get("part")]
            whole.append("\n".join(read(post) for post in (message, *more)))
        return whole

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.city.do(work)


class TestSlack(PlatformContract):
    @pytest.fixture
    def kit(self, city: City) -> Kit:
        return SlackKit(city)
