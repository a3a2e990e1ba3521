"""Whose account is whose, which channel is which desk's, and what is said when that changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cachetools import TTLCache
from sqlmodel import col, select

from integrations.slack import workspaces
from tests.integrations.slack.city import City
from tests.slackland.world import Thing
from workbot.people import Account, Channel, Person


def accounts(city: City) -> dict[str, str]:
    """Slack accounts by the names of their people."""
    with city.app.database.session() as session:
        rows = session.exec(select(Person.name, Account).join(Account).where(col(Account.platform) == "slack"))
        return {name: f"{account.address}{'!' if account.unreachable else ''}" for name, account in rows}


def channels(city: City) -> dict[str, str]:
    with city.app.database.session() as session:
        return dict(
            session.exec(
                select(Channel.name, Channel.address).where(Channel.platform == "slack", Channel.closed == "")
            ).all()
        )


def on_the_web(city: City, person: Thing | str) -> str:
    name = person if isinstance(person, str) else person["real_name"]
    with city.app.database.session() as session:
        found = session.exec(select(Person).where(Person.name == name)).one()
    return city.on_the_web(found, "/chat")


def test_people_are_linked_by_the_address_that_slack_has_verified(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    city.hire("Bob Unverified", in_slack=False)
    city.world.add_user(city.workspace, "Bob", "bob.unverified@city.example", confirmed=False)

    city.compare()

    assert accounts(city) == {"Ada Tremblay": f"{city.workspace.id}/{ada['id']}"}


def test_an_address_that_two_accounts_have_links_nobody(city: City) -> None:
    city.hire("Ada Tremblay")
    city.world.add_user(city.workspace, "Another Ada", "ADA.tremblay@city.example")

    city.compare()

    assert accounts(city) == {}


@pytest.mark.parametrize("kind", ["is_bot", "deleted", "is_restricted", "is_stranger"])
def test_bots_guests_and_those_who_have_gone_are_not_linked(city: City, kind: str) -> None:
    city.hire("Ada Tremblay", in_slack=False)
    city.world.add_user(city.workspace, "Ada", "ada.tremblay@city.example", **{kind: True})

    city.compare()

    assert accounts(city) == {}


def test_who_has_an_account_keeps_it_whatever_address_another_takes(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    city.compare()
    ada["profile"]["email"] = "new@city.example"
    city.world.add_user(city.workspace, "Thief", "ada.tremblay@city.example")

    city.compare()

    assert accounts(city) == {"Ada Tremblay": f"{city.workspace.id}/{ada['id']}"}


def test_whom_a_directory_names_is_linked_without_any_address(city: City) -> None:
    city.hire("Ada Tremblay", in_slack=False)
    user = city.world.add_user(city.workspace, "Ada", "private@elsewhere.example")
    with city.app.database.session() as session:
        ada = session.exec(select(Person)).one()
        session.add(Account(person_id=ada.id, platform="slack", user=user["id"], address=user["id"], listed=True))

    city.compare()

    assert accounts(city) == {"Ada Tremblay": f"{city.workspace.id}/{user['id']}"}


def test_a_newcomer_is_linked_when_they_join_and_when_they_first_write(city: City) -> None:
    ada, bob = city.hire("Ada Tremblay"), city.hire("Bob Lee")

    city.driver.event({"type": "team_join", "user": ada})
    city.driver.command(bob, "/pulse")

    assert set(accounts(city)) == {"Ada Tremblay", "Bob Lee"}
    assert not any("I do not know" in said for said in city.world.whispered(bob["id"]))


def test_who_is_deactivated_is_reached_elsewhere_and_hr_hears_of_it(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    priya = city.hire("Priya Nair", "hr")
    city.compare()

    ada["deleted"] = True
    city.driver.event({"type": "user_change", "user": ada})

    assert accounts(city)["Ada Tremblay"].endswith("!")
    assert "Ada Tremblay has no Slack account any more" in "\n".join(city.world.reads(priya["id"]))
    ada["deleted"] = False
    city.driver.event({"type": "user_change", "user": ada})
    assert not accounts(city)["Ada Tremblay"].endswith("!")


def test_a_desk_finds_the_channel_of_its_name_and_its_agents_hear_of_it(city: City) -> None:
    bea = city.hire("Bea Novak", "agent:it")
    channel = city.world.add_channel(city.workspace, "it")

    city.compare()
    city.compare()

    assert channels(city) == {"it": f"{city.workspace.id}/{channel}"}
    assert "\n".join(city.world.reads(bea["id"])).count("Your desk has a channel in Slack") == 1


def test_a_private_desk_says_nothing_in_an_open_channel(city: City) -> None:
    lee = city.hire("Lee Grant", "agent:hr")
    city.world.add_channel(city.workspace, "hr")

    city.compare()

    assert channels(city) == {}
    assert "Your desk’s channel in Slack must be private" in "\n".join(city.world.reads(lee["id"]))


def test_a_private_channel_is_a_desks_when_one_of_the_desk_brings_us_there(city: City) -> None:
    lee, eve = city.hire("Lee Grant", "agent:hr"), city.hire("Eve Other")
    city.compare()
    for inviter, expected in ((eve, {}), (lee, {"hr"})):
        channel = city.world.add_channel(city.workspace, "hr", private=True, is_member=True, creator=inviter["id"])
        event = {"type": "member_joined_channel", "user": city.workspace.bot_user, "channel": channel}

        city.driver.event(event | {"inviter": inviter["id"]})

        assert channels(city).keys() == set(expected)
        city.world.channels[channel]["is_archived"] = True


def test_who_removes_us_from_a_desks_channel_is_told_how_to_bring_us_back(city: City) -> None:
    bea = city.hire("Bea Novak", "agent:it")
    channel = city.world.add_channel(city.workspace, "it")
    city.compare()

    city.world.channels[channel]["is_member"] = False
    city.driver.event({"type": "member_left_channel", "user": city.workspace.bot_user, "channel": channel})

    assert channels(city) == {}
    assert "/invite @workbot" in "\n".join(city.world.reads(bea["id"]))
    city.world.channels[channel]["is_member"] = True
    event = {"type": "member_joined_channel", "user": city.workspace.bot_user, "channel": channel}
    city.driver.event(event | {"inviter": bea["id"]})
    assert channels(city) == {"it": f"{city.workspace.id}/{channel}"}


def test_a_channel_that_is_found_closed_when_we_write_is_told_too(city: City) -> None:
    ada, bea = city.hire("Ada Tremblay"), city.hire("Bea Novak", "agent:it")
    channel = city.world.add_channel(city.workspace, "it")
    city.compare()
    city.world.channels[channel]["is_archived"] = True

    city.driver.command(ada, "/request", "it Laptop")
    city.driver.submit(ada, What_kind="A question", How_much="No hurry")
    city.settle(timedelta(minutes=1))

    assert "Your desk’s channel in Slack is closed to me" in "\n".join(city.world.reads(bea["id"]))


def test_a_revoked_token_stops_nothing_but_slack_and_the_administrators_hear_of_it(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    city.hire("David Chen", "admin", in_slack=False)
    city.compare()
    city.workspace.revoked = "token_revoked"

    with city.app.database.session() as session:
        person = session.exec(select(Person).where(Person.name == "Ada Tremblay")).one()
        from workbot.cards import Card
        from workbot.delivery import tell

        tell(session, person, Card("Waiting for you"), key="w", now=city.clock.now())
    city.settle(timedelta(minutes=2))

    assert "Slack has locked me out" in on_the_web(city, "David Chen")
    assert not accounts(city)["Ada Tremblay"].endswith("!")
    city.workspace.revoked = ""
    city.settle(timedelta(hours=1))
    assert "Waiting for you" in "\n".join(city.world.reads(ada["id"]))


def test_many_pages_of_people_are_read_whole(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    from integrations.slack import directory

    monkeypatch.setattr(directory, "PAGE", 7)
    monkeypatch.setattr(directory, "PAUSE_SECONDS", 0.0)
    for number in range(40):
        city.hire(f"Person Number{number}")

    city.compare()

    assert len(accounts(city)) == 40


def test_a_token_that_is_found_revoked_is_told_of_and_found_well_again(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspaces, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(city.slack.workspaces, "_known", TTLCache[str, workspaces.Workspace](10, 0.0))
    city.hire("David Chen", "admin", in_slack=False)
    city.compare()

    async def look() -> str:
        """What `readyz` says once Slack was asked again; what was under way before may still hear the old."""
        for _ in range(2):
            await city.slack.check()
            assert city.slack.workspaces._asking is not None
            await city.slack.workspaces._asking
        return await city.slack.check()

    assert city.do(look()) == ""
    city.workspace.revoked = "token_revoked"
    assert "token_revoked" in city.do(look())
    city.workspace.revoked = ""
    assert city.do(look()) == ""
