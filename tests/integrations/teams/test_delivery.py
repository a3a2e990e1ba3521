"""Bad days with Teams: what it refuses, what it loses, and what nobody can know at first."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from sqlmodel import select

from integrations.teams.background_replies import PAUSES
from integrations.teams.parsing import Where
from tests.integrations.teams.city import City
from tests.teamsland.activities import activity
from tests.teamsland.things import Person as User
from tests.teamsland.world import Misdeed
from workbot.cards import Card, Text
from workbot.delivery import Message, State, tell
from workbot.errors import DeliveryError
from workbot.people import Person, close_accounts
from workbot.platforms import Outgoing


class Town:
    """Ada in Teams, to whom things are told."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ada = city.hire("Ada Tremblay")
        city.world.personal(self.ada).messages.clear()
        city.world.calls.clear()

    def tell(self, card: Card, key: str, **more: Any) -> None:
        with self.city.app.database.session() as session:
            person = session.exec(select(Person).where(Person.name == "Ada Tremblay")).one()
            tell(session, person, card, key=key, now=self.city.clock.now(), **more)

    def hears(self) -> list[str]:
        return self.city.world.reads(self.ada)

    def states(self) -> list[str]:
        with self.city.app.database.session() as session:
            wanted = select(Message.state).where(Message.person_id != None).order_by(Message.id)  # type: ignore[arg-type]  # noqa: E711
            return list(session.exec(wanted))

    def deliver(self, user: User, key: str = "k") -> str:
        outgoing = Outgoing(key, f"{self.city.tenant.id}/{user.id}", Card("Hello"), "en")
        return self.city.do(self.city.teams.deliver(outgoing))

    def refusal(self, user: User) -> DeliveryError:
        with pytest.raises(DeliveryError) as refused:
            self.deliver(user)
        return refused.value


@pytest.fixture
def town(city: City) -> Town:
    return Town(city)


@pytest.mark.parametrize("how", ["429", "429-without-header", "412", "502", "503", "504", "500", "reset"])
def test_every_message_arrives_whatever_goes_wrong_on_the_way(town: Town, how: str) -> None:
    town.city.world.fail("send", how)
    town.tell(Card("Only once"), "once")

    town.city.settle(timedelta(minutes=10))

    assert town.hears() == ["Only once"]
    assert town.states() == [State.SENT]


@pytest.mark.parametrize("how", ["429", "429-without-header"])
def test_when_teams_asks_for_less_the_whole_lane_waits(town: Town, how: str) -> None:
    town.city.world.fail("send", how)

    refused = town.refusal(town.ada)

    assert refused.throttled
    assert refused.retry_after
    assert not refused.permanent
    assert not refused.doubtful


@pytest.mark.parametrize(("how", "doubtful"), [("412", False), ("502", False), ("503", False), ("500", True)])
def test_trouble_of_teams_own_is_tried_again(town: Town, how: str, doubtful: bool) -> None:
    town.city.world.fail("send", how)

    refused = town.refusal(town.ada)

    assert not refused.permanent
    assert refused.doubtful == doubtful


@pytest.mark.parametrize("how", ["reset", "reset-after", "truncated", "garbage"])
def test_an_answer_that_is_lost_leaves_a_doubt(town: Town, how: str) -> None:
    town.city.world.fail("send", how)

    assert town.refusal(town.ada).doubtful


def test_a_teams_that_says_nothing_is_not_waited_for_for_ever(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.city.teams.connector.http.timeout = 0.2
    town.city.world.fail("send", "timeout")

    assert town.refusal(town.ada).doubtful


@pytest.mark.parametrize("block", ["MessageWritesBlocked", "ConversationBlockedByUser"])
def test_who_has_blocked_us_is_reached_elsewhere_for_good(town: Town, block: Any) -> None:
    town.ada.block = block
    town.tell(Card("Hello"), "hello")

    town.city.settle(timedelta(minutes=1))

    assert town.hears() == []
    assert "Hello" in town.city.on_the_web(town.city.person(town.ada), "/chat")
    refused = town.refusal(town.ada)
    assert refused.permanent
    assert "blocked or removed the app" in refused.reason


def test_an_administrator_who_forbids_the_bot_is_named_in_the_reason(town: Town) -> None:
    town.city.tenant.is_forbidden = True

    refused = town.refusal(town.ada)

    assert refused.permanent
    assert "administrator" in refused.reason


def test_a_conversation_is_begun_once_with_whom_we_never_heard(town: Town) -> None:
    bob = town.city.hire("Bob Lee", has_app=False)
    bob.has_app = True

    town.deliver(bob, "one")
    town.city.teams.conversations._noted.clear()
    town.deliver(bob, "two")

    assert town.city.world.reads(bob) == ["Hello", "Hello"]
    assert len(town.city.world.called("create")) == 1


def test_who_has_no_app_gets_it_where_we_may_install_it(town: Town) -> None:
    bob, eve = town.city.hire("Bob Lee", has_app=False), town.city.hire("Eve Other", has_app=False)
    assert "not installed" in town.refusal(bob).reason

    town.city.teams.settings.install = True
    town.deliver(bob)

    assert town.city.world.reads(bob) == ["Hello"]
    town.city.world.app.roles = frozenset()
    town.city.teams.connector.credentials.forget()
    assert "not installed" in town.refusal(eve).reason


def test_a_greeting_follows_an_installation_of_ours(town: Town) -> None:
    bob = town.city.hire("Bob Lee", has_app=False)
    town.city.teams.settings.install = True
    town.deliver(bob)

    town.city.driver.happen()

    assert any("What I can do" in words for words in town.city.world.reads(bob))


def test_a_card_takes_the_place_of_a_longer_one_with_all_its_parts(town: Town) -> None:
    deliver, address = town.city.teams.deliver, f"{town.city.tenant.id}/{town.ada.id}"
    long = Card("Long", (Text("word " * 12_000 + "END"),))
    reference = town.city.do(deliver(Outgoing("one", address, long, "en")))
    assert len(town.hears()) > 2
    assert "END" in town.hears()[-1]

    town.city.do(deliver(Outgoing("two", address, Card("Short"), "en", reference=reference)))
    assert town.hears() == ["Short"]

    town.city.do(deliver(Outgoing("three", address, long, "en", reference=reference)))
    assert "END" in town.hears()[-1]


def test_a_message_that_is_gone_is_posted_anew(town: Town) -> None:
    town.tell(Card("First"), "one", subject="thing:1")
    town.city.settle(timedelta(minutes=1))
    town.city.world.personal(town.ada).messages.clear()

    town.tell(Card("Second"), "two", subject="thing:1")
    town.city.settle(timedelta(minutes=1))

    assert town.hears() == ["Second"]


def test_where_teams_was_heard_last_is_where_it_is_answered(town: Town) -> None:
    world = town.city.world
    elsewhere = f"{world.base}/amer/{town.city.tenant.id}/"
    assert world.service_url(town.city.tenant) == elsewhere

    town.city.driver.say(town.ada, "help")

    spot = town.city.do(town.city.teams.conversations.of(town.city.tenant.id, town.ada.id))
    assert spot.service_url == elsewhere.rstrip("/")


@pytest.mark.parametrize("name", ["composeExtension/query", "composeExtension/fetchTask", "task/fetch"])
def test_what_is_done_in_a_chat_of_other_people_changes_nothing_of_where_we_write(town: Town, name: str) -> None:
    world, driver = town.city.world, town.city.driver
    before = town.city.do(town.city.teams.conversations.of(town.city.tenant.id, town.ada.id))
    place = world.personal(town.ada)
    theirs = {"conversationType": "personal", "id": "19:a_b@unq.gbl.spaces", "tenantId": town.city.tenant.id}
    value = {"commandId": "search", "commandContext": "message", "parameters": [{"name": "query", "value": "x"}]}
    made = activity(world, "invoke", town.ada, place, name=name, value=value)

    assert driver.send_activity(made | {"conversation": theirs}).status_code == 200

    town.city.teams.conversations._noted.clear()
    assert town.city.do(town.city.teams.conversations.of(town.city.tenant.id, town.ada.id)) == before


def test_a_card_of_many_parts_is_taken_at_teams_pace_and_goes_on_where_it_was_refused(town: Town) -> None:
    world = town.city.world
    world.limited = True
    words = " ".join(f"word{number}" for number in range(12_000)) + " END"
    outgoing = Outgoing("l", f"{town.city.tenant.id}/{town.ada.id}", Card("Long", (Text(words),)), "en")
    world.misdeeds["send"] += [Misdeed("", 2), Misdeed("503", 1)]
    with pytest.raises(DeliveryError):
        town.city.do(town.city.teams.deliver(outgoing))
    before = [message.id for message in world.messages(town.ada)]
    assert len(before) == 2

    reference = town.city.do(town.city.teams.deliver(outgoing))

    after = [message.id for message in world.messages(town.ada)]
    assert after[:2] == before
    assert reference.endswith(before[0])
    assert sum("END" in words for words in town.hears()) == 1
    assert len(set(town.hears())) == len(after) > 4


def test_a_secret_that_has_ended_stops_nothing_but_teams_and_the_administrators_hear_of_it(town: Town) -> None:
    city = town.city
    city.teams.connector.credentials.forget()
    david = city.hire("David Chen", "admin", has_app=False)
    good, city.world.app.secret = city.world.app.secret, "another"

    town.tell(Card("Waiting for you"), "w")
    city.settle(timedelta(minutes=2))

    assert town.hears() == []
    assert "AADSTS7000215" in city.do(city.teams.check())
    assert "Teams has locked me out" in city.on_the_web(city.person(david), "/chat")
    assert not [state for state in town.states() if state == State.FAILED]
    city.world.app.secret = good
    city.settle(timedelta(hours=1))
    assert town.hears() == ["Waiting for you"]
    assert city.do(city.teams.check()) == ""


def test_a_token_that_was_withdrawn_before_its_end_is_replaced_and_nobody_is_alarmed(town: Town) -> None:
    city = town.city
    david = city.hire("David Chen", "admin", has_app=False)
    city.world.fail("send", "401")

    town.deliver(town.ada)

    assert town.hears() == ["Hello"]
    assert len(city.world.called("token")) == 1
    city.settle(timedelta(minutes=1))
    assert "Teams has locked me out" not in city.on_the_web(city.person(david), "/chat")


def test_where_no_token_is_taken_the_administrators_hear_of_it(town: Town) -> None:
    city = town.city
    david = city.hire("David Chen", "admin", has_app=False)
    city.world.fail("send", "401", times=2)

    assert not town.refusal(town.ada).permanent

    city.settle(timedelta(minutes=1))
    assert "Teams has locked me out" in city.on_the_web(city.person(david), "/chat")


def test_of_two_cards_put_in_one_place_the_newer_stays(town: Town) -> None:
    reference = town.deliver(town.ada)
    conversation = town.city.world.personal(town.ada)
    where = Where(town.city.tenant.id, town.ada.id, conversation.id, town.city.world.service_url(town.city.tenant))
    town.city.world.fail("update", "503")

    async def put_both() -> None:
        background = town.city.teams.inbound.background
        background.put(where, reference, Card("Older"), "en")
        # Shorter than the pause after which what was refused is sent again.
        await asyncio.sleep(PAUSES[0] / 2)
        background.put(where, reference, Card("Newer"), "en")
        await background.close()

    town.city.do(put_both())

    assert town.hears() == ["Newer"]


def test_who_had_blocked_us_is_written_to_again_once_they_speak(town: Town) -> None:
    city = town.city
    city.driver.say(town.ada, "help")
    with city.app.database.session() as session:
        # As it is found by the process that sends, of which the one that hears knows nothing.
        close_accounts(session, "teams", city.tenant.id, [town.ada.id], "blocked", now=city.clock.now())
    city.teams.conversations._noted.expire(monotonic() + 90)

    city.driver.say(town.ada, "help")

    town.tell(Card("Here again"), "again")
    city.settle(timedelta(minutes=1))
    assert town.hears()[-1] == "Here again"


def test_one_token_is_asked_for_however_many_need_it(town: Town) -> None:
    town.city.teams.connector.credentials.forget()

    async def many() -> None:
        await asyncio.gather(*(town.city.teams.connector.credentials.connector() for _ in range(20)))

    town.city.do(many())

    assert len(town.city.world.called("token")) == 1
