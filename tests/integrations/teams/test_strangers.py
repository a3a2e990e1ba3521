"""Who belongs to the tenant no more is a stranger: guests, the disabled, the removed; and who is elsewhere confirms."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, select

from tests.integrations.teams.city import City
from tests.integrations.teams.test_accounts import accounts, address, hears
from tests.teamsland.things import Person as User
from workbot.cards import Card
from workbot.delivery import tell
from workbot.people import Account, Person, ensure_web_account

WAYS_OUT: list[dict[str, Any]] = [{"userType": "Guest"}, {"accountEnabled": False}]


@pytest.fixture
def city(city: City) -> City:
    city.teams.settings.compare = True
    return city


def account(city: City, user: User) -> Account:
    with Session(city.app.database.engine) as session:
        return session.exec(select(Account).where(Account.platform == "teams", Account.user == user.id)).one()


@pytest.mark.parametrize("how", WAYS_OUT, ids=lambda how: next(iter(how)))
def test_who_is_a_member_no_more_is_a_stranger_in_all_they_do(city: City, how: dict[str, Any]) -> None:
    ada, priya = city.hire("Ada Tremblay"), city.hire("Priya Nair", "hr")
    city.compare()
    city.world.change_person(ada, **how)
    city.compare()

    city.driver.say(ada, "requests")
    with city.app.database.session() as session:
        person = session.exec(select(Person).where(Person.name == "Ada Tremblay")).one()
        tell(session, person, Card("Not for guests"), key="w", now=city.clock.now())
    city.settle()

    assert "We have not met" in hears(city, ada)
    assert "Not for guests" not in hears(city, ada)
    assert "Ada Tremblay has no Teams account any more" in hears(city, priya)


def test_several_who_become_guests_at_once_are_all_strangers(city: City) -> None:
    people = [city.hire(f"Person Number{number}", has_app=False) for number in range(6)]
    city.compare()
    for user in people[:4]:
        city.world.change_person(user, userType="Guest")

    city.compare()

    assert sum(found.endswith("!") for found in accounts(city).values()) == 4


def test_who_is_a_member_again_is_linked_again(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    city.compare()
    city.world.change_person(ada, userType="Guest")
    city.compare()

    city.world.change_person(ada, userType="Member")
    city.compare()

    city.driver.say(ada, "help")
    assert "What I can do" in hears(city, ada)
    assert account(city, ada).access_ended_at is None


def test_a_guest_who_speaks_to_us_is_not_reopened_by_that(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    city.compare()
    city.world.change_person(ada, userType="Guest")
    city.compare()

    city.driver.install(ada)
    city.driver.say(ada, "requests")

    assert account(city, ada).unreachable != ""
    assert "We have not met" in hears(city, ada)


def test_many_who_are_gone_at_once_are_looked_at_again_until_somebody_has_decided(city: City) -> None:
    city.hire("David Chen", "admin")
    people = [city.hire(f"Person Number{number}", has_app=False) for number in range(6)]
    city.compare()
    for user in people[:4]:
        city.world.remove_person(user)
    city.compare()
    assert not any(found.endswith("!") for found in accounts(city).values())

    with city.app.database.session() as session:
        for number in range(3):
            person = session.exec(select(Person).where(Person.name == f"Person Number{number}")).one()
            person.active = False
    city.compare()

    assert accounts(city)["Person Number3"].endswith("!")


@pytest.fixture
def partner(city: City) -> User:
    """Ada, in the tenant of another organisation that we serve too."""
    other = city.world.add_tenant("Partner")
    city.teams.settings.tenants = (other.id,)
    with city.app.database.session() as session:
        ada = Person(email="ada.tremblay@city.example", name="Ada Tremblay", timezone="UTC", locale="en")
        session.add(ada)
        session.flush()
        ensure_web_account(session, ada)
    return city.world.add_person(other, "Ada Tremblay", "ada.tremblay@city.example")


def test_an_address_in_another_tenant_is_nobodys(city: City, partner: User) -> None:
    city.driver.install(partner)
    city.do(city.teams.directory.compare(partner.tenant.id))
    city.driver.say(partner, "requests")

    assert accounts(city) == {}
    assert "We have not met" in hears(city, partner)


def test_an_id_of_the_people_file_is_known_in_any_tenant(city: City, partner: User) -> None:
    with city.app.database.session() as session:
        ada = session.exec(select(Person)).one()
        session.add(Account(person_id=ada.id, platform="teams", user=partner.id, address=partner.id, listed=True))

    city.do(city.teams.directory.compare(partner.tenant.id))

    assert accounts(city) == {"Ada Tremblay": f"{partner.tenant.id}/{partner.id}"}


def test_an_address_of_a_domain_that_is_allowed_there_is_asked_about(city: City, partner: User) -> None:
    city.teams.settings.mail_domains = {partner.tenant.id: frozenset({"city.example"})}

    city.driver.install(partner)
    city.driver.say(partner, "requests")

    assert accounts(city) == {}
    assert "Is that you?" in hears(city, partner)
    city.settle()
    with city.app.database.session() as session:
        ada = session.exec(select(Person)).one()
    assert "Is this account yours?" in city.on_the_web(ada, "/chat")


def test_at_home_an_address_is_enough(city: City) -> None:
    ada = city.hire("Ada Tremblay", has_app=False)

    city.compare()

    assert accounts(city) == {"Ada Tremblay": address(city, ada)}
