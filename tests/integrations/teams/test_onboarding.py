"""Journeys, as people in Teams live them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.integrations.teams.city import City
from tests.teamsland.reading import walk
from tests.teamsland.things import Conversation
from workbot.onboarding import service
from workbot.people import Person


@pytest.fixture
def journey(city: City) -> City:
    """Ada begins next week; her manager Maya and IT have things to do for her."""
    people = {"Ada Tremblay": (), "Maya Chief": (), "Bea Novak": ("agent:it",), "Priya Nair": ("hr",)}
    for name, roles in people.items():
        setattr(city, name.split()[0].lower(), city.hire(name, *roles))
    team = city.world.add_team(city.tenant, "Technology", [city.bea])  # type: ignore[attr-defined]
    city.channel = city.world.add_channel(team, "it")  # type: ignore[attr-defined]
    city.driver.add_to_team(team, city.bea)  # type: ignore[attr-defined]
    with city.app.database.session() as session:
        ada = session.exec(select(Person).where(Person.name == "Ada Tremblay")).one()
        ada.manager_id = session.exec(select(Person.id).where(Person.name == "Maya Chief")).one()
        session.add(ada)
        service.start(session, "new-hire", ada, date(2026, 11, 30), now=city.clock.now())
    city.settle(timedelta(days=9))
    return city


def test_steps_come_in_their_time_and_are_ticked_in_place(journey: City) -> None:
    ada, world = journey.ada, journey.world  # type: ignore[attr-defined]
    lines = [
        one for message in world.messages(ada) for one in walk(message.card()) if one.get("type") == "RichTextBlock"
    ]
    assert any("▱" in line["inlines"][-1]["text"] for line in lines)
    before = [one.id for one in world.messages(ada)]

    journey.driver.press(ada, "Done")

    assert "Done" in "\n".join(world.reads(ada))
    assert before == [one.id for one in world.messages(ada)][: len(before)]


def test_the_desk_ticks_its_step_in_its_channel(journey: City) -> None:
    world, channel = journey.world, journey.channel  # type: ignore[attr-defined]
    assert "Ada Tremblay" in "\n".join(world.reads(channel))

    journey.driver.press(journey.bea, "Done", where=channel)  # type: ignore[attr-defined]

    assert "Bea Novak" in "\n".join(world.reads(channel))


def test_the_last_step_of_all_is_said_to_be_the_last(journey: City) -> None:
    people, world = (journey.ada, journey.maya, journey.bea, journey.priya), journey.world  # type: ignore[attr-defined]
    channel: Conversation = journey.channel  # type: ignore[attr-defined]
    for _ in range(6):
        if any("all done" in said for said in world.reads(people[0])):
            break
        for person in people:
            while any("Done" in said.split("\n") for said in world.reads(person)):
                journey.driver.press(person, "Done")
        while any("Done" in said.split("\n") for said in world.reads(channel)):
            journey.driver.press(people[2], "Done", where=channel)
        journey.settle(timedelta(days=30))

    assert any("all done" in said for said in world.reads(people[0]))


def test_hr_starts_a_journey_from_a_typed_line(journey: City) -> None:
    priya, world, driver = journey.priya, journey.world, journey.driver  # type: ignore[attr-defined]
    driver.say(priya, "onboarding")

    driver.press(priya, "Start a journey")
    dialog = world.screen(priya).dialog

    assert dialog is not None
    assert any(one.get("title") == "Start" for one in dialog.card["actions"])
