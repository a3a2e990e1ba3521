"""The web platform keeps what every platform promises."""

from __future__ import annotations

from collections.abc import Coroutine
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from tests.integrations.web.reading import messages
from tests.platform_contract import Kit, PlatformContract
from tests.sampler import CHART
from tests.small_house import MONDAY, House
from tests.visitor import Visitor
from workbot import files
from workbot.people import Person

T = TypeVar("T")
NAMES = count(1)


class WebKit:
    """The web platform, read through the pages that people open."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.platform = house.web
        self.readers: dict[str, tuple[Person, str]] = {}

    def person(self, locale: str) -> str:
        person = self.house.hire(f"Reader Number{next(NAMES)}", locale=locale)
        address = f"person:{person.id}"
        self.readers[address] = (person, "/chat")
        return address

    def place(self, locale: str) -> str:
        agent = self.house.hire(f"Agent Number{next(NAMES)}", "agent:it", locale=locale)
        self.house.open_place("it", "IT desk", "agent:it")
        self.readers["place:it"] = (agent, "/chat/p/it")
        return "place:it"

    def nobody(self) -> str:
        return f"person:{uuid4()}"

    def files(self) -> tuple[str, str]:
        with self.house.database.session() as session:
            picture = files.store(session, "chart.svg", "image/svg+xml", CHART, now=MONDAY)
            return picture, files.store(session, "results.csv", "text/csv", b"a,b\n", now=MONDAY)

    def reads(self, address: str, *, thread: str = "") -> list[str]:
        person, path = self.readers[address]
        visitor = Visitor(self.house.app(), "http://127.0.0.1")
        visitor.cookies.update(self.house.cookies(person))
        return messages(visitor.get(f"/chat/t/{thread}" if thread else path).text)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.house.do(work)


class TestWeb(PlatformContract):
    @pytest.fixture
    def kit(self, house: House) -> Kit:
        return WebKit(house)


@pytest.mark.parametrize("address", ["place:nowhere", "person:ada", "person:", "ada@city.example", ""])
def test_an_address_of_another_kind_is_nobodys(house: House, address: str) -> None:
    TestWeb().test_an_address_where_nobody_is_fails_for_good(Elsewhere(house, address))


class Elsewhere(WebKit):
    def __init__(self, house: House, address: str) -> None:
        super().__init__(house)
        self.address = address

    def nobody(self) -> str:
        return self.address
