"""One request in one thread, with somebody in Slack and somebody in a browser at once: neither loads anything anew."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Page, expect
from sqlmodel import select

from tests.browser import Look, chromium, look
from tests.integrations.slack.city import MONDAY, SECRET, City
from tests.slackland.driver import Driver
from tests.slackland.world import Thing, World
from workbot.people import Person
from workbot.storage.database import Database

__all__ = ["chromium", "look"]
FILLED = {"What_kind": "Something is broken", "How_much": "I cannot work"}
PATIENCE_SECONDS = 20.0


class Town:
    """An app that serves, and does what is due by itself. Ada and Bea are in Slack, Wei and Tom on the web."""

    def __init__(self, database: Database, world: World, look: Look) -> None:
        self.world = world
        self.look = look
        # The browser has this thread's event loop.
        self.aside = ThreadPoolExecutor(1)
        self.city: City = self.aside.submit(City, database, world, base="http://127.0.0.1").result()
        self.ada, self.bea = self.city.hire("Ada Tremblay"), self.city.hire("Bea Novak", "agent:it")
        self.city.hire("Wei Zhang", "agent:it", in_slack=False)
        self.city.hire("Tom Driver", in_slack=False)
        self.channel = world.add_channel(self.city.workspace, "it")
        self.aside.submit(self._settle_in).result()
        self.driver = Driver(world, self.city.workspace, self._send, SECRET)
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.server = uvicorn.Server(uvicorn.Config(self.city.asgi, log_level="warning", timeout_graceful_shutdown=5))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]}, daemon=True)

    def start(self) -> None:
        threading.Thread(target=self._let_time_pass, daemon=True).start()
        self.thread.start()
        while not self.server.started:
            self.thread.join(0.01)

    def stop(self) -> None:
        for context in self.look.opened:
            context.close()
        self.server.should_exit = True
        self.thread.join(15)
        self.stopped.set()
        self.listener.close()
        self.aside.submit(self.city.loop.close).result()
        self.aside.shutdown()
        assert not self.thread.is_alive(), "the server did not stop"

    def visit(self, name: str, path: str) -> Page:
        with self.city.app.database.session() as session:
            person = session.exec(select(Person).where(Person.name == name)).one()
        cookie = self.aside.submit(self.city.do, self.city.app.sign_in.open_session(person.id)).result()
        return self.look(self.url + path, cookie=cookie)

    def sees(self, there: Callable[[], list[str]], words: str) -> None:
        """Wait until somebody in Slack sees something."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not any(words in read for read in there()):
            assert time.monotonic() < until, f"{words!r} is not among {there()}"
            time.sleep(0.05)

    def mine(self, user: Thing) -> list[str]:
        return self.world.reads(user["id"])

    def in_channel(self) -> list[str]:
        return self.world.reads(self.channel)

    def under(self, place: str) -> list[str]:
        """What stands under the newest message of a channel, or of somebody's conversation with us."""
        return self.world.reads(place, self.root(place))

    def root(self, place: str) -> str:
        return str(self.world.messages(place)[-1]["ts"])

    def _let_time_pass(self) -> None:
        """The working Monday that the app lives in goes on as this day does."""
        began = time.monotonic()
        while not self.stopped.wait(0.05):
            self.city.clock.move_to(MONDAY + timedelta(seconds=time.monotonic() - began))

    def _settle_in(self) -> None:
        self.city.compare()
        # Its connections belong to the loop that made them; the server has one of its own.
        self.city.do(self.city.slack.workspaces.close())

    def _send(self, path: str, headers: dict[str, str], body: bytes) -> Any:
        return httpx.post(self.url + path, headers=headers, content=body, timeout=10)


@pytest.fixture
def town(database: Database, world: World, look: Look) -> Iterator[Town]:
    world.limited = False
    made = Town(database, world, look)
    made.start()
    yield made
    made.stop()


def test_opened_in_slack_and_worked_on_the_web_live_on_both(town: Town) -> None:
    page = town.visit("Wei Zhang", "/chat/p/it")

    town.driver.command(town.ada, "/request", "it Laptop will not start")
    town.driver.submit(town.ada, **FILLED)
    card = page.locator("article", has_text="Laptop will not start")
    expect(card).to_be_visible()
    town.sees(town.in_channel, "Laptop will not start")

    card.get_by_role("button", name="Take it").click()
    expect(card).to_contain_text("Wei Zhang")
    town.sees(lambda: town.mine(town.ada), "Agent: Wei Zhang")
    town.sees(town.in_channel, "Agent: Wei Zhang")

    card.get_by_role("link", name="Reply to Ada").click()
    page.locator("#text").fill("Bring it to the second floor.")
    page.locator("#text").press("Enter")
    town.sees(lambda: town.under(town.ada["id"]), "Bring it to the second floor.")
    town.sees(lambda: town.under(town.channel), "Bring it to the second floor.")

    town.driver.say(town.ada, "On my way.", thread=town.root(town.ada["id"]))
    expect(page.locator("article").last).to_contain_text("On my way.")
    town.driver.say(town.bea, "I am there too.", channel=town.channel, thread=town.root(town.channel))
    expect(page.locator("article").last).to_contain_text("I am there too.")
    town.sees(lambda: town.under(town.ada["id"]), "I am there too.")


def test_opened_on_the_web_and_worked_in_slack_live_on_both(town: Town) -> None:
    page = town.visit("Tom Driver", "/chat")

    page.locator("#text").fill("request it Gate 4 does not open")
    page.locator("#text").press("Enter")
    form = page.get_by_role("dialog")
    form.get_by_label("Something is broken").check()
    form.get_by_label("I cannot work").check()
    form.get_by_role("button", name="Send").click()
    town.sees(town.in_channel, "Gate 4 does not open")

    town.driver.press(town.bea, "Take it", channel=town.channel)
    card = page.locator("article", has_text="IT-1 · Gate 4 does not open")
    expect(card).to_contain_text("Bea Novak")
    town.sees(town.in_channel, "Agent: Bea Novak")

    card.get_by_role("link", name="Reply").click()
    town.driver.say(town.bea, "Somebody is on the way.", channel=town.channel, thread=town.root(town.channel))
    expect(page.locator("article").last).to_contain_text("Somebody is on the way.")
    page.locator("#text").fill("I see them.")
    page.locator("#text").press("Enter")
    town.sees(lambda: town.under(town.channel), "I see them.")
