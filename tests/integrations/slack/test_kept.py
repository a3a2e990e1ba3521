"""What people write in Slack is not legible where it only waits: in the record of turns, in forms and long values."""

from __future__ import annotations

import pytest

from tests.integrations.slack.city import City
from tests.integrations.slack.test_pulse import Survey
from tests.integrations.slack.test_requests import FILLED, Desk
from tests.marks import MARK, legible, rows


@pytest.fixture
def desk(city: City) -> Desk:
    return Desk(city)


def test_words_of_requests_notes_and_replies_are_not_legible(desk: Desk) -> None:
    driver, world, database = desk.city.driver, desk.city.world, desk.city.app.database
    driver.command(desk.ada, "/request", f"it {MARK} one")
    driver.submit(desk.ada, **FILLED, Tell_us_more=f"{MARK} two")
    driver.press(desk.bea, "Internal note", channel=desk.channel)
    driver.submit(desk.bea, Only_the_agents=f"{MARK} three")
    driver.say(desk.bea, f"{MARK} four", channel=desk.channel, thread=world.messages(desk.channel)[-1]["ts"])
    driver.command(desk.bea, "/workbot", "requests")
    driver.command(desk.ada, "/request", f"it {MARK} five, never sent")

    assert MARK in desk.in_channel()
    assert rows(database, "taken_turn") >= 5
    assert rows(database, "kept_form") >= 3
    assert legible(database) == []


def test_a_form_opens_with_what_was_written_although_it_is_closed(desk: Desk) -> None:
    desk.city.driver.command(desk.ada, "/request", f"it {MARK}")

    assert MARK in str(desk.city.world.modal(desk.ada["id"]))
    assert legible(desk.city.app.database) == []


def test_a_value_too_long_for_a_button_is_not_legible_and_comes_back_whole(desk: Desk) -> None:
    words = f"{MARK} " * 200
    desk.city.driver.command(desk.ada, "/request", words)

    assert rows(desk.city.app.database, "long_value") >= 1
    assert legible(desk.city.app.database) == []
    desk.city.driver.press(desk.ada, "IT Service Desk")
    assert str(desk.city.world.modal(desk.ada["id"])).count(MARK) >= 50
    assert legible(desk.city.app.database) == []


def test_comments_and_answers_of_surveys_are_not_legible(city: City) -> None:
    survey = Survey(city)
    ada, bob = survey.people[:2]
    for person in (ada, bob):
        survey.answer(person, "4 · Rather well", "2 · Disagree")
        city.driver.press(person, "Write a comment")
    city.driver.submit(ada, What_one_thing=f"{MARK} one")
    city.driver.say(bob, f"{MARK} two, typed instead")

    database = city.app.database
    assert rows(database, "taken_turn") >= 5
    assert rows(database, "kept_form") >= 2
    assert legible(database) == legible(database, "Disagree") == legible(database, "Rather well") == []
