"""Forms that were sent, and are sent once more."""

from __future__ import annotations

import copy

import pytest

from tests.integrations.slack.city import City
from tests.integrations.slack.test_requests import FILLED, Desk
from tests.slackland.driver import filled
from tests.slackland.world import Thing


@pytest.fixture
def desk(city: City) -> Desk:
    return Desk(city)


def send(desk: Desk, view: Thing, **values: str) -> str:
    """Send a modal as it was shown, once more; what is shown then."""
    world, user = desk.city.world, desk.ada["id"]
    shown = copy.deepcopy(view)
    world.views[shown["id"]], world.stacks[user] = shown, [shown["id"]]
    state = filled(shown, {name.replace("_", " "): value for name, value in values.items()})
    desk.city.driver.send_view(desk.ada, shown, state)
    return str(world.modal(user))


def form_of(desk: Desk) -> Thing:
    desk.city.driver.command(desk.ada, "/request", "it Laptop")
    return copy.deepcopy(desk.city.world.modal(desk.ada["id"]) or {})


def test_a_form_sent_twice_says_that_it_was_sent(desk: Desk) -> None:
    form = form_of(desk)
    assert "Got it" in send(desk, form, **FILLED)

    assert "Sent already as IT-1" in send(desk, form, **FILLED)

    assert "IT-2" not in desk.in_channel()


def test_other_choices_in_a_form_that_was_sent_are_shown_back_and_can_be_sent_as_a_new_one(desk: Desk) -> None:
    form = form_of(desk)
    send(desk, form, **FILLED)

    shown = send(desk, form, **FILLED, What_is_it_about="Another laptop")

    assert "Sent already as IT-1" in shown
    assert "Another laptop" in shown
    assert "IT-2" not in desk.in_channel()
    desk.city.driver.submit(desk.ada, **FILLED)
    assert "IT-2 · Another laptop" in desk.in_channel()


def test_an_internal_note_sent_again_with_other_words_loses_none_of_them(desk: Desk) -> None:
    desk.open()
    desk.city.driver.press(desk.bea, "Internal note", channel=desk.channel)
    view = copy.deepcopy(desk.city.world.modal(desk.bea["id"]) or {})
    desk.city.driver.submit(desk.bea, Only_the_agents="First words")
    desk.city.world.views[view["id"]], desk.city.world.stacks[desk.bea["id"]] = view, [view["id"]]

    desk.city.driver.send_view(desk.bea, view, filled(view, {"Only the agents": "Other words"}))

    shown = str(desk.city.world.modal(desk.bea["id"]))
    assert "This was sent already" in shown
    assert "Other words" in shown
