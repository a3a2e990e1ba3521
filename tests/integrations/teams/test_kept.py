"""What people write in Teams is not legible where it only waits: in the record of turns, in forms and long values."""

from __future__ import annotations

import pytest

from tests.integrations.teams.city import City
from tests.integrations.teams.test_requests import FILLED, Desk
from tests.marks import MARK, legible, rows


@pytest.fixture
def desk(city: City) -> Desk:
    return Desk(city)


def test_words_of_requests_notes_and_replies_are_not_legible(desk: Desk) -> None:
    driver, database = desk.city.driver, desk.city.app.database
    driver.say(desk.ada, f"request it {MARK} one")
    driver.press(desk.ada, "Open the form")
    driver.submit(desk.ada, **FILLED, Tell_us_more=f"{MARK} two")
    driver.press(desk.bea, "Internal note", where=desk.channel)
    driver.submit(desk.bea, Only_the_agents=f"{MARK} three")
    driver.say(desk.bea, "requests")
    driver.say(desk.ada, f"request it {MARK} five, never sent")

    assert MARK in desk.in_channel()
    assert rows(database, "taken_turn") >= 4
    assert rows(database, "kept_form") >= 2
    assert legible(database) == []


def test_a_value_too_long_for_a_button_is_not_legible_and_comes_back_whole(desk: Desk) -> None:
    desk.city.driver.say(desk.ada, "request " + f"{MARK} " * 200)

    assert rows(desk.city.app.database, "long_value") >= 1
    assert legible(desk.city.app.database) == []
    desk.city.driver.press(desk.ada, "IT Service Desk")
    assert str(desk.city.world.screen(desk.ada).dialog).count(MARK) >= 50
    assert legible(desk.city.app.database) == []
