"""Journeys, as people in Slack live them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.integrations.slack.city import City
from workbot.onboarding import service
from workbot.people import Person


@pytest.fixture
def journey(city: City) -> City:
    """Ada begins next week; her manager Maya and IT have things to do for her."""
    people = {"Ada Tremblay": (), "Maya Chief": (), "Bea Novak": ("agent:it",), "Priya Nair": ("hr",)}
    for name, roles in people.items():
        setattr(city, name.split()[0].lower(), city.hire(name, *roles))
    city.world.add_channel(city.workspace, "it")
    city.compare()
    with city.app.database.session() as session:
        ada = session.exec(select(Person).where(Person.name == "Ada Tremblay")).one()
        ada.manager_id = session.exec(select(Person.id).where(Person.name == "Maya Chief")).one()
        session.add(ada)
        service.start(session, "new-hire", ada, date(2026, 11, 30), now=city.clock.now())
    city.settle(timedelta(days=9))
    return city


def test_steps_come_in_their_time_and_are_ticked_in_place(journey: City) -> None:
    ada, world = journey.ada, journey.world  # type: ignore[attr-defined]
    before = "\n".join(world.reads(ada["id"]))
    assert "▰" in before or "▱" in before

    journey.driver.press(ada, "Done")

    assert "Done" in "\n".join(world.reads(ada["id"]))
    assert "▰" in "\n".join(world.reads(ada["id"]))


def test_the_last_step_of_all_is_said_to_be_the_last(journey: City) -> None:
    people, world = (journey.ada, journey.maya, journey.bea, journey.priya), journey.world  # type: ignore[attr-defined]
    channel = next(key for key, one in world.channels.items() if one.get("name") == "it")
    for _ in range(6):
        if any("all done" in said for said in world.reads(people[0]["id"])):
            break
        for person in people:
            while any("Done" in said.split("\n") for said in world.reads(person["id"])):
                journey.driver.press(person, "Done")
        while any("Done" in said.split("\n") for said in world.reads(channel)):
            journey.driver.press(people[2], "Done", channel=channel)
        journey.settle(timedelta(days=30))

    assert any("all done" in said for said in world.reads(people[0]["id"]))


def test_the_desk_ticks_its_step_in_its_channel(journey: City) -> None:
    world = journey.world
    channel = next(key for key, one in world.channels.items() if one.get("name") == "it")
    assert "Ada Tremblay" in "\n".join(world.reads(channel))

    journey.driver.press(journey.bea, "Done", channel=channel)  # type: ignore[attr-defined]

    assert "Bea Novak" in "\n".join(world.reads(channel))


def test_home_shows_the_journey_with_its_progress(journey: City) -> None:
    ada, world, driver = journey.ada, journey.world, journey.driver  # type: ignore[attr-defined]

    driver.open_home(ada)
    shown = world.home(ada["id"])
    assert "Your journey" in shown
    assert "▱" in shown

    driver.press_at_home(ada, "Done")
    assert world.home(ada["id"]) != shown


def test_hr_starts_a_journey_from_the_command(journey: City) -> None:
    priya, world, driver = journey.priya, journey.world, journey.driver  # type: ignore[attr-defined]
    driver.command(priya, "/onboarding")

    driver.press(priya, "Start a journey")
    view = world.modal(priya["id"])

    assert view is not None
    assert "Start" in str(view["submit"])
