"""Messages that people change or delete on Slack, as the other side reads them then."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.slack.city import City
from tests.integrations.slack.test_requests import FILLED, Desk
from tests.slackland.world import Thing


@pytest.fixture
def desk(city: City) -> Desk:
    made = Desk(city)
    made.open()
    return made


def edit(desk: Desk, message: Thing, text: str, *, by: str = "", **more: Any) -> None:
    """Change a message, as its author does, or as Slack does when it shows its links."""
    before, who = dict(message), by or message["user"]
    message["text"] = text
    message["edited"] = {"user": who, "ts": desk.city.world.ts()}
    changed(desk, message, before, **more)


def changed(desk: Desk, message: Thing, before: Thing, **more: Any) -> None:
    event = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": message["channel"]}
    desk.city.driver.event(event | {"message": message, "previous_message": before, "ts": desk.city.world.ts()} | more)


def delete(desk: Desk, message: Thing, **more: Any) -> None:
    event = {"type": "message", "subtype": "message_deleted", "hidden": True, "channel": message["channel"]}
    known = {"previous_message": dict(message), "deleted_ts": message["ts"], "ts": desk.city.world.ts()}
    desk.city.world.posts[message["channel"]].remove(message)
    desk.city.driver.event(event | known | more)


def said(desk: Desk, text: str) -> Thing:
    """What Ada wrote under her request."""
    root = desk.city.world.messages(desk.ada["id"])[-1]["ts"]
    return desk.city.driver.say(desk.ada, text, thread=root)


def thread(desk: Desk) -> str:
    return desk.in_channel(desk.city.world.messages(desk.channel)[-1]["ts"])


def test_what_the_requester_changes_is_changed_in_the_channel(desk: Desk) -> None:
    message = said(desk, "My password is hunter2")
    before = len(desk.city.world.posts[desk.channel])

    edit(desk, message, f"I cannot sign in, <@{desk.bea['id']}> :pray:")

    assert "Ada Tremblay\nI cannot sign in, @Bea Novak 🙏\nEdited" in thread(desk)
    assert "hunter2" not in thread(desk)
    assert len(desk.city.world.posts[desk.channel]) == before


def test_what_an_agent_changes_in_the_channel_is_changed_for_who_asked(desk: Desk) -> None:
    root, mine = (desk.city.world.messages(one)[-1]["ts"] for one in (desk.channel, desk.ada["id"]))
    message = desk.city.driver.say(desk.bea, "At 10", channel=desk.channel, thread=root)

    edit(desk, message, "At 11")
    assert "Bea Novak\nAt 11\nEdited" in desk.hears(desk.ada, mine)
    delete(desk, message)

    assert "Bea Novak\nThis message was withdrawn." in desk.hears(desk.ada, mine)
    assert "At 1" not in desk.hears(desk.ada, mine)


def test_links_that_slack_shows_are_no_change(desk: Desk) -> None:
    message = said(desk, "See <https://city.example>")
    before = dict(message)

    changed(desk, message | {"attachments": [{"title": "City", "id": 1}]}, before)
    # After a change of words the message goes on bearing its mark.
    edit(desk, message, "Look: <https://city.example>")
    sent = len(desk.city.world.called("chat.update"))
    changed(desk, message | {"attachments": [{"title": "City", "id": 1}]}, dict(message))

    assert "Look: https://city.example\nEdited" in thread(desk)
    assert len(desk.city.world.called("chat.update")) == sent


def test_a_change_by_somebody_else_or_by_a_machine_is_none(desk: Desk) -> None:
    message = said(desk, "It beeps")

    edit(desk, dict(message), "It is fine", by=desk.bea["id"])
    changed(desk, message | {"bot_id": "B1", "text": "It is fine"}, dict(message))
    changed(desk, message | {"user": "", "text": "It is fine"}, dict(message))

    assert "It beeps" in thread(desk)
    assert "fine" not in thread(desk)


def test_a_change_that_overtakes_its_message_is_taken_in_its_place(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    root = world.messages(desk.ada["id"])[-1]["ts"]
    first = {"user": desk.ada["id"], "text": "My password is hunter2", "thread_ts": root}
    message = world.post(driver.direct(desk.ada), first)
    sent = dict(message)

    edit(desk, message, "I cannot sign in")
    driver.event({**sent, "channel_type": "im"})

    assert "hunter2" not in thread(desk)
    assert thread(desk).count("I cannot sign in") == 1


def test_a_message_that_was_made_a_request_goes_on_changing_with_it(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    zoe = world.add_user(city.workspace, "Zoé Roy", "zoe@elsewhere.example")
    general = world.add_channel(city.workspace, "general", is_member=True)
    message = driver.say(zoe, "My password is hunter2", channel=general)
    driver.message_shortcut(desk.ada, "quote", general, message)
    driver.press_in_modal(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)
    assert "IT-2 · My password is hunter2" in desk.in_channel()

    edit(desk, message, "I cannot sign in")
    assert "I cannot sign in\nEdited" in desk.in_channel()
    assert "hunter2" not in desk.in_channel() + desk.hears(desk.ada)
    # A message with others under it leaves a stone of Slack's in its place.
    stone = {"subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "ts": message["ts"]}
    changed(desk, stone | {"channel": general}, dict(message))

    assert "Zoé Roy wrote\nThis message was withdrawn." in desk.in_channel()
    assert "sign in" not in desk.in_channel()


@pytest.mark.parametrize("more", [{"previous_message": None}, {"previous_message": {"bot_id": "B1", "user": "U1"}}])
def test_a_deletion_that_names_nobody_is_heard_and_changes_nothing(desk: Desk, more: Thing) -> None:
    message = said(desk, "It beeps")

    delete(desk, message, **more)

    assert "It beeps" in thread(desk)


@pytest.mark.parametrize("known", [{}, {"previous_message": None}, {"previous_message": {}}])
def test_what_was_deleted_unseen_is_thanked_for(
    desk: Desk, known: Thing, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    message = said(desk, "It beeps")
    event = {"type": "message", "subtype": "message_deleted", "channel": message["channel"]}

    answer = desk.city.driver.event(event | {"deleted_ts": message["ts"], "ts": desk.city.world.ts()} | known)

    out = capsys.readouterr()
    assert answer.status_code == 200
    assert "not_understood" not in caplog.text + out.out + out.err
    assert "It beeps" in thread(desk)
