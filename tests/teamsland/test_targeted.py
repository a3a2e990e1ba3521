"""What a bot may say to one person where others talk, and what it may not."""

from __future__ import annotations

from typing import Any

import httpx

from tests.teamsland.reading import Thing
from tests.teamsland.stage import Teams
from tests.teamsland.test_sdk import Bot, bot
from tests.teamsland.things import Message

__all__ = ["bot"]


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"] if answer.status_code >= 400 else ""


def say_alone(teams: Teams, place: str = "", to: str | None = None, query: str = "true", **more: Any) -> httpx.Response:
    recipient: Thing = {"id": teams.world.mri(teams.ada) if to is None else to, "isTargeted": True}
    activity = {"type": "message", "text": "for you", "recipient": recipient} | more
    path = f"v3/conversations/{place or teams.channel.id}/activities?isTargetedActivity={query}"
    return teams.call("POST", path, activity)


def newest(teams: Teams) -> Message:
    return teams.channel.messages[-1]


def test_one_person_reads_it_among_others_for_a_day(teams: Teams) -> None:
    assert say_alone(teams).status_code == 201

    assert teams.world.reads(teams.channel, viewer=teams.ada) == ["for you"]
    assert teams.world.reads(teams.channel, viewer=teams.bob) == []
    assert teams.world.reads(teams.channel) == []
    teams.world.end_day()
    assert teams.world.reads(teams.channel, viewer=teams.ada) == []


def test_it_may_stand_in_a_thread_and_in_a_chat(teams: Teams) -> None:
    root = teams.driver.say(teams.bob, "look at this", channel=teams.channel)
    chat = teams.world.add_chat(teams.tenant, "Budget", [teams.ada, teams.bob])

    assert say_alone(teams, f"{teams.channel.id};messageid={root.id}").status_code == 201
    assert say_alone(teams, chat.id).status_code == 201

    assert teams.world.reads(teams.channel, root.id, viewer=teams.ada) == ["for you"]
    assert teams.world.reads(chat, viewer=teams.ada) == ["for you"]


def test_wrong_use_is_refused(teams: Teams) -> None:
    teams.driver.install(teams.ada)
    zoe = teams.world.add_person(teams.tenant, "Zoé Roy")
    own = teams.world.personal(teams.ada).id

    assert said(say_alone(teams, to="")) == (400, "BadArgument")
    assert said(say_alone(teams, to=teams.world.mri(zoe))) == (400, "BadArgument")
    assert said(say_alone(teams, own)) == (400, "BadArgument")
    # The address decides, and everybody would read this.
    assert said(say_alone(teams, query="")) == (400, "BadArgument")
    teams.tenant.has_targeted = False
    assert said(say_alone(teams)) == (400, "BadArgument")
    teams.tenant.has_targeted, teams.team.has_app = True, False
    assert said(say_alone(teams)) == (403, "BotNotInConversationRoster")
    assert teams.channel.messages == []


def test_it_is_changed_and_deleted_as_what_it_is_within_its_day(teams: Teams) -> None:
    say_alone(teams)
    path = f"v3/conversations/{teams.channel.id}/activities/{newest(teams).id}"
    alone, other = f"{path}?isTargetedActivity=true", {"type": "message", "text": "changed"}
    recipient = {"recipient": {"id": teams.world.mri(teams.ada)}}
    teams.world.limited = False

    assert said(teams.call("PUT", path, other)) == (404, "ActivityNotFoundInConversation")
    assert said(teams.call("DELETE", path)) == (404, "ActivityNotFoundInConversation")
    assert said(teams.call("POST", path, other)) == (404, "ActivityNotFoundInConversation")
    assert said(teams.call("POST", alone, other)) == (400, "BadArgument")
    assert said(teams.call("PUT", alone, other | recipient)) == (400, "BadArgument")
    assert teams.call("PUT", alone, other).status_code == 200
    assert teams.world.reads(teams.channel, viewer=teams.ada) == ["changed"]
    teams.world.end_day()
    assert said(teams.call("PUT", alone, other)) == (404, "ActivityNotFoundInConversation")
    assert said(teams.call("DELETE", alone)) == (404, "ActivityNotFoundInConversation")


def test_nobody_can_answer_everybody_under_what_one_person_sees(teams: Teams) -> None:
    asked = teams.driver.command(teams.ada, "help", channel=teams.channel)

    assert said(teams.send(f"{teams.channel.id};messageid={asked.id}")) == (404, "ActivityNotFoundInConversation")
    assert say_alone(teams, f"{teams.channel.id};messageid={asked.id}").status_code == 201


def test_above_an_answer_stands_what_the_same_person_asked_that_day(teams: Teams) -> None:
    mine = teams.driver.command(teams.ada, "help", channel=teams.channel)
    theirs = teams.driver.command(teams.bob, "help", channel=teams.channel)
    public = teams.driver.say(teams.ada, "hello", channel=teams.channel)

    def prompted(message: Message) -> tuple[int, str]:
        return said(say_alone(teams, entities=[{"type": "targetedMessageInfo", "messageId": message.id}]))

    assert prompted(mine) == (201, "")
    assert prompted(theirs) == (400, "INVALID_TARGETED_MESSAGE_ID")
    assert prompted(public) == (400, "INVALID_TARGETED_MESSAGE_ID")
    teams.world.end_day()
    assert prompted(mine) == (404, "TARGETED_MESSAGE_EXPIRED_OR_DELETED")


def test_a_slash_command_is_a_message_to_the_bot_alone(teams: Teams) -> None:
    teams.driver.command(teams.ada, "request it Laptop", channel=teams.channel)

    heard = teams.bot.last
    assert (heard["type"], heard["text"], heard["recipient"]["isTargeted"]) == ("message", "request it Laptop", True)
    assert [one["type"] for one in heard["entities"]] == ["clientInfo"]
    assert teams.world.reads(teams.channel) == []


def test_the_official_sdk_answers_a_slash_command_alone_and_with_its_prompt(bot: Bot, teams: Teams) -> None:
    asked = bot.driver.command(teams.ada, "help", channel=teams.channel)

    (answer,) = [one for one in teams.channel.messages if not one.author]
    assert bot.heard[-1].recipient.is_targeted is True
    assert answer.only_for is teams.ada
    assert answer.activity["entities"] == [{"type": "targetedMessageInfo", "messageId": asked.id}]
    assert teams.world.reads(teams.channel) == []
