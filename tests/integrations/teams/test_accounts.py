"""Whose account is whose, which channel is which desk's, and what is said when that changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from tests.integrations.teams.city import City
from tests.teamsland.things import Person as User
from workbot.cards import Card
from workbot.delivery import tell
from workbot.people import Account, Channel, Person


@pytest.fixture
def city(city: City) -> City:
    """A city whose directory Graph lets us read."""
    city.teams.settings.compare = True
    return city


def accounts(city: City) -> dict[str, str]:
    """Teams accounts by the names of their people."""
    with city.app.database.session() as session:
        rows = session.exec(select(Person.name, Account).join(Account).where(col(Account.platform) == "teams"))
        return {name: f"{account.address}{'!' if account.unreachable else ''}" for name, account in rows}


def channels(city: City) -> dict[str, str]:
    with city.app.database.session() as session:
        return dict(
            session.exec(
                select(Channel.name, Channel.address).where(Channel.platform == "teams", Channel.closed == "")
            ).all()
        )


def hears(city: City, user: User) -> str:
    return "\n".join(city.world.reads(user))


def on_the_web(city: City, user: User) -> str:
    return city.on_the_web(city.person(user), "/chat")


def address(city: City, user: User) -> str:
    return f"{city.tenant.id}/{user.id}"


def test_people_are_linked_by_the_address_that_entra_has_of_them(city: City) -> None:
    ada = city.hire("Ada Tremblay", has_app=False)

    city.compare()

    assert accounts(city) == {"Ada Tremblay": address(city, ada)}


def test_an_address_that_two_accounts_have_links_nobody(city: City) -> None:
    city.hire("Ada Tremblay", has_app=False)
    city.world.add_person(city.tenant, "Another Ada", "ADA.tremblay@city.example")

    city.compare()

    assert accounts(city) == {}


def test_an_address_that_two_accounts_have_links_nobody_on_whatever_pages_they_stand(city: City) -> None:
    city.world.page_size = 1
    city.hire("Ada Tremblay", has_app=False)
    city.hire("Bob Lee", has_app=False)
    city.world.add_person(city.tenant, "Ada’s other account", "ada.tremblay@city.example")

    city.compare()

    assert set(accounts(city)) == {"Bob Lee"}


def test_who_writes_in_a_shared_channel_from_another_organisation_is_nobody_of_ours(city: City) -> None:
    ada = city.hire("Ada Tremblay", has_app=False)
    foreign = city.world.add_person(city.world.add_tenant("Elsewhere"), "Mallory", ada.mail)
    team = city.add_team("Projects", ada, foreign)

    city.driver.say(foreign, "requests", channel=team.channels[0], mention=True)

    assert accounts(city).get("Ada Tremblay") != address(city, foreign)


def test_a_guest_whose_kind_is_not_told_is_known_by_their_name(city: City) -> None:
    ada = city.hire("Ada Tremblay", has_app=False)
    ada.upn = "ada.tremblay_elsewhere.example#EXT#@city.example"
    city.world.change_person(ada, userType=None)

    city.compare()

    assert accounts(city) == {}


@pytest.mark.parametrize("kind", [{"userType": "Guest"}, {"accountEnabled": False}])
def test_guests_and_those_who_may_not_sign_in_are_not_linked(city: City, kind: dict[str, object]) -> None:
    ada = city.hire("Ada Tremblay", has_app=False)
    city.world.change_person(ada, **kind)

    city.compare()

    assert accounts(city) == {}


def test_who_has_an_account_keeps_it_whatever_address_another_takes(city: City) -> None:
    ada = city.hire("Ada Tremblay", has_app=False)
    city.compare()
    city.world.change_person(ada, mail="new@city.example")
    city.world.add_person(city.tenant, "Thief", "ada.tremblay@city.example")

    city.compare()

    assert accounts(city) == {"Ada Tremblay": address(city, ada)}


def test_whom_a_directory_names_is_linked_without_any_address(city: City) -> None:
    ada = city.hire("Ada Tremblay", has_app=False)
    city.world.change_person(ada, mail="private@elsewhere.example")
    with city.app.database.session() as session:
        person = session.exec(select(Person)).one()
        session.add(Account(person_id=person.id, platform="teams", user=ada.id, address=ada.id, listed=True))

    city.compare()

    assert accounts(city) == {"Ada Tremblay": address(city, ada)}


def test_who_is_named_by_a_directory_alone_can_be_written_to_before_any_comparing(city: City) -> None:
    ada = city.hire("Ada Tremblay", has_app=False)
    ada.has_app = True
    with city.app.database.session() as session:
        person = session.exec(select(Person)).one()
        session.add(Account(person_id=person.id, platform="teams", user=ada.id, address=ada.id, listed=True))
        session.flush()
        tell(session, person, Card("Welcome"), key="w", now=city.clock.now())

    city.settle(timedelta(minutes=1))

    assert "Welcome" in hears(city, ada)


def test_a_newcomer_is_linked_when_they_first_write(city: City) -> None:
    bob = city.hire("Bob Lee")

    assert accounts(city) == {"Bob Lee": address(city, bob)}
    assert "I do not know" not in hears(city, bob)


def test_a_stranger_is_shown_the_way_in(city: City) -> None:
    eve = city.world.add_person(city.tenant, "Eve Stranger", "eve@elsewhere.example")

    city.driver.install(eve)

    assert "We have not met" in hears(city, eve)
    assert accounts(city) == {}


def test_what_has_changed_is_read_and_not_everything_each_time(city: City) -> None:
    city.hire("Ada Tremblay", has_app=False)
    city.compare()
    city.world.calls.clear()

    city.compare()

    (asked,) = city.world.called("delta")
    assert "$deltatoken" in asked


def test_when_graph_has_forgotten_how_far_we_were_all_is_read_anew(city: City) -> None:
    city.hire("Ada Tremblay", has_app=False)
    city.compare()
    city.world.expire_deltas()
    city.hire("Bob Lee", has_app=False)

    city.compare()

    assert set(accounts(city)) == {"Ada Tremblay", "Bob Lee"}


def test_many_pages_of_people_are_read_whole(city: City) -> None:
    city.world.page_size = 7
    for number in range(40):
        city.hire(f"Person Number{number}", has_app=False)

    city.compare()

    assert len(accounts(city)) == 40


def test_who_has_left_the_directory_is_reached_elsewhere_and_hr_hears_of_it(city: City) -> None:
    ada, priya = city.hire("Ada Tremblay"), city.hire("Priya Nair", "hr")
    city.compare()

    city.world.remove_person(ada)
    city.compare()

    assert accounts(city)["Ada Tremblay"].endswith("!")
    assert "Ada Tremblay has no Teams account any more" in hears(city, priya)


def test_when_a_list_is_read_anew_those_who_are_missing_from_it_are_gone(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    city.hire("Bob Lee")
    city.compare()
    city.world.remove_person(ada)
    city.world.changes.clear()
    city.world.expire_deltas()
    city.world.changes.extend(one for one in city.world.people.values() if not one.is_gone)

    city.compare()

    assert accounts(city)["Ada Tremblay"].endswith("!")
    assert not accounts(city)["Bob Lee"].endswith("!")


def test_when_half_of_all_are_gone_at_once_nobody_is_and_the_administrators_look(city: City) -> None:
    david = city.hire("David Chen", "admin")
    people = [city.hire(f"Person Number{number}", has_app=False) for number in range(6)]
    city.compare()

    for user in people[:4]:
        city.world.remove_person(user)
    city.compare()

    assert not any(found.endswith("!") for found in accounts(city).values())
    assert "Many Teams accounts are gone at once" in hears(city, david)


def test_without_the_permission_people_are_linked_one_by_one(city: City) -> None:
    city.world.app.roles = frozenset()
    bob = city.hire("Bob Lee")

    city.compare()

    assert accounts(city) == {"Bob Lee": address(city, bob)}


def test_a_desk_finds_the_channel_of_its_name_and_its_agents_hear_of_it(city: City) -> None:
    bea = city.hire("Bea Novak", "agent:it")
    team = city.world.add_team(city.tenant, "Technology", [bea])
    channel = city.world.add_channel(team, "IT")

    city.driver.add_to_team(team, bea)
    city.compare()

    assert channels(city) == {"it": f"{city.tenant.id}/{channel.id}"}
    assert hears(city, bea).count("Your desk has a channel in Teams") == 1


def test_a_channel_that_is_made_or_renamed_later_is_found_too(city: City) -> None:
    bea = city.hire("Bea Novak", "agent:it")
    team = city.add_team("Technology", bea)
    assert channels(city) == {}

    channel = city.driver.change_team(team, bea, "channelCreated", name="helpdesk")
    assert channels(city) == {}
    city.driver.change_team(team, bea, "channelRenamed", channel=channel, name="It")

    assert channels(city) == {"it": f"{city.tenant.id}/{channel.id}"}


@pytest.mark.parametrize("event", ["channelDeleted", "teamArchived", "teamDeleted"])
def test_a_channel_that_is_gone_is_told_to_its_desk(city: City, event: str) -> None:
    bea = city.hire("Bea Novak", "agent:it")
    team = city.world.add_team(city.tenant, "Technology", [bea])
    channel = city.world.add_channel(team, "it")
    city.driver.add_to_team(team, bea)

    city.driver.change_team(team, bea, event, channel=channel)

    assert channels(city) == {}
    assert "Your desk’s channel in Teams is closed to me" in hears(city, bea)


def test_a_private_desk_says_nothing_where_its_file_does_not_say_that_it_may(city: City) -> None:
    lee = city.hire("Lee Grant", "agent:hr")
    team = city.world.add_team(city.tenant, "People", [lee])
    channel = city.world.add_channel(team, "hr")

    city.driver.add_to_team(team, lee)

    assert channels(city) == {}
    assert channel.id in hears(city, lee)
    with city.app.database.session() as session:
        home = session.exec(select(Channel).where(Channel.name == "hr", Channel.platform == "web")).one()
        home.channels = {"teams": channel.id}
    city.compare()
    assert channels(city) == {"hr": f"{city.tenant.id}/{channel.id}"}


def test_who_removes_us_from_a_desks_team_is_told_how_to_bring_us_back(city: City) -> None:
    bea = city.hire("Bea Novak", "agent:it")
    team = city.world.add_team(city.tenant, "Technology", [bea])
    city.world.add_channel(team, "it")
    city.driver.add_to_team(team, bea)

    city.driver.remove_from_team(team, bea)

    assert channels(city) == {}
    assert "Add the app to the team again" in hears(city, bea)


def test_who_removes_the_app_is_reached_at_home_and_in_teams_again_once_they_are_back(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    city.driver.uninstall(ada)
    assert accounts(city)["Ada Tremblay"].endswith("!")
    with city.app.database.session() as session:
        tell(session, session.exec(select(Person)).one(), Card("While you were away"), key="a", now=city.clock.now())
    city.settle(timedelta(minutes=1))
    assert "While you were away" in on_the_web(city, ada)

    city.driver.install(ada)

    assert not accounts(city)["Ada Tremblay"].endswith("!")
    with city.app.database.session() as session:
        tell(session, session.exec(select(Person)).one(), Card("Welcome back"), key="b", now=city.clock.now())
    city.settle(timedelta(minutes=1))
    assert "Welcome back" in hears(city, ada)


class Desk:
    """The IT desk's channel in a team that has us."""

    def __init__(self, city: City) -> None:
        self.city, self.bea = city, city.hire("Bea Novak", "agent:it")
        self.team = city.world.add_team(city.tenant, "Technology", [self.bea])
        self.channel = city.world.add_channel(self.team, "it")
        city.driver.add_to_team(self.team, self.bea)

    @property
    def is_open(self) -> bool:
        return channels(self.city) == {"it": f"{self.city.tenant.id}/{self.channel.id}"}

    def changes(self, event: str, **more: str) -> None:
        self.city.driver.change_team(self.team, self.bea, event, channel=self.channel, **more)


@pytest.fixture
def desk(city: City) -> Desk:
    made = Desk(city)
    assert made.is_open
    return made


def test_a_channel_is_the_desks_whatever_it_is_called_now(desk: Desk) -> None:
    desk.changes("channelRenamed", name="something else")
    assert desk.is_open
    desk.city.compare()
    assert desk.is_open


def test_a_renamed_channel_that_was_deleted_is_open_again_when_it_is_restored(desk: Desk) -> None:
    desk.changes("channelRenamed", name="something else")
    desk.changes("channelDeleted")
    assert channels(desk.city) == {}

    desk.changes("channelRestored")

    assert desk.is_open


def test_a_renamed_channel_is_open_again_when_the_app_is_back_in_its_team(desk: Desk) -> None:
    desk.changes("channelRenamed", name="something else")
    desk.city.driver.remove_from_team(desk.team, desk.bea)
    assert channels(desk.city) == {}

    desk.city.driver.add_to_team(desk.team, desk.bea)

    assert desk.is_open


def test_a_channel_that_takes_a_desks_name_does_not_take_its_place(desk: Desk) -> None:
    desk.changes("channelRenamed", name="it old")
    other = desk.city.world.add_team(desk.city.tenant, "Others", [desk.bea])
    desk.city.world.add_channel(other, "it")

    desk.city.driver.add_to_team(other, desk.bea)
    desk.city.compare()

    assert desk.is_open


def test_a_channel_that_is_gone_without_a_word_is_found_gone(desk: Desk) -> None:
    desk.channel.is_gone = True

    desk.city.compare()

    assert channels(desk.city) == {}
    assert "Your desk’s channel in Teams is closed to me" in hears(desk.city, desk.bea)
