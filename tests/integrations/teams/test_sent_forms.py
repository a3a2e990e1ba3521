"""Forms that were sent, and are sent once more."""

from __future__ import annotations

import pytest
from sqlmodel import Session, func, select

from tests.integrations.teams.city import City
from tests.integrations.teams.test_requests import FILLED, Desk
from tests.teamsland.reading import Thing, walk
from tests.teamsland.things import Message
from workbot.requests.models import Request

IN_PLACE = {"What kind": "Something is broken", "How much": "I cannot work"}


@pytest.fixture
def desk(city: City) -> Desk:
    return Desk(city)


def fill_in_here(desk: Desk, words: str = "Laptop") -> Message:
    """Ada's form, where it stands in her conversation."""
    desk.city.driver.say(desk.ada, f"request it {words}")
    desk.city.driver.press(desk.ada, "Fill it in here")
    return desk.city.world.messages(desk.ada)[-1]


def send_button(message: Message, desk: Desk) -> Thing:
    return next(one for one in walk(message.card(desk.ada)) if one.get("title") == "Send")


def inputs(message: Message, desk: Desk) -> list[Thing]:
    return [one for one in walk(message.card(desk.ada)) if str(one.get("type")).startswith("Input.")]


def count(desk: Desk) -> int:
    with desk.city.app.database.session() as session:
        return how_many(session)


def how_many(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Request)).one()


def test_a_form_in_the_conversation_becomes_what_it_was_sent_as(desk: Desk) -> None:
    form = fill_in_here(desk)

    desk.city.driver.press(desk.ada, "Send", fill=IN_PLACE)

    assert "Sent as IT-1" in form.reads(desk.ada)
    assert inputs(form, desk) == []
    # On their other devices too.
    assert "Sent as IT-1" in form.reads()


def test_what_was_sent_says_so_in_french(desk: Desk) -> None:
    city = desk.city
    luc = city.hire("Luc Roy", locale="fr")
    city.driver.say(luc, "demande it Portable")
    city.driver.press(luc, "Remplir ici")
    form = city.world.messages(luc)[-1]
    button = next(one for one in walk(form.card(luc)) if one.get("title") == "Envoyer")

    for _ in range(2):
        city.driver.press_in(luc, form, button, {"f0": "Portable", "f1": "0", "f2": "0"})
        assert "nvoyé sous le numéro IT-1" in form.reads(luc)

    assert form.reads(luc).startswith("Déjà envoyé")


def test_a_form_sent_twice_from_an_old_view_says_that_it_was_sent(desk: Desk) -> None:
    form = fill_in_here(desk)
    button, answers = send_button(form, desk), {"f0": "Laptop", "f1": "0", "f2": "0"}
    desk.city.driver.press_in(desk.ada, form, button, answers)

    desk.city.driver.press_in(desk.ada, form, button, answers)

    assert "Sent already as IT-1" in form.reads(desk.ada)
    assert inputs(form, desk) == []
    assert count(desk) == 1


def test_other_choices_in_a_form_that_was_sent_are_shown_back_and_can_be_sent_as_a_new_one(desk: Desk) -> None:
    form = fill_in_here(desk)
    button, answers = send_button(form, desk), {"f0": "Laptop", "f1": "0", "f2": "0"}
    desk.city.driver.press_in(desk.ada, form, button, answers)

    desk.city.driver.press_in(desk.ada, form, button, answers | {"f0": "Another laptop"})

    assert "Sent already as IT-1" in form.reads(desk.ada)
    assert "Another laptop" in str(form.card(desk.ada))
    assert count(desk) == 1
    desk.city.driver.press(desk.ada, "Send")
    assert "Sent as IT-2" in form.reads(desk.ada)
    assert "IT-2 · Another laptop" in desk.in_channel()


def test_an_old_client_is_shown_the_same(desk: Desk) -> None:
    form = fill_in_here(desk)
    button, answers = send_button(form, desk) | {"type": "Action.Submit"}, {"f0": "Laptop", "f1": "0", "f2": "0"}

    desk.city.driver.press_in(desk.ada, form, button, answers)
    assert "Sent as IT-1" in form.reads()
    desk.city.driver.press_in(desk.ada, form, button, answers | {"f0": "Another laptop"})

    assert "Sent already as IT-1" in form.reads()
    assert "Another laptop" in str(form.card())
    assert count(desk) == 1


def test_the_way_to_a_form_that_was_sent_in_a_dialog_says_what_became_of_it(desk: Desk) -> None:
    driver, world = desk.city.driver, desk.city.world
    driver.say(desk.ada, "request it Laptop")
    way_in = world.messages(desk.ada)[-1]
    driver.press(desk.ada, "Open the form")

    driver.submit(desk.ada, **FILLED)

    assert "Sent as IT-1" in way_in.reads()
    assert "Open the form" not in way_in.reads()


def test_a_dialog_sent_again_with_other_choices_is_given_back(desk: Desk) -> None:
    driver, world = desk.city.driver, desk.city.world
    driver.say(desk.ada, "request it Laptop")
    driver.press(desk.ada, "Open the form")
    dialog = world.screen(desk.ada).dialog
    driver.submit(desk.ada, **FILLED)
    world.screen(desk.ada).dialog = dialog

    driver.submit(desk.ada, **FILLED, What_is_it_about="Screen")

    again = world.screen(desk.ada).dialog
    assert again is not None
    assert "Sent already as IT-1" in str(again.card)
    assert "Screen" in str(again.card)
    assert count(desk) == 1
    driver.submit(desk.ada, **FILLED)
    assert "IT-2 · Screen" in desk.in_channel()


def test_a_reply_sent_again_with_other_words_loses_none_of_them(desk: Desk) -> None:
    driver, world = desk.city.driver, desk.city.world
    desk.open()
    driver.press(desk.ada, "Write to the desk")
    dialog = world.screen(desk.ada).dialog
    driver.submit(desk.ada, Your_message="It beeps.")
    world.screen(desk.ada).dialog = dialog

    driver.submit(desk.ada, Your_message="It beeps twice.")

    again = world.screen(desk.ada).dialog
    assert again is not None
    assert "This was sent already" in str(again.card)
    assert "It beeps twice." in str(again.card)
