"""Bad days with Slack: what it refuses, what it loses, and what nobody can know at first."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from integrations.slack import background_replies
from integrations.slack.platform import Slack
from tests.integrations.slack.city import City
from workbot.cards import Card, Text
from workbot.delivery import Message, State, tell, tell_channel
from workbot.errors import DeliveryError
from workbot.people import Person, channels_named
from workbot.platforms import Outgoing


class Town:
    """Ada in Slack, to whom things are told."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ada = city.hire("Ada Tremblay")
        city.compare()

    def tell(self, card: Card, key: str, **more: str) -> None:
        with self.city.app.database.session() as session:
            person = session.exec(select(Person).where(Person.name == "Ada Tremblay")).one()
            tell(session, person, card, key=key, now=self.city.clock.now(), **more)  # type: ignore[arg-type]

    def hears(self) -> list[str]:
        return self.city.world.reads(self.ada["id"])

    def states(self) -> list[str]:
        with self.city.app.database.session() as session:
            return list(session.exec(select(Message.state).order_by(Message.id)))  # type: ignore[arg-type]


@pytest.fixture
def town(city: City) -> Town:
    return Town(city)


@pytest.mark.parametrize(
    "mood",
    [
        "429",
        "429-without-header",
        "500",
        "reset",
        "reset-after",
        "garbage",
        "error:internal_error",
        "error:ratelimited",
    ],
)
def test_every_message_arrives_once_whatever_goes_wrong_on_the_way(town: Town, mood: str) -> None:
    town.city.world.fail("chat.postMessage", mood)
    town.tell(Card("Only once"), "once")

    town.city.settle(timedelta(minutes=10))

    assert town.hears() == ["Only once"]
    assert town.states() == [State.SENT]


def test_a_message_too_long_for_one_is_whole_after_a_process_died_in_the_middle(town: Town) -> None:
    world, words = town.city.world, "word " * 8000 + "END"
    outgoing = Outgoing("long", f"{town.city.workspace.id}/{town.ada['id']}", Card("Long", (Text(words),)), "en")
    world.fail("chat.postMessage", "", times=2)
    world.fail("chat.postMessage", "reset-after")
    with pytest.raises(DeliveryError) as refused:
        town.city.do(town.city.slack.deliver(outgoing))
    assert refused.value.doubtful

    reference = town.city.do(town.city.slack.find(outgoing))

    assert reference
    root = world.messages(town.ada["id"])
    rest = world.messages(town.ada["id"], reference.partition(":")[2])
    assert len(root) == 1
    assert "".join(world.reads(town.ada["id"], root[0]["ts"])).count("END") == 1
    assert len(rest) == len({post["metadata"]["event_payload"]["part"] for post in rest})


def test_a_changed_card_takes_the_place_of_a_longer_one_with_all_its_parts(town: Town) -> None:
    world = town.city.world
    town.tell(Card("Long", (Text("word " * 8000 + "END"),)), "one", subject="thing:1")
    town.city.settle(timedelta(minutes=1))
    assert len(world.messages(town.ada["id"], world.messages(town.ada["id"])[0]["ts"])) > 1

    town.tell(Card("Short"), "two", subject="thing:1")
    town.city.settle(timedelta(minutes=1))

    assert town.hears() == ["Short"]
    assert world.messages(town.ada["id"], world.messages(town.ada["id"])[0]["ts"]) == []


def test_a_message_that_someone_deleted_is_posted_anew(town: Town) -> None:
    world = town.city.world
    town.tell(Card("First"), "one", subject="thing:1")
    town.city.settle(timedelta(minutes=1))
    world.posts[world.direct(town.city.workspace, town.ada["id"])].clear()

    town.tell(Card("Second"), "two", subject="thing:1")
    town.city.settle(timedelta(minutes=1))

    assert town.hears() == ["Second"]


def test_who_cannot_be_reached_in_slack_is_reached_at_home(town: Town) -> None:
    town.ada["deleted"] = True
    town.tell(Card("Hello"), "hello")

    town.city.settle(timedelta(minutes=1))

    assert town.states() == [State.SENT]
    with town.city.app.database.session() as session:
        assert session.exec(select(Message.platform)).one() == "web"


def test_hr_hears_once_of_an_account_that_is_found_deactivated_when_something_is_said(town: Town) -> None:
    city, priya = town.city, town.city.hire("Priya Nair", "hr")
    city.compare()
    town.ada["deleted"] = True
    for number in range(3):
        town.tell(Card("Hello"), f"hello-{number}")

    city.settle(timedelta(minutes=5))
    city.compare()

    assert "\n".join(city.world.reads(priya["id"])).count("Ada Tremblay has no Slack account any more") == 1


def test_blocks_that_slack_does_not_take_yet_are_shown_in_a_simpler_way(town: Town) -> None:
    from workbot.cards import Table

    town.city.world.fail("chat.postMessage", "error:invalid_blocks")
    town.tell(Card("Figures", (Table(("A", "B"), (("1", "2"),)),)), "table")

    town.city.settle(timedelta(minutes=1))

    kinds = [block["type"] for block in town.city.world.messages(town.ada["id"])[0]["blocks"]]
    assert kinds == ["header", "rich_text"]


def test_a_launch_keeps_within_slacks_limits(town: Town) -> None:
    city = town.city
    city.world.limited = True
    city.world.monotonic = lambda: city.clock.now().timestamp()
    people = [city.hire(f"Person Number{number}") for number in range(60)]
    city.compare()
    with city.app.database.session() as session:
        for person in session.exec(select(Person)).all():
            for number in range(3):
                tell(session, person, Card(f"News {number}"), key=f"{person.id}:{number}", now=city.clock.now())

    for _ in range(240):
        city.settle(timedelta(seconds=0.25))

    assert all(len(city.world.messages(person["id"])) == 3 for person in people)
    assert not [1 for state in town.states() if state != State.SENT]
    with city.app.database.session() as session:
        assert not session.exec(select(Message).where(Message.attempts > 1)).all()


def test_looking_for_messages_in_doubt_keeps_within_slacks_limits(town: Town) -> None:
    outgoing = Outgoing("k", f"{town.city.workspace.id}/{town.ada['id']}", Card("x"), "en")

    async def look(slack: Slack) -> list[object]:
        return await asyncio.gather(*(slack.find(outgoing) for _ in range(60)), return_exceptions=True)

    looks = town.city.do(look(town.city.slack))

    assert sum(isinstance(one, DeliveryError) for one in looks) == 20
    assert len(town.city.world.called("conversations.history")) == 40


def test_a_channels_card_and_what_is_said_under_it_are_found_too(city: City) -> None:
    channel = city.world.add_channel(city.workspace, "it")
    city.compare()
    with city.app.database.session() as session:
        assert channels_named(session, "it")
        tell_channel(session, "it", lambda place: Card("Root"), key="root", subject="s:1", now=city.clock.now())
    city.settle(timedelta(minutes=1))
    city.world.fail("chat.postMessage", "reset-after")
    with city.app.database.session() as session:
        tell_channel(session, "it", lambda place: Card("Under"), key="under", thread="s:1", now=city.clock.now())

    city.settle(timedelta(minutes=10))

    root = city.world.messages(channel)[-1]["ts"]
    assert city.world.reads(channel, root) == ["Under"]


@pytest.mark.parametrize("mood", ["429", "500", "reset"])
def test_an_answer_that_slack_stumbled_over_is_given_again(
    town: Town, mood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background_replies, "PAUSES", (0.0, 0.0))
    town.city.driver.say(town.ada, "help")
    town.city.world.fail("response_url", mood, times=2)

    town.city.driver.press(town.ada, "My requests")

    assert "You have not asked for anything yet." in "\n".join(town.hears())
