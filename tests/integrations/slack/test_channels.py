"""A desk's channel: known by its id, lost and found again, and what a private desk asks of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from integrations.slack.models import SlackChannel
from tests.integrations.slack.city import City
from tests.integrations.slack.test_accounts import channels
from tests.slackland.world import Thing
from workbot.cards import Card, Text
from workbot.delivery import tell_channel
from workbot.people import Channel


class Hall:
    """A desk with a channel, and its agent."""

    def __init__(self, city: City, desk: str, *, private: bool) -> None:
        self.city, self.world, self.desk, self.private = city, city.world, desk, private
        self.agent = city.hire("Bea Novak", f"agent:{desk}")
        self.other = city.hire("Eve Other")
        city.compare()
        self.channel = city.world.add_channel(city.workspace, desk, private=private)
        if private:
            self.joins(self.agent)
        else:
            city.compare()

    @property
    def here(self) -> Thing:
        return self.world.channels[self.channel]

    @property
    def is_open(self) -> bool:
        return channels(self.city) == {self.desk: f"{self.city.workspace.id}/{self.channel}"}

    def event(self, kind: str, **more: Any) -> None:
        self.city.driver.event({"type": kind, "channel": self.channel, **more})

    def joins(self, inviter: Thing) -> None:
        self.here["is_member"] = True
        self.event("member_joined_channel", user=self.city.workspace.bot_user, inviter=inviter["id"])

    def leaves(self) -> None:
        self.here["is_member"] = False
        self.event("group_left" if self.private else "channel_left")

    def renamed(self, name: str) -> None:
        self.here["name"] = name
        self.event("group_rename" if self.private else "channel_rename", channel={"id": self.channel, "name": name})

    def archived(self, *, is_member: bool = True) -> None:
        self.here.update({"is_archived": True, "is_member": is_member})
        self.event("group_archive" if self.private else "channel_archive")

    def unarchived(self) -> None:
        self.here["is_archived"] = False
        self.event("group_unarchive" if self.private else "channel_unarchive")

    def hears(self) -> str:
        return "\n".join(self.world.reads(self.agent["id"]))

    def says(self, words: str) -> str:
        """What the channel reads after something was meant for it."""
        with self.city.app.database.session() as session:
            card = Card(words, (Text("private"),))
            tell_channel(session, self.desk, lambda place: card, key=words, now=self.city.clock.now())
        self.city.settle(timedelta(seconds=1))
        return "\n".join(self.world.reads(self.channel))


@pytest.fixture(params=[("it", False), ("it", True), ("hr", True)], ids=["open", "private", "private-desk"])
def hall(request: pytest.FixtureRequest, city: City) -> Hall:
    desk, private = request.param
    made = Hall(city, desk, private=private)
    assert made.is_open
    return made


@pytest.fixture
def hr(city: City) -> Hall:
    return Hall(city, "hr", private=True)


def test_a_channel_is_the_desks_whatever_it_is_called_now(hall: Hall) -> None:
    hall.renamed("something-else")
    assert hall.is_open
    hall.city.compare()
    assert hall.is_open


def test_a_channel_that_was_renamed_and_archived_is_open_again_when_it_is(hall: Hall) -> None:
    hall.renamed("something-else")
    hall.archived()
    assert channels(hall.city) == {}
    assert "/invite @workbot" in hall.hears()

    hall.unarchived()

    assert hall.is_open
    assert "Back again" in hall.says("Back again")


def test_who_is_removed_from_a_renamed_channel_and_invited_back_speaks_there_again(hall: Hall) -> None:
    hall.renamed("something-else")
    hall.leaves()
    assert channels(hall.city) == {}
    hall.city.compare()
    assert channels(hall.city) == {}, "whoever removed us finds us there again of our own accord"

    hall.joins(hall.agent)

    assert hall.is_open


def test_a_comparison_finds_what_no_event_told(hall: Hall) -> None:
    hall.here.update({"is_archived": True, "name": "other"})
    hall.city.compare()
    assert channels(hall.city) == {}

    hall.here["is_archived"] = False
    hall.city.compare()

    assert hall.is_open


def test_an_open_channel_out_of_which_archiving_put_us_is_entered_again(city: City) -> None:
    hall = Hall(city, "it", private=False)
    hall.archived(is_member=False)

    hall.unarchived()

    assert hall.is_open


def test_a_channel_that_takes_a_desks_name_does_not_take_its_place(city: City) -> None:
    hall = Hall(city, "it", private=False)
    hall.renamed("it-old")
    imposter = city.world.add_channel(city.workspace, "it")

    city.driver.event({"type": "channel_rename", "channel": {"id": imposter, "name": "it"}})
    city.compare()

    assert hall.is_open


def test_another_name_in_the_desks_file_is_another_channel(city: City) -> None:
    Hall(city, "it", private=False)
    helpdesk = city.world.add_channel(city.workspace, "helpdesk")
    with city.app.database.session() as session:
        home = session.exec(select(Channel).where(Channel.name == "it", Channel.platform == "web")).one()
        home.channels = {"slack": "#helpdesk"}

    city.compare()

    assert channels(city) == {"it": f"{city.workspace.id}/{helpdesk}"}


def test_a_channel_with_another_id_is_the_same(city: City) -> None:
    hall = Hall(city, "it", private=False)
    new = "C0NEW"
    city.world.channels[new] = city.world.channels.pop(hall.channel) | {"id": new}

    city.driver.event({"type": "channel_id_changed", "old_channel_id": hall.channel, "new_channel_id": new})

    assert channels(city) == {"it": f"{city.workspace.id}/{new}"}


def test_a_private_desk_is_brought_back_by_its_own_people_only(hr: Hall) -> None:
    hr.here["creator"] = hr.agent["id"]
    hr.leaves()

    hr.joins(hr.other)
    assert channels(hr.city) == {}
    assert "Somebody who is not of" in hr.hears()
    hr.city.compare()
    assert channels(hr.city) == {}, "a comparison forgets who it was"

    hr.leaves()
    hr.joins(hr.agent)
    assert hr.is_open


def test_a_private_desks_channel_that_its_file_names_takes_us_from_anyone(hr: Hall) -> None:
    with hr.city.app.database.session() as session:
        home = session.exec(select(Channel).where(Channel.name == "hr", Channel.platform == "web")).one()
        home.channels = {"slack": hr.channel}
    hr.leaves()

    hr.joins(hr.other)

    assert hr.is_open


@pytest.mark.parametrize(
    "how",
    [
        {"is_ext_shared": True, "is_shared": True},
        {"is_pending_ext_shared": True},
        {"pending_connected_team_ids": ["T0OTHER"]},
        {"is_shared": True},
    ],
    ids=lambda how: next(iter(how)),
)
@pytest.mark.parametrize("event", ["channel_shared", "shared_channel_invite_accepted", "comparison"])
def test_a_private_desk_says_nothing_where_another_organisation_reads(
    hr: Hall, how: dict[str, Any], event: str
) -> None:
    hr.here.update(how)
    if event == "comparison":
        hr.city.compare()
    else:
        hr.event(event, channel={"id": hr.channel} if event.startswith("shared") else hr.channel)

    assert channels(hr.city) == {}
    assert "is shared with another organisation" in hr.hears()
    assert "Secret" not in hr.says("Secret")


def test_a_channel_that_workspaces_of_one_organisation_share_is_fine(hr: Hall) -> None:
    hr.here.update({"is_shared": True, "is_org_shared": True})

    hr.city.compare()

    assert hr.is_open


@pytest.mark.parametrize("how", [{"is_ext_shared": True}, {"is_private": False}], ids=["shared", "public"])
def test_a_private_thing_is_not_sent_where_nothing_told_of_the_change(hr: Hall, how: dict[str, Any]) -> None:
    assert "Before" in hr.says("Before")
    hr.here.update(how)
    hr.city.clock.at += timedelta(minutes=11)

    assert "Secret" not in hr.says("Secret")
    assert channels(hr.city) == {}
    assert "I say nothing there" in hr.hears()


def test_what_is_known_of_a_channel_is_not_asked_for_each_message(hr: Hall) -> None:
    hr.world.calls.clear()
    for number in range(5):
        hr.says(f"Message {number}")

    assert len(hr.world.called("chat.postMessage")) >= 5
    assert hr.world.called("conversations.info") == []


@pytest.mark.parametrize("how", ["429", "404", "500", "html", 'json:{"ok": true}', "error:missing_scope"])
def test_where_slack_does_not_say_who_reads_along_the_agents_hear_of_it_in_their_own_chats(hr: Hall, how: str) -> None:
    hr.city.clock.at += timedelta(minutes=11)
    hr.world.fail("conversations.info", how, times=1000)

    assert "Secret" not in hr.says("Secret")
    assert "who reads along" in hr.hears()

    hr.world.misdeeds.clear()
    hr.city.settle(timedelta(hours=1))
    assert "Secret" in "\n".join(hr.world.reads(hr.channel))


def test_an_event_that_could_not_be_looked_into_is_looked_into_before_anything_private_goes(hr: Hall) -> None:
    hr.here["is_ext_shared"] = True
    hr.world.fail("conversations.info", "404")
    hr.event("channel_shared")
    with hr.city.app.database.session() as session:
        assert session.get_one(SlackChannel, (hr.city.workspace.id, hr.channel)).checked_at is None

    assert "Secret" not in hr.says("Secret")


def test_a_channel_made_open_by_a_message_that_says_so_is_closed_to_a_private_desk(hr: Hall) -> None:
    hr.here["is_private"] = False

    hr.event("message", subtype="channel_convert_to_public", user=hr.other["id"], ts="1.1", text="made public")

    assert channels(hr.city) == {}
