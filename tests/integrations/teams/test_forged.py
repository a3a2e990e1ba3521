"""Buttons and forms that come back altered, or from somebody who was not asked: a kind refusal, and no change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from tests.integrations.teams.city import City
from tests.integrations.teams.test_requests import Desk
from workbot.requests.models import Request


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: sealed[:-1] + ("x" if sealed[-1] != "x" else "y"),
        lambda sealed: "m" + sealed[1:],
        lambda sealed: sealed[:1] + "A" * 22 + sealed[23:],
        lambda sealed: "",
        lambda sealed: "vtoo short",
        lambda sealed: sealed.replace("requests.", "console."),
        lambda sealed: sealed + " more",
        lambda sealed: 7,
        lambda sealed: {"a": 1},
        lambda sealed: None,
    ],
)
def test_a_forged_value_changes_nothing_and_is_refused_kindly(city: City, change: Callable[[str], Any]) -> None:

    desk = Desk(city)
    desk.open()
    message = city.world.messages(desk.channel)[-1]
    action = next(one for one in desk.actions(message) if one["title"] == "Take it")
    before = desk.in_channel()

    city.driver.press_in(desk.bea, message, action, {}, workbot=change(action["data"]["workbot"]))

    assert "not one of ours" in city.world.screen(desk.bea).notices[-1]
    assert desk.in_channel() == before


def test_a_card_that_was_passed_on_gives_nobody_anothers_rights(city: City) -> None:

    desk = Desk(city)
    desk.open()
    eve = city.hire("Eve Other")
    message = city.world.messages(desk.channel)[-1]
    action = next(one for one in desk.actions(message) if one["title"] == "Take it")
    forwarded = city.world.post(city.world.personal(eve), message.activity)

    city.driver.press_in(eve, forwarded, action, {})

    assert "That did not work" in city.world.screen(eve).notices[-1]
    with city.app.database.session() as session:
        assert session.exec(select(Request.state)).one() == "open"


def test_a_form_that_was_asked_of_another_is_refused(city: City) -> None:
    ada, eve = city.hire("Ada Tremblay"), city.hire("Eve Other")
    city.driver.say(ada, "request it Laptop")
    message = city.world.messages(ada)[-1]
    action = next(one for one in message.card()["body"][-1]["actions"] if one["title"] == "Open the form")

    city.driver.press_in(eve, city.world.post(city.world.personal(eve), message.activity), action, {})

    assert "too old" in str(city.world.screen(eve).dialog) + str(city.world.screen(eve).notices)
