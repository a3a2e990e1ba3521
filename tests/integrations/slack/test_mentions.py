"""Whoever mentions us is answered, wherever that is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.slack.city import City
from tests.slackland.world import Thing


class Hallway:
    """A channel that is no desk's, in which two people talk, and Ada."""

    def __init__(self, city: City, *, private: bool = False) -> None:
        self.city, self.world = city, city.world
        self.ada = city.hire("Ada Tremblay")
        self.eve = city.world.add_user(city.workspace, "Eve Stranger", "eve@elsewhere.example")
        city.compare()
        self.channel = city.world.add_channel(city.workspace, "general", private=private, is_member=True)
        self.root = city.driver.say(self.ada, "Who has a ladder?", channel=self.channel)
        self.us = f"<@{city.workspace.bot_user}>"

    def says(self, user: Thing, text: str, *, thread: str = "", **more: Any) -> Thing:
        return self.city.driver.say(user, text, channel=self.channel, thread=thread, mention=self.us in text, **more)

    def heard(self, user: Thing) -> list[str]:
        return self.world.whispered(user["id"])


@pytest.fixture(params=[False, True], ids=["open", "private"])
def hallway(request: pytest.FixtureRequest, city: City) -> Hallway:
    return Hallway(city, private=request.param)


@pytest.mark.parametrize("words", ["{us} help", "{us}", "could {us} look?", "{us} nothing that we know", "help {us}"])
@pytest.mark.parametrize("in_thread", [True, False])
def test_a_mention_in_a_channel_or_a_thread_is_answered_once(hallway: Hallway, words: str, in_thread: bool) -> None:
    hallway.says(hallway.ada, words.format(us=hallway.us), thread=hallway.root["ts"] if in_thread else "")

    assert len(hallway.heard(hallway.ada)) == 1
    where = [whisper["thread_ts"] for whisper in hallway.world.whispers]
    assert not in_thread or where == [hallway.root["ts"]]


def test_a_stranger_who_mentions_us_learns_how_to_become_known(hallway: Hallway) -> None:
    hallway.says(hallway.eve, f"{hallway.us} who are you?", thread=hallway.root["ts"])

    assert ["We have not met" in said for said in hallway.heard(hallway.eve)] == [True]


def test_whom_we_may_not_whisper_to_is_answered_in_their_own_conversation(hallway: Hallway) -> None:
    hallway.world.fail("chat.postEphemeral", "error:user_not_in_channel")

    hallway.says(hallway.ada, f"{hallway.us} help", thread=hallway.root["ts"])

    assert "What I can do" in "\n".join(hallway.world.reads(hallway.ada["id"]))


def test_what_others_say_to_each_other_gets_no_answer(hallway: Hallway) -> None:
    hallway.says(hallway.eve, "I have one", thread=hallway.root["ts"])
    hallway.says(hallway.ada, "help", thread=hallway.root["ts"])
    hallway.says(hallway.ada, f"<@{hallway.eve['id']}> thanks", thread=hallway.root["ts"])

    assert hallway.world.whispers == []


def test_who_names_us_only_afterwards_is_answered_too(hallway: Hallway) -> None:
    message = hallway.says(hallway.ada, "help", thread=hallway.root["ts"])
    edited = {**message, "type": "app_mention", "text": f"{hallway.us} help", "edited": {"user": "U1", "ts": "9.9"}}

    hallway.city.driver.event(edited)

    assert "What I can do" in hallway.heard(hallway.ada)[-1]
    assert [whisper["thread_ts"] for whisper in hallway.world.whispers] == [hallway.root["ts"]]


def test_a_mention_that_slack_tells_of_again_is_answered_once(hallway: Hallway) -> None:
    hallway.says(hallway.ada, f"{hallway.us} help", thread=hallway.root["ts"])

    hallway.city.driver.again()

    assert len(hallway.heard(hallway.ada)) == 1


def test_a_line_in_a_thread_of_ones_own_conversation_is_answered(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    root = city.driver.say(ada, "help")

    city.driver.say(ada, "nothing that we know", thread=root["ts"])

    assert "I did not understand that" in "\n".join(city.world.reads(ada["id"], root["ts"]))


def test_a_mention_in_a_requests_thread_is_a_comment_once(city: City) -> None:
    from tests.integrations.slack.test_requests import Desk

    desk = Desk(city)
    desk.open()
    root = city.world.messages(desk.channel)[0]["ts"]

    city.driver.say(desk.bea, f"<@{city.workspace.bot_user}> on it", channel=desk.channel, thread=root, mention=True)

    assert desk.hears(desk.ada, city.world.messages(desk.ada["id"])[-1]["ts"]).count("on it") == 1
