"""Who is a member no more is a stranger from that moment: guests, people of other organisations, the deactivated."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, select

from tests.integrations.slack.city import City
from tests.integrations.slack.test_requests import FILLED
from tests.slackland.world import Thing
from workbot.people import Account, Person

WAYS_OUT: list[dict[str, Any]] = [
    {"is_restricted": True},
    {"is_ultra_restricted": True},
    {"is_stranger": True},
    {"team_id": "T0ELSEWHERE"},
    {"deleted": True},
]


class Town:
    """The IT desk, an agent, HR, and somebody with a request."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ada, self.bea = city.hire("Ada Tremblay"), city.hire("Bea Novak", "agent:it")
        self.priya = city.hire("Priya Nair", "hr")
        self.channel = city.world.add_channel(city.workspace, "it")
        city.compare()
        city.driver.command(self.ada, "/request", "it Laptop")
        city.driver.submit(self.ada, **FILLED)

    def becomes(self, user: Thing, how: dict[str, Any], heard: str) -> None:
        """Somebody is a member no more, and Slack tells of it or a comparison finds it."""
        user |= how
        if heard == "event":
            self.city.driver.event({"type": "user_change", "user": user})
        else:
            self.city.compare()

    def session(self) -> Session:
        return Session(self.city.app.database.engine)

    def account(self, name: str) -> Account:
        with self.session() as session:
            wanted = select(Account).join(Person).where(Person.name == name, Account.platform == "slack")
            return session.exec(wanted).one()


@pytest.fixture
def town(city: City) -> Town:
    return Town(city)


@pytest.mark.parametrize("heard", ["event", "comparison"])
@pytest.mark.parametrize("how", WAYS_OUT, ids=lambda how: next(iter(how)))
def test_who_is_a_member_no_more_is_a_stranger_in_all_they_do(town: Town, how: dict[str, Any], heard: str) -> None:
    city, world, ada = town.city, town.city.world, town.ada
    seen = world.reads(ada["id"])
    assert any("IT-1" in card for card in seen)

    town.becomes(ada, how, heard)

    city.driver.command(ada, "/workbot", "requests")
    city.driver.command(ada, "/request", "it Another laptop")
    city.driver.open_home(ada)
    city.driver.press(town.bea, "Take it", channel=town.channel)
    assert all("We have not met" in said for said in world.whispered(ada["id"])[-2:])
    # Slack shows no page to whom it does not know in this workspace.
    assert "We have not met" in (world.home(ada["id"]) or "We have not met")
    assert world.reads(ada["id"]) == seen
    assert "Ada Tremblay has no Slack account any more" in "\n".join(world.reads(town.priya["id"]))
    with town.session() as session:
        person = session.exec(select(Person).where(Person.name == "Ada Tremblay")).one()
    assert "Bea Novak" in city.on_the_web(person, "/chat")


def test_a_stranger_unfurls_nothing_and_presses_in_vain(town: Town) -> None:
    city, world = town.city, town.city.world
    town.becomes(town.bea, {"is_restricted": True}, "event")
    before = world.reads(town.channel)

    city.driver.press(town.bea, "Take it", channel=town.channel)
    link = {"domain": "bot.city.example", "url": "https://bot.city.example/chat/requests/IT-1"}
    city.driver.event(
        {"type": "link_shared", "user": town.bea["id"], "channel": town.channel, "message_ts": "1.2", "links": [link]}
    )

    assert world.reads(town.channel) == before
    assert world.unfurls == []


@pytest.mark.parametrize("heard", ["event", "comparison"])
def test_who_is_a_member_again_is_linked_again(town: Town, heard: str) -> None:
    town.becomes(town.ada, {"is_restricted": True}, "event")

    town.becomes(town.ada, {"is_restricted": False}, heard)

    town.city.driver.command(town.ada, "/workbot", "requests")
    assert "IT-1" in town.city.world.whispered(town.ada["id"])[-1]
    assert town.account("Ada Tremblay").unreachable == ""


def test_who_comes_back_under_another_address_is_linked_by_the_rules(town: Town) -> None:
    bob = town.city.hire("Bob Lee", in_slack=False)
    town.becomes(town.ada, {"is_restricted": True}, "event")
    town.ada["profile"]["email"] = "unknown@elsewhere.example"

    town.becomes(town.ada, {"is_restricted": False}, "event")
    town.city.driver.command(town.ada, "/workbot", "requests")
    assert "We have not met" in town.city.world.whispered(town.ada["id"])[-1]

    town.ada["profile"]["email"] = "bob.lee@city.example"
    town.becomes(town.ada, {}, "event")
    assert town.account("Bob Lee").person_id == bob["person"]


def test_whom_the_file_names_is_a_stranger_as_a_guest_and_known_again_after(town: Town) -> None:
    guest = town.city.world.add_user(town.city.workspace, "Eve", "private@elsewhere.example", is_restricted=True)
    town.city.hire("Eve Martin", in_slack=False)
    with town.city.app.database.session() as session:
        eve = session.exec(select(Person).where(Person.name == "Eve Martin")).one()
        session.add(Account(person_id=eve.id, platform="slack", user=guest["id"], address=guest["id"], listed=True))

    town.city.compare()
    assert town.account("Eve Martin").unreachable == "a guest in Slack"
    town.city.driver.command(guest, "/workbot", "requests")
    assert "We have not met" in town.city.world.whispered(guest["id"])[-1]

    town.becomes(guest, {"is_restricted": False}, "comparison")
    town.city.driver.command(guest, "/workbot", "requests")
    assert "We have not met" not in town.city.world.whispered(guest["id"])[-1]


def test_who_has_a_new_account_after_the_old_one_ended_is_linked_to_it(town: Town) -> None:
    town.becomes(town.ada, {"deleted": True}, "comparison")
    town.city.world.add_user(town.city.workspace, "Ada Tremblay", "ada.tremblay@city.example")

    town.city.compare()

    with town.session() as session:
        found = session.exec(select(Account).join(Person).where(Person.name == "Ada Tremblay")).all()
    assert sorted(one.access_ended_at is None for one in found if one.platform == "slack") == [False, True]


def test_whom_no_list_names_is_asked_about_before_they_are_strangers(town: Town) -> None:
    world = town.city.world
    world.fail("users.list", 'json:{"ok": true, "members": []}')

    town.city.compare()

    assert len(world.called("users.info")) >= 3
    assert town.account("Ada Tremblay").access_ended_at is None


def test_a_member_of_several_workspaces_of_an_organisation_is_one_of_each(town: Town) -> None:
    grid = {"enterprise_id": "E1", "teams": ["T0OTHER", town.city.workspace.id]}

    town.becomes(town.ada, {"team_id": "T0OTHER", "enterprise_user": grid}, "event")

    assert town.account("Ada Tremblay").access_ended_at is None


def test_an_address_that_two_accounts_have_links_nobody_on_whatever_pages_they_stand(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integrations.slack import directory

    monkeypatch.setattr(directory, "PAGE", 1)
    monkeypatch.setattr(directory, "PAUSE_SECONDS", 0.0)
    city.hire("Ada Tremblay")
    city.world.add_user(city.workspace, "Another Ada", "ada.tremblay@city.example")

    city.compare()

    with city.app.database.session() as session:
        assert session.exec(select(Account).where(Account.platform == "slack")).all() == []
