"""Requests, as people in Teams live them."""

from __future__ import annotations

import pytest

from tests.integrations.teams.city import City
from tests.teamsland import activities
from tests.teamsland.reading import Thing, walk
from tests.teamsland.things import Message
from tests.teamsland.things import Person as User
from workbot.cards import Card, Option, Select
from workbot.platforms import Outgoing

FILLED = {"What_kind": "Something is broken", "How_much": "I cannot work"}


class Desk:
    """The IT desk in Teams: its channel, an agent, and somebody who needs them."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ada = city.hire("Ada Tremblay")
        self.bea = city.hire("Bea Novak", "agent:it")
        self.team = city.world.add_team(city.tenant, "Technology", [self.bea])
        self.channel = city.world.add_channel(self.team, "it")
        city.driver.add_to_team(self.team, self.bea)
        city.settle()

    def open(self, words: str = "it Laptop will not start") -> None:
        self.city.driver.say(self.ada, f"request {words}")
        self.city.driver.press(self.ada, "Open the form")
        self.city.driver.submit(self.ada, **FILLED)

    def in_channel(self, thread: str = "") -> str:
        return "\n\n".join(self.city.world.reads(self.channel, thread))

    def hears(self, user: User) -> str:
        return "\n\n".join(self.city.world.reads(user))

    def card(self, user: User, words: str) -> Message:
        """The newest message to somebody with some words in it."""
        return next(one for one in reversed(self.city.world.messages(user)) if words in one.reads())

    def card_in_channel(self) -> Thing:
        return self.city.world.messages(self.channel)[-1].card()

    def actions(self, message: Message) -> list[Thing]:
        return [one for one in walk(message.card()) if str(one.get("type")).startswith("Action.")]


@pytest.fixture
def desk(city: City) -> Desk:
    return Desk(city)


def test_a_request_by_a_typed_line_is_worked_in_the_channel(desk: Desk) -> None:
    driver, world = desk.city.driver, desk.city.world
    driver.say(desk.ada, "Demande it Laptop will not start")
    driver.press(desk.ada, "Open the form")
    driver.submit(desk.ada, **FILLED, Tell_us_more="It beeps twice.")

    dialog = world.screen(desk.ada).dialog
    assert dialog is not None
    assert "Got it" in str(dialog.card)
    assert "IT-1 · Laptop will not start" in desk.hears(desk.ada)
    assert "It beeps twice." in desk.in_channel()

    driver.press(desk.bea, "Take it", where=desk.channel)

    assert "Bea Novak" in desk.in_channel()
    assert "Bea Novak" in desk.hears(desk.ada)


def test_words_in_the_thread_of_the_channel_and_in_answer_to_the_card_are_one_conversation(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open()
    root, mine = world.messages(desk.channel)[-1], desk.card(desk.ada, "IT-1")

    driver.say(desk.bea, "Have you tried turning it off?", channel=desk.channel, thread=root.id, mention=True)
    driver.say(desk.ada, "It never turned on.", answering=mine)

    assert "Bea Novak\nHave you tried turning it off?" in desk.hears(desk.ada)
    assert "Ada Tremblay\nIt never turned on." in desk.in_channel(root.id)
    (answer,) = [one for one in world.messages(desk.ada) if "turning it off" in one.reads()]
    assert answer.activity["replyToId"] == mine.id


def test_an_agents_forms_open_in_dialogs_from_the_channel(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open()
    driver.press(desk.bea, "Take it", where=desk.channel)

    driver.press(desk.bea, "Resolve", where=desk.channel)
    driver.submit(desk.bea, What_was_done="A new battery.")

    assert "Resolved" in desk.hears(desk.ada)
    driver.press(desk.ada, "It works, thank you")
    assert "Closed" in desk.hears(desk.ada)
    assert "Closed" in desk.in_channel()
    assert world.screen(desk.bea).notices[-1:] != ["Something went wrong. Please try again."]


def test_the_card_stands_where_it_stood_and_each_reads_it_anew(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open()
    before = [one.id for one in world.messages(desk.channel)]

    driver.press(desk.bea, "Take it", where=desk.channel)

    assert [one.id for one in world.messages(desk.channel)] == before
    assert "Bea Novak" in world.messages(desk.channel)[-1].reads()
    assert "Bea Novak" in world.messages(desk.channel)[-1].reads(desk.ada)


def test_a_message_of_anyones_is_made_a_request_with_its_author_and_its_link(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    zoe = world.add_person(city.tenant, "Zoé Roy", "zoe@elsewhere.example")
    general = desk.team.channels[0]
    message = driver.say(zoe, "The printer on 3 is <jammed> & smokes", channel=general)

    driver.quote(desk.ada, message, "quote")
    driver.submit(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)

    card = desk.in_channel()
    assert "IT-1 · The printer on 3 is <jammed> & smokes" in card
    assert "Zoé Roy wrote" in card
    assert f"https://teams.microsoft.com/l/message/{general.id}/{message.id}" in str(desk.card_in_channel())


def test_the_author_of_a_message_is_credited_by_our_name_for_them(desk: Desk) -> None:
    driver = desk.city.driver
    message = driver.say(desk.bea, "The printer smokes", channel=desk.team.channels[0])
    desk.bea.name = "bea (away)"

    driver.quote(desk.ada, message, "quote")
    driver.submit(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)

    assert "Bea Novak wrote" in desk.in_channel()


def test_an_author_who_is_only_claimed_is_marked_as_that(desk: Desk) -> None:
    driver, world = desk.city.driver, desk.city.world
    message = driver.say(desk.ada, "I resign", channel=desk.team.channels[0])
    bea = {"user": {"userIdentityType": "aadUser", "id": desk.bea.id, "displayName": "Bea Novak"}}

    driver.quote(desk.ada, message, "quote", **{"from": bea})
    dialog = world.screen(desk.ada).dialog
    assert dialog is not None
    assert "Bea Novak (as given by Teams, unverified)" in str(dialog.card)
    driver.submit(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)

    assert "Bea Novak wrote (as given by Teams, unverified)" in desk.in_channel()


def test_ones_own_message_needs_nobodys_word(desk: Desk) -> None:
    driver = desk.city.driver
    message = driver.say(desk.ada, "The printer smokes", channel=desk.team.channels[0])

    driver.quote(desk.ada, message, "quote")
    driver.submit(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)

    assert "Ada Tremblay wrote\n" in desk.in_channel()
    assert "unverified" not in desk.in_channel()


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/l/message/{channel}/{key}",
        "https://teams.microsoft.com.evil.example/l/message/{channel}/{key}",
        "https://teams.microsoft.com@evil.example/l/message/{channel}/{key}",
        "http://teams.microsoft.com/l/message/{channel}/{key}",
        "https://teams.microsoft.com/l/message/19:other@thread.tacv2/{key}",
        "https://teams.microsoft.com/l/message/{channel}/1",
        "https://teams.microsoft.com/l/app/{key}",
        "https://[teams.microsoft.com/l/message/{channel}/{key}",
        "javascript:alert(1)",
    ],
)
def test_a_link_that_leads_anywhere_else_than_to_the_message_is_not_shown(desk: Desk, link: str) -> None:
    driver, general = desk.city.driver, desk.team.channels[0]
    message = driver.say(desk.bea, "The printer smokes", channel=general)

    driver.quote(desk.ada, message, "quote", linkToMessage=link.format(channel=general.id, key=message.id))
    driver.submit(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)

    assert "The printer smokes" in desk.in_channel()
    assert "Open the message" not in str(desk.card_in_channel())


def test_ones_requests_are_found_while_writing_and_shown_without_what_is_private(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open("it Laptop will not start")
    desk.open("it The chair squeaks")

    driver.search(desk.ada, "search", "laptop")
    assert ["Laptop will not start" in str(one) for one in world.screen(desk.ada).results] == [True]
    driver.search(desk.ada, "search", "")
    assert len(world.screen(desk.ada).results) == 2
    driver.search(desk.bea, "search", "laptop")
    assert world.screen(desk.bea).results == []
    assert "Nothing was found" in world.screen(desk.bea).notices[-1]


def test_a_link_to_a_request_says_no_more_than_everyone_may_know(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open("it My salary is wrong")
    url = "https://bot.city.example/console/requests/IT-1"

    # In the desk's own channel neither: Teams keeps what it is answered there, and shows it elsewhere.
    for channel in (desk.team.channels[0], desk.channel):
        driver.link(desk.bea, url, where=channel)
        shown = str(world.screen(desk.bea).composing)

        assert "IT-1" in shown
        assert "'version': '1.3'" in shown
        assert "salary" not in shown
    for other in (
        "https://bot.city.example.evil/console/requests/IT-1",
        "https://bot.city.example/console/requests/IT-9",
    ):
        driver.link(desk.bea, other, where=desk.channel)
        assert world.screen(desk.bea).composing == []


def test_a_mention_in_a_channel_is_answered_to_who_wrote_it_alone(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    general = desk.team.channels[0]

    question = driver.say(desk.bea, "AIDE", channel=general, mention=True)

    assert len(world.messages(general)) == 1
    assert "What I can do" in world.reads(general, question.id, viewer=desk.bea)[-1]
    assert world.reads(general, question.id) == []


def test_who_cannot_be_answered_alone_is_told_so_and_no_more(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    driver.uninstall(desk.bea)
    desk.bea.block = "MessageWritesBlocked"
    desk.city.tenant.has_targeted = False
    general = desk.team.channels[0]

    message = driver.say(desk.bea, "requests", channel=general, mention=True)

    (answer,) = world.reads(general, message.id)
    assert "Let us talk in private" in answer
    assert "Your requests" not in answer


def test_a_form_can_be_filled_in_where_no_dialog_opens(desk: Desk) -> None:
    driver = desk.city.driver
    driver.say(desk.ada, "request it Laptop")

    driver.press(desk.ada, "Fill it in here")
    driver.press(desk.ada, "Send", fill={"What kind": "Something is broken", "How much": "I cannot work"})

    assert "IT-1 · Laptop" in desk.hears(desk.ada)


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    driver.say(desk.ada, "request it Laptop will not start")
    driver.press(desk.ada, "Open the form")
    dialog = world.screen(desk.ada).dialog
    assert dialog is not None
    # A client that does not check what is required.
    data = next(one for one in dialog.card["actions"] if one["type"] == "Action.Submit")["data"]
    driver.send_dialog(desk.ada, data | {"f0": "Laptop", "f1": "It is still mine."})

    again = world.screen(desk.ada).dialog
    assert again is not None
    shown = str(again.card)
    assert "This needs an answer." in shown
    assert "Laptop" in shown
    driver.submit(desk.ada, **FILLED)
    assert "IT-1" in desk.hears(desk.ada)


def test_a_form_sent_twice_is_one_request(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    driver.say(desk.ada, "request it Laptop will not start")
    driver.press(desk.ada, "Open the form")
    dialog = world.screen(desk.ada).dialog
    driver.submit(desk.ada, **FILLED)
    world.screen(desk.ada).dialog = dialog

    driver.submit(desk.ada, **FILLED)
    driver.again()

    assert "IT-2" not in desk.in_channel()


def test_an_activity_delivered_again_is_answered_the_same(desk: Desk) -> None:
    driver = desk.city.driver
    desk.open()
    first = driver.press(desk.bea, "Take it", where=desk.channel)

    again = driver.again()

    assert again.text == first.text


def test_an_old_clients_button_comes_as_a_message(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open()
    message = world.messages(desk.channel)[-1]
    action = next(one for one in desk.actions(message) if one["title"] == "Take it")

    driver.press_in(desk.bea, message, action | {"type": "Action.Submit"}, {})

    assert "Bea Novak" in desk.in_channel()


def test_somebody_who_adds_the_app_is_greeted_and_shown_the_way(city: City) -> None:
    ada = city.hire("Ada Tremblay", locale="fr")

    (greeting,) = city.world.reads(ada)

    assert "demande" in greeting


def test_what_is_picked_from_a_list_is_a_press(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    desk.open("it Laptop")
    options = (Option("The first", "IT-1"), Option("The second", "IT-2"))
    card = Card("Which?", (Select("Request", "requests.show", options),))
    city.do(city.teams.deliver(Outgoing("k", f"{city.tenant.id}/{desk.ada.id}", card, "en")))

    driver.press(desk.ada, "Choose")
    assert world.screen(desk.ada).notices[-1].endswith("Please choose from the list.")
    driver.pick(desk.ada, "The first")

    assert "IT-1 · Laptop" in world.reads(desk.ada)[-1]


def test_a_value_that_is_too_long_to_be_sent_along_comes_back_whole(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    message = driver.say(desk.bea, "Printer\n" + "smoke " * 900 + "END", channel=desk.team.channels[0])

    driver.quote(desk.ada, message, "quote")
    driver.submit(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)
    driver.press(desk.ada, "Show all")

    assert "END" in desk.hears(desk.ada)
    assert city.do(city.teams.posting.long_values.find("nothing of that name")) == ""
    assert world.screen(desk.ada).dialog is not None


def test_where_nobody_can_say_who_acted_nothing_is_done(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    before = len(city.world.messages(ada))
    made = activities.message(city.world, city.world.post(city.world.personal(ada), {"text": "help"}, author=ada))

    answer = city.driver.send_activity(made | {"from": {"id": "29:somebody"}})

    assert answer.status_code == 200
    assert len(city.world.messages(ada)) == before + 1
