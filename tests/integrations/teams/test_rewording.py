"""Messages that people change or delete in Teams, as the other side reads them then."""

from __future__ import annotations

import pytest

from tests.integrations.teams.city import City
from tests.integrations.teams.test_requests import FILLED, Desk
from tests.teamsland import activities
from tests.teamsland.things import Message


@pytest.fixture
def desk(city: City) -> Desk:
    made = Desk(city)
    made.open()
    return made


def said(desk: Desk, text: str) -> Message:
    """What Bea wrote under the request in the channel."""
    root = desk.city.world.messages(desk.channel)[-1]
    return desk.city.driver.say(desk.bea, text, channel=desk.channel, thread=root.id, mention=True)


def put_back(desk: Desk, message: Message, text: str) -> None:
    data = activities.channel_data(message.conversation, eventType="undeleteMessage")
    made = activities.message(desk.city.world, message, mention=True)
    desk.city.driver.send_activity(made | {"type": "messageUpdate", "channelData": data})


def test_what_an_agent_changes_is_changed_for_who_asked(desk: Desk) -> None:
    message = said(desk, "Your password is hunter2")
    before = len(desk.city.world.messages(desk.ada))

    desk.city.driver.edit(message, "I have written to you", mention=True)

    assert "Bea Novak\nI have written to you\nEdited" in desk.hears(desk.ada)
    assert "hunter2" not in desk.hears(desk.ada)
    assert len(desk.city.world.messages(desk.ada)) == before


def test_what_an_agent_deletes_is_withdrawn_and_can_be_put_back(desk: Desk) -> None:
    message = said(desk, "Have you tried turning it off?")

    desk.city.driver.delete(message)
    assert "Bea Novak\nThis message was withdrawn." in desk.hears(desk.ada)
    assert "turning" not in desk.hears(desk.ada)
    message.is_deleted = False
    put_back(desk, message, "Have you tried turning it off?")

    assert "Have you tried turning it off?\nEdited" in desk.hears(desk.ada)


def test_what_the_requester_changes_in_their_own_chat_is_changed_in_the_channel(desk: Desk) -> None:
    driver, root = desk.city.driver, desk.city.world.messages(desk.channel)[-1]
    message = driver.say(desk.ada, "It smokes", answering=desk.card(desk.ada, "IT-1"))
    assert "It smokes" in desk.in_channel(root.id)

    # Teams tells of a change without what the message answers.
    driver.edit(message, "It smokes and beeps")
    assert "Ada Tremblay\nIt smokes and beeps\nEdited" in desk.in_channel(root.id)
    driver.delete(message)

    assert "Ada Tremblay\nThis message was withdrawn." in desk.in_channel(root.id)


def test_an_edit_that_is_delivered_again_or_by_another_changes_nothing(desk: Desk) -> None:
    driver = desk.city.driver
    message = said(desk, "At 10")
    driver.edit(message, "At 11", mention=True)
    desk.city.driver.again()

    message.author = desk.ada
    driver.edit(message, "Never", mention=True)
    driver.delete(message)

    assert "At 11\nEdited" in desk.hears(desk.ada)
    assert "Never" not in desk.hears(desk.ada)


def test_a_message_that_was_made_a_request_is_withdrawn_with_it(desk: Desk) -> None:
    driver, general = desk.city.driver, desk.team.channels[0]
    message = driver.say(desk.bea, "My password is hunter2", channel=general)
    driver.quote(desk.ada, message, "quote")
    driver.submit(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)
    assert "Bea Novak wrote (as given by Teams, unverified)\nMy password is hunter2" in desk.in_channel()

    # That it is Bea's to delete proves that it was hers.
    driver.delete(message)

    assert "Bea Novak wrote\nThis message was withdrawn." in desk.in_channel()
    assert "hunter2" not in desk.in_channel() + desk.hears(desk.ada)


def test_a_line_that_was_typed_and_is_changed_is_not_answered_twice(desk: Desk) -> None:
    driver = desk.city.driver
    message = driver.say(desk.ada, "help")
    before = len(desk.city.world.messages(desk.ada))

    driver.edit(message, "requests")
    driver.delete(message)

    assert len(desk.city.world.messages(desk.ada)) == before - 1
