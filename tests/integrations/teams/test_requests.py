"""Requests, as people in Teams live them."""

from __future__ import annotations

import pytest

from tests.integrations.teams.city import City
from tests.teamsland.world import Person as User

FILLED = {"What_kind": "Something is broken", "How_much": "I cannot work"}


class Desk:
    """The IT desk in Teams: its channel, an agent, and somebody who needs them."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ada = city.hire("Ada Tremblay")
        self.bea = city.hire("Bea Novak", "agent:it")
        self.team = city.world.add_team(city.tenant, "Technology", [self.bea])
        self.channel = city.world.add_channel(self.team, "it")
        city.driver.add_to_team(self.team, self.bea)
        city.settle()

    def open(self, words: str = "it Laptop will not start") -> None:
        self.city.driver.say(self.ada, f"request {words}")
        self.city.driver.press(self.ada, "Open the form")
        self.city.driver.submit(self.ada, **FILLED)

    def in_channel(self, thread: str = "") -> str:
        return "\n\n".join(self.city.world.reads(self.channel, thread))

    def hears(self, user: User) -> str:
        return "\n\n".join(self.city.world.reads(user))


@pytest.fixture
def desk(city: City) -> Desk:
    return Desk(city)


def test_a_request_by_a_typed_line_is_worked_in_the_channel(desk: Desk) -> None:
    driver, world = desk.city.driver, desk.city.world
    driver.say(desk.ada, "Demande it Laptop will not start")
    driver.press(desk.ada, "Open the form")
    driver.submit(desk.ada, **FILLED, Tell_us_more="It beeps twice.")

    dialog = world.screen(desk.ada).dialog
    assert dialog is not None
    assert "Got it" in str(dialog.card)
    assert "IT-1 · Laptop will not start" in desk.hears(desk.ada)
    assert "It beeps twice." in desk.in_channel()

    driver.press(desk.bea, "Take it", where=desk.channel)

    assert "Bea Novak" in desk.in_channel()
    assert "Bea Novak" in desk.hears(desk.ada)
