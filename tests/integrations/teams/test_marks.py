"""The signs on a message that a request began with: seen to, and done."""

from __future__ import annotations

import pytest

from tests.integrations.teams.city import City
from tests.integrations.teams.test_requests import FILLED, Desk
from tests.teamsland.things import Message


@pytest.fixture
def desk(city: City) -> Desk:
    return Desk(city)


def made(desk: Desk, of: str = "IT Service Desk") -> Message:
    """A message that Ada has made a request of."""
    message = desk.city.driver.say(desk.bea, "The printer smokes", channel=desk.team.channels[0])
    desk.city.driver.quote(desk.ada, message, "quote")
    desk.city.driver.submit(desk.ada, of)
    desk.city.driver.submit(desk.ada, **FILLED)
    return message


def test_the_message_shows_that_it_is_seen_to_and_that_it_is_done(desk: Desk) -> None:
    driver, message = desk.city.driver, made(desk)
    assert message.signs == set()

    driver.press(desk.bea, "Take it", where=desk.channel)
    assert message.signs == {"1f440_eyes"}
    driver.press(desk.bea, "Resolve", where=desk.channel)
    driver.submit(desk.bea)
    assert message.signs == {"1f440_eyes", "2705_whiteheavycheckmark"}

    driver.press(desk.bea, "Reopen", where=desk.channel)
    assert message.signs == {"1f440_eyes"}


def test_a_message_that_is_gone_gets_no_sign_and_nobody_misses_it(desk: Desk) -> None:
    message = made(desk)
    message.is_deleted = True

    desk.city.driver.press(desk.bea, "Take it", where=desk.channel)

    assert message.signs == set()
    assert "Bea Novak" in desk.hears(desk.ada)
