"""The signs on a message that a request began with: seen to, and done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integrations.slack.city import City
from tests.integrations.slack.test_requests import FILLED, Desk
from tests.slackland.world import Thing


@pytest.fixture
def desk(city: City) -> Desk:
    return Desk(city)


def made(desk: Desk, name: str = "general", *, is_member: bool = True, of: str = "IT Service Desk") -> Thing:
    """A message that Ada has made a request of."""
    world, driver = desk.city.world, desk.city.driver
    channel = world.add_channel(desk.city.workspace, name, is_member=is_member)
    message = driver.say(desk.bea, "The printer smokes", channel=channel)
    driver.message_shortcut(desk.ada, "quote", channel, message)
    driver.press_in_modal(desk.ada, of)
    driver.submit(desk.ada, **FILLED)
    return message


def signs(message: Thing) -> list[str]:
    return [name for name, _who in message.get("signs", [])]


def test_the_message_shows_that_it_is_seen_to_and_that_it_is_done(desk: Desk) -> None:
    driver, message = desk.city.driver, made(desk)
    assert signs(message) == []

    driver.press(desk.bea, "Take it", channel=desk.channel)
    assert signs(message) == ["eyes"]
    driver.press(desk.bea, "Resolve", channel=desk.channel)
    driver.submit(desk.bea)
    assert signs(message) == ["eyes", "white_check_mark"]

    driver.press(desk.bea, "Reopen", channel=desk.channel)
    assert signs(message) == ["eyes"]


def test_where_we_may_not_or_need_not_it_is_left_at_that(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    message = made(desk, is_member=False)
    posted = len(world.posts[desk.channel])

    driver.press(desk.bea, "Take it", channel=desk.channel)

    assert signs(message) == []
    assert "Agent: Bea Novak" in desk.hears(desk.ada)
    assert len(world.posts[desk.channel]) == posted
    assert len(world.called("reactions.add")) == 1


def test_a_sign_waits_while_slack_takes_no_more(desk: Desk) -> None:
    message = made(desk)
    desk.city.world.fail("reactions.add", "429")

    desk.city.driver.press(desk.bea, "Take it", channel=desk.channel)
    desk.city.settle(timedelta(minutes=2))

    assert signs(message) == ["eyes"]


def test_a_request_that_began_with_no_message_marks_none(desk: Desk) -> None:
    desk.open()

    desk.city.driver.press(desk.bea, "Take it", channel=desk.channel)

    assert desk.city.world.called("reactions.add") == []
