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
from tests.small_app import MONDAY, App
from tests.visitor import Visitor
from workbot import files
from workbot.people import Person

T = TypeVar("T")
NAMES = count(1)


class WebKit:
    """The web platform, read through the pages that people open."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.platform = app.web
        self.readers: dict[str, tuple[Person, str]] = {}

    def person(self, locale: str) -> str:
        person = self.app.hire(f"Reader Number{next(NAMES)}", locale=locale)
        address = f"person:{person.id}"
        self.readers[address] = (person, "/chat")
        return address

    def place(self, locale: str) -> str:
        agent = self.app.hire(f"Agent Number{next(NAMES)}", "agent:it", locale=locale)
        self.app.open_place("it", "IT desk", "agent:it")
        self.readers["place:it"] = (agent, "/chat/p/it")
        return "place:it"

    def nobody(self) -> str:
        return f"person:{uuid4()}"

    def files(self) -> tuple[str, str]:
        with self.app.database.session() as session:
            picture = files.store(session, "chart.svg", "image/svg+xml", CHART, now=MONDAY)
            return picture, files.store(session, "results.csv", "text/csv", b"a,b\n", now=MONDAY)

    def reads(self, address: str, *, thread: str = "") -> list[str]:
        person, path = self.readers[address]
        visitor = Visitor(self.app.asgi(), "http://127.0.0.1")
        visitor.cookies.update(self.app.cookies(person))
        return messages(visitor.get(f"/chat/t/{thread}" if thread else path).text)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.app.do(work)


class TestWeb(PlatformContract):
    @pytest.fixture
    def kit(self, app: App) -> Kit:
        return WebKit(app)


@pytest.mark.parametrize("address", ["place:nowhere", "person:ada", "person:", "ada@city.example", ""])
def test_an_address_of_another_kind_is_nobodys(app: App, address: str) -> None:
    TestWeb().test_an_address_where_nobody_is_fails_for_good(Elsewhere(app, address))


class Elsewhere(WebKit):
    def __init__(self, app: App, address: str) -> None:
        super().__init__(app)
        self.address = address

    def nobody(self) -> str:
        return self.address
