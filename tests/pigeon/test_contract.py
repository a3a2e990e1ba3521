"""Pigeons keep what every platform promises."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from itertools import count
from typing import Any, TypeVar

import pytest

from tests.pigeon.platform import NAME, Pigeons, letters_at
from tests.pigeon.settings import PigeonSettings
from tests.platform_contract import Kit, PlatformContract
from tests.small_app import MONDAY, App
from workbot import files
from workbot.people import Account, Channel
from workbot.storage.database import Database

T = TypeVar("T")
NUMBERS = count(1)


class PigeonKit:
    """A loft, and the letters in it."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.platform = Pigeons(app, PigeonSettings())

    def person(self, locale: str) -> str:
        number = next(NUMBERS)
        person, address = self.app.hire(f"Reader Number{number}", locale=locale), f"ON-2026-{number}"
        with self.app.database.session() as session:
            session.add(Account(person_id=person.id, platform=NAME, user=address, address=address))
        return address

    def place(self, locale: str) -> str:
        with self.app.database.session() as session:
            session.add(Channel(name="it", platform=NAME, address="Town hall", role="agent:it", locale=locale))
        return "Town hall"

    def nobody(self) -> str:
        return "ON-1926-1"

    def files(self) -> tuple[str, str]:
        with self.app.database.session() as session:
            picture = files.store(session, "chart.png", "image/png", b"PNG", now=MONDAY)
            return picture, files.store(session, "results.csv", "text/csv", b"a,b\n", now=MONDAY)

    def reads(self, address: str, *, thread: str = "") -> list[str]:
        with self.app.database.session() as session:
            return letters_at(session, address=address, thread=thread)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(work)


class TestPigeons(PlatformContract):
    @pytest.fixture
    def kit(self, database: Database) -> Kit:
        return PigeonKit(App(database))
