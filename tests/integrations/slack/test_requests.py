"""Requests, as people in Slack live them."""

from __future__ import annotations

import pytest

from tests.integrations.slack.city import City
from tests.slackland.world import Thing

FILLED = {"What_kind": "Something is broken", "How_much": "I cannot work"}


class Desk:
    """The IT desk in Slack: its channel, an agent, and somebody who needs them."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ada = city.hire("Ada Tremblay")
        self.bea = city.hire("Bea Novak", "agent:it")
        self.channel = city.world.add_channel(city.workspace, "it")
        city.compare()

    def open(self, words: str = "it Laptop will not start") -> None:
        self.city.driver.command(self.ada, "/request", words)
        self.city.driver.submit(self.ada, **FILLED)

    def in_channel(self, thread: str = "") -> str:
        return "\n\n".join(self.city.world.reads(self.channel, thread))

    def hears(self, user: Thing, thread: str = "") -> str:
        return "\n\n".join(self.city.world.reads(user["id"], thread))


@pytest.fixture
def desk(city: City) -> Desk:
    return Desk(city)


def test_a_request_by_command_is_worked_in_the_channel(desk: Desk) -> None:
    driver = desk.city.driver
    driver.command(desk.ada, "/request", "it Laptop will not start")
    driver.submit(desk.ada, **FILLED, Tell_us_more="It beeps twice.")

    assert "Got it" in str(desk.city.world.modal(desk.ada["id"]))
    assert "IT-1 · Laptop will not start" in desk.hears(desk.ada)
    assert "It beeps twice." in desk.in_channel()

    driver.press(desk.bea, "Take it", channel=desk.channel)

    assert "Agent: Bea Novak" in desk.in_channel()
    assert "Agent: Bea Novak" in desk.hears(desk.ada)


def test_words_in_the_threads_of_both_sides_are_one_conversation(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open()
    root = world.messages(desk.channel)[-1]["ts"]
    mine = world.messages(desk.ada["id"])[-1]["ts"]

    driver.say(desk.bea, "Have you tried turning it off?", channel=desk.channel, thread=root)
    driver.say(desk.ada, "It never turned on.", thread=mine)

    assert "Bea Novak\nHave you tried turning it off?" in desk.hears(desk.ada, mine)
    assert "Ada Tremblay\nIt never turned on." in desk.in_channel(root)


def test_resolving_with_a_form_and_closing_in_the_conversation(desk: Desk) -> None:
    driver = desk.city.driver
    desk.open()
    driver.press(desk.bea, "Take it", channel=desk.channel)
    driver.press(desk.bea, "Resolve", channel=desk.channel)
    driver.submit(desk.bea, What_was_done="A new battery.")

    assert "Resolved" in desk.hears(desk.ada)
    driver.press(desk.ada, "It works, thank you")

    assert "Closed" in desk.hears(desk.ada)
    assert "Closed" in desk.in_channel()
