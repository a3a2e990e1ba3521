"""Several processes of one app in one Slack, and one that came after another: each act has its effect once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlmodel import col, func, select

from tests.integrations.slack.city import SECRET, City
from tests.slackland.driver import EVENTS, Driver
from tests.slackland.world import World
from workbot.requests.models import Request, RequestEntry
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
FILLED = {"What_kind": "Something is broken", "How_much": "I cannot work"}


class Desk:
    """The IT desk in Slack, and two processes that serve it: what Slack sends reaches both at the same moment."""

    def __init__(self, database: Database, world: World) -> None:
        self.world = world
        self.one = City(database, world)
        self.ada, self.bea = self.one.hire("Ada Tremblay"), self.one.hire("Bea Novak", "agent:it")
        self.channel = world.add_channel(self.one.workspace, "it")
        self.one.compare()
        # On SQLite there is one process at a time: the other comes after it.
        self.other_database = Database(database.url)
        self.two = City(self.other_database, world, beside=self.one)
        self.at_once = not database.embedded
        self.to_both = Driver(world, self.one.workspace, self._send, SECRET)

    def open(self) -> None:
        self.one.driver.command(self.ada, "/request", "it Laptop will not start")
        self.to_both.submit(self.ada, **FILLED)

    def close(self) -> None:
        self.one.close()
        self.two.close()
        self.other_database.close()

    def happened(self, verb: str) -> int:
        with self.one.app.database.session() as session:
            of_verb = select(func.count()).select_from(RequestEntry).where(col(RequestEntry.verb) == verb)
            return session.exec(of_verb).one()

    def requests(self) -> int:
        with self.one.app.database.session() as session:
            return session.exec(select(func.count()).select_from(Request)).one()

    def _send(self, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        def take(city: City) -> httpx.Response:
            answer = city.request("POST", path, headers=headers, content=body)
            city.do(city.slack.inbound.background.close())
            return answer

        with ThreadPoolExecutor(2 if self.at_once else 1) as processes:
            answers = list(processes.map(take, (self.one, self.two)))
        assert [answer.status_code for answer in answers] == [200, 200]
        self.one.settle()
        return answers[0]


@pytest.fixture
def desk(database: Database, world: World) -> Iterator[Desk]:
    world.limited = False
    # On a busy machine two processes take longer than Slack lets a form wait, and that is not what is asked here.
    world.monotonic = lambda: 0.0
    made = Desk(database, world)
    yield made
    made.close()


def test_a_form_that_two_processes_take_is_one_request(desk: Desk) -> None:
    desk.open()

    assert desk.requests() == 1
    assert desk.happened("open") == 1


def test_words_under_a_request_that_two_processes_hear_are_said_once(desk: Desk) -> None:
    desk.open()
    root = desk.world.messages(desk.channel)[-1]["ts"]
    mine = desk.world.messages(desk.ada["id"])[-1]["ts"]

    desk.to_both.say(desk.bea, "Have you tried turning it off?", channel=desk.channel, thread=root)

    assert desk.happened("comment") == 1
    assert "\n".join(desk.world.reads(desk.ada["id"], mine)).count("turning it off") == 1


def test_a_button_pressed_once_is_pressed_once(desk: Desk) -> None:
    desk.open()

    desk.to_both.press(desk.bea, "Take it", channel=desk.channel)

    assert desk.happened("take") == 1


def test_an_emoji_that_two_processes_see_is_one_request(desk: Desk) -> None:
    general = desk.world.add_channel(desk.one.workspace, "general", is_member=True)
    message = desk.one.driver.say(desk.ada, "My screen flickers", channel=general)

    desk.to_both.react(desk.bea, "ticket", general, message)

    assert desk.requests() == 1


def test_the_form_of_a_typed_line_opens_whichever_process_answered(desk: Desk) -> None:
    desk.to_both.say(desk.ada, "request it Laptop")
    offered = [post for post in desk.world.messages(desk.ada["id"]) if "bot_id" in post]

    # The newest of the answers is another process's than the one that took the turn.
    assert len(offered) == 2
    desk.one.driver.press(desk.ada, "Open the form")
    desk.one.driver.submit(desk.ada, **FILLED)

    assert desk.requests() == 1


def test_all_that_was_taken_is_known_after_a_new_start(desk: Desk) -> None:
    desk.one.driver.command(desk.ada, "/request", "it Laptop will not start")
    desk.one.driver.submit(desk.ada, **FILLED)
    desk.one.driver.press(desk.bea, "Take it", channel=desk.channel)

    for headers, body in desk.one.driver.sent:
        answer = desk.two.request("POST", EVENTS, headers=headers | {"X-Slack-Retry-Num": "1"}, content=body)
        assert answer.status_code == 200
    desk.two.settle()

    assert desk.requests() == 1
    assert (desk.happened("open"), desk.happened("take")) == (1, 1)
