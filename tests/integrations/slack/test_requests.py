"""Requests, as people in Slack live them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import httpx
import pytest
from sqlmodel import Session, select

from integrations.slack.parsing import Where
from tests.integrations.slack.city import SECRET, City
from tests.slackland.driver import Driver
from tests.slackland.world import Thing
from tests.slackland.world import read as read_message
from workbot.chat.cleanup import clean_up
from workbot.definitions import current, publish
from workbot.people import Person
from workbot.requests.definitions import FieldDefinition
from workbot.requests.kind import KIND
from workbot.requests.service import open_request

FILLED = {"What_kind": "Something is broken", "How_much": "I cannot work"}


class Desk:
    """The IT desk in Slack: its channel, an agent, and somebody who needs them."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ada = city.hire("Ada Tremblay")
        self.bea = city.hire("Bea Novak", "agent:it")
        self.channel = city.world.add_channel(city.workspace, "it")
        city.compare()

    def open(self, words: str = "it Laptop will not start") -> None:
        self.city.driver.command(self.ada, "/request", words)
        self.city.driver.submit(self.ada, **FILLED)

    def in_channel(self, thread: str = "") -> str:
        return "\n\n".join(self.city.world.reads(self.channel, thread))

    def hears(self, user: Thing, thread: str = "") -> str:
        return "\n\n".join(self.city.world.reads(user["id"], thread))


@pytest.fixture
def desk(city: City) -> Desk:
    return Desk(city)


def test_a_request_by_command_is_worked_in_the_channel(desk: Desk) -> None:
    driver = desk.city.driver
    driver.command(desk.ada, "/request", "it Laptop will not start")
    driver.submit(desk.ada, **FILLED, Tell_us_more="It beeps twice.")

    assert "Got it" in str(desk.city.world.modal(desk.ada["id"]))
    assert "IT-1 · Laptop will not start" in desk.hears(desk.ada)
    assert "It beeps twice." in desk.in_channel()

    driver.press(desk.bea, "Take it", channel=desk.channel)

    assert "Agent: Bea Novak" in desk.in_channel()
    assert "Agent: Bea Novak" in desk.hears(desk.ada)


def test_words_in_the_threads_of_both_sides_are_one_conversation(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open()
    root = world.messages(desk.channel)[-1]["ts"]
    mine = world.messages(desk.ada["id"])[-1]["ts"]

    driver.say(desk.bea, "Have you tried turning it off?", channel=desk.channel, thread=root)
    driver.say(desk.ada, "It never turned on.", thread=mine)

    assert "Bea Novak\nHave you tried turning it off?" in desk.hears(desk.ada, mine)
    assert "Ada Tremblay\nIt never turned on." in desk.in_channel(root)


def test_a_picture_in_the_thread_is_named_to_the_other_side(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open()
    root, mine = world.messages(desk.channel)[-1]["ts"], world.messages(desk.ada["id"])[-1]["ts"]
    file = {"id": "F1", "title": "Blue screen.png", "permalink": "https://city.slack.com/files/F1"}
    message = {"user": desk.ada["id"], "text": "", "thread_ts": mine, "subtype": "file_share", "files": [file]}

    driver.event({"channel_type": "im", **world.post(driver.direct(desk.ada), message)})

    assert "📎 Blue screen.png (https://city.slack.com/files/F1)" in desk.in_channel(root)


def test_resolving_with_a_form_and_closing_in_the_conversation(desk: Desk) -> None:
    driver = desk.city.driver
    desk.open()
    driver.press(desk.bea, "Take it", channel=desk.channel)
    driver.press(desk.bea, "Resolve", channel=desk.channel)
    driver.submit(desk.bea, What_was_done="A new battery.")

    assert "Resolved" in desk.hears(desk.ada)
    driver.press(desk.ada, "It works, thank you")

    assert "Closed" in desk.hears(desk.ada)
    assert "Closed" in desk.in_channel()


def test_the_global_shortcut_asks_which_desk_and_then_its_form(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver

    driver.shortcut(desk.ada, "request")
    assert "Whom would you like to ask?" in str(world.modal(desk.ada["id"]))
    driver.press_in_modal(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, What_is_it_about="No sound", **FILLED)

    assert "IT-1 · No sound" in desk.in_channel()


def test_a_message_shortcut_makes_a_request_of_what_someone_wrote(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    zoe = city.world.add_user(city.workspace, "Zoé Roy", "zoe@elsewhere.example")
    general = world.add_channel(city.workspace, "general", is_member=True)
    message = driver.say(zoe, "The printer on 3 is &lt;jammed&gt; &amp; smokes\nIt smells.", channel=general)

    driver.message_shortcut(desk.ada, "quote", general, message)
    driver.press_in_modal(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)

    card = desk.in_channel()
    assert "IT-1 · The printer on 3 is <jammed> & smokes" in card
    assert "It smells." in card
    assert "Zoé Roy wrote" in card
    # Slack itself signs who wrote it.
    assert "unverified" not in card
    link = f"https://city.slack.com/archives/{general}/p{message['ts'].replace('.', '')}"
    assert link in str(world.messages(desk.channel)[-1]["blocks"])


def test_the_author_of_a_message_is_credited_by_our_name_for_them(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    general = world.add_channel(city.workspace, "general", is_member=True)
    message = driver.say(desk.bea, "The printer smokes", channel=general)
    desk.bea["profile"]["real_name"] = "bea 🌴 (away)"

    driver.message_shortcut(desk.ada, "quote", general, message)
    driver.press_in_modal(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)

    assert "Bea Novak wrote" in desk.in_channel()


def test_a_message_of_an_app_is_credited_to_the_app(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    general = world.add_channel(city.workspace, "general", is_member=True)
    alarm = {"bot_id": "B9", "bot_profile": {"name": "Alarms"}, "text": "Disk full"}

    driver.message_shortcut(desk.ada, "quote", general, world.post(general, alarm))
    driver.press_in_modal(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)

    assert "Alarms wrote" in desk.in_channel()


def test_a_slack_that_says_no_names_holds_nobody_up(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    zoe = city.world.add_user(city.workspace, "Zoé Roy", "zoe@elsewhere.example")
    general = world.add_channel(city.workspace, "general", is_member=True)
    message = driver.say(zoe, "The printer smokes", channel=general)
    world.fail("users.info", "500")

    driver.message_shortcut(desk.ada, "quote", general, message)

    assert "The printer smokes" in str(world.modal(desk.ada["id"]))


def test_a_long_message_goes_whole_through_the_shortcut(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    general = world.add_channel(city.workspace, "general", is_member=True)
    message = driver.say(desk.ada, "Printer\n" + "smoke " * 900 + "END", channel=general)

    driver.message_shortcut(desk.ada, "quote", general, message)
    driver.press_in_modal(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)
    driver.press(desk.ada, "Show all")

    assert "END" in desk.hears(desk.ada)


def test_the_ticket_emoji_of_an_agent_opens_a_request_for_whoever_wrote(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    general = world.add_channel(city.workspace, "general", is_member=True)
    message = driver.say(desk.ada, "My screen flickers", channel=general)

    driver.react(desk.bea, "ticket", general, message)
    driver.react(desk.bea, "ticket", general, message)
    driver.react(desk.bea, "tada", general, message)

    assert "IT-1 · My screen flickers" in desk.hears(desk.ada)
    assert desk.in_channel().count("My screen flickers") >= 1
    assert "IT-2" not in desk.in_channel()
    assert len(world.called("conversations.replies")) == 2


@pytest.mark.parametrize("mood", ["429", "500", "garbage", "error:internal_error"])
def test_an_emoji_whose_message_could_not_be_read_is_sent_again_by_slack(desk: Desk, mood: str) -> None:
    city, world = desk.city, desk.city.world
    general = world.add_channel(city.workspace, "general", is_member=True)
    message = city.driver.say(desk.ada, "My screen flickers", channel=general)
    world.fail("conversations.replies", mood)

    def send(path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        return city.request("POST", path, headers=headers, content=body)

    driver = Driver(world, city.workspace, send, SECRET)
    assert driver.react(desk.bea, "ticket", general, message).status_code == 503
    assert driver.again().status_code == 200
    city.settle()

    assert "IT-1 · My screen flickers" in desk.in_channel()


def test_an_emoji_where_we_may_not_read_is_let_be(desk: Desk) -> None:
    city, world = desk.city, desk.city.world
    general = world.add_channel(city.workspace, "general")
    message = city.driver.say(desk.ada, "My screen flickers", channel=general)

    assert city.driver.react(desk.bea, "ticket", general, message).status_code == 200
    assert "IT-1" not in desk.in_channel()


def test_the_emoji_of_two_people_on_one_message_is_one_request(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    carl = city.hire("Carl Agent", "agent:it")
    city.compare()
    general = world.add_channel(city.workspace, "general", is_member=True)
    message = driver.say(desk.ada, "My screen flickers", channel=general)

    driver.react(desk.bea, "ticket", general, message)
    driver.react(carl, "ticket", general, message)

    assert "IT-2" not in desk.in_channel()


def test_a_link_to_a_request_says_no_more_than_everyone_may_know(desk: Desk) -> None:
    city, world, driver = desk.city, desk.city.world, desk.city.driver
    desk.open("it My salary is wrong")
    general = world.add_channel(city.workspace, "general", is_member=True)

    for channel in (general, desk.channel):
        url = "https://bot.city.example/console/requests/IT-1"
        driver.event(
            {
                "type": "link_shared",
                "user": desk.bea["id"],
                "channel": channel,
                "message_ts": world.ts(),
                "links": [{"domain": "bot.city.example", "url": url}],
            }
        )

    outside, inside = (str(unfurl["unfurls"]) for unfurl in world.unfurls)
    assert "IT-1" in outside
    assert "salary" not in outside
    assert "My salary is wrong" in inside


def test_a_link_shared_by_someone_who_may_not_see_it_says_nothing(desk: Desk) -> None:
    city = desk.city
    desk.open()
    eve = city.hire("Eve Other")
    city.compare()

    city.driver.event(
        {
            "type": "link_shared",
            "user": eve["id"],
            "channel": desk.channel,
            "message_ts": city.world.ts(),
            "links": [{"domain": "bot.city.example", "url": "https://bot.city.example/console/requests/IT-1"}],
        }
    )

    assert city.world.unfurls == []


def test_a_mention_in_a_channel_is_answered_to_who_wrote_it_alone(desk: Desk) -> None:
    city = desk.city
    general = city.world.add_channel(city.workspace, "general", is_member=True)

    city.driver.say(desk.ada, f"<@{city.workspace.bot_user}> help", channel=general, mention=True)

    assert any("What I can do" in said for said in city.world.whispered(desk.ada["id"]))
    assert len(city.world.messages(general)) == 1


def test_a_word_for_us_under_one_of_our_answers_is_taken_as_one(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    driver.say(desk.ada, "help")
    answer = world.messages(desk.ada["id"])[-1]["ts"]

    driver.say(desk.ada, "requests", thread=answer)

    assert "Your requests" in desk.hears(desk.ada, answer)


def test_chatter_in_a_channel_is_none_of_ours(desk: Desk) -> None:
    city = desk.city
    city.driver.say(desk.bea, "request it something", channel=desk.channel)

    assert city.world.whispered(desk.bea["id"]) == []
    assert city.world.reads(desk.channel) == ["request it something"]


def test_a_form_that_came_too_late_is_a_button_away(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    world.fail("views.open", "error:expired_trigger_id")

    driver.command(desk.ada, "/request", "it Laptop will not start")
    assert world.modal(desk.ada["id"]) is None
    driver.press(desk.ada, "Open the form")
    driver.submit(desk.ada, **FILLED)

    assert "IT-1 · Laptop will not start" in desk.hears(desk.ada)


def test_a_form_asked_for_in_a_line_is_a_button_away(desk: Desk) -> None:
    desk.city.driver.say(desk.ada, "request it Laptop")
    desk.city.driver.press(desk.ada, "Open the form")
    desk.city.driver.submit(desk.ada, **FILLED)

    assert "IT-1 · Laptop" in desk.hears(desk.ada)


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    driver.command(desk.ada, "/request", "it Laptop")
    view = world.modal(desk.ada["id"])
    assert view is not None
    driver.submit(desk.ada, What_is_it_about="   ", **FILLED)

    assert world.modal(desk.ada["id"])["errors"] == {"f0": "Say in a few words what it is about."}  # type: ignore[index]
    driver.submit(desk.ada, What_is_it_about="Laptop", **FILLED)
    assert "IT-1" in desk.hears(desk.ada)


def test_a_form_that_nobody_sent_is_thrown_away_and_says_so(desk: Desk) -> None:
    world, driver, app = desk.city.world, desk.city.driver, desk.city.app
    driver.command(desk.ada, "/request", "it Laptop")
    desk.city.clock.at += timedelta(days=3)
    app.database.run_here(partial(clean_up, now=desk.city.clock.now()))

    driver.submit(desk.ada, **FILLED)

    view = world.modal(desk.ada["id"])
    assert view is not None
    assert "too old" in str(view["errors"])


def test_the_same_form_sent_twice_is_one_request(desk: Desk) -> None:
    driver = desk.city.driver
    desk.open()

    driver.again()
    driver.again()

    assert "IT-2" not in desk.in_channel()
    assert desk.in_channel().count("IT-1 ·") == 1


def test_very_long_words_are_kept_through_the_choice_of_a_desk(desk: Desk) -> None:
    driver = desk.city.driver
    words = "printer " * 600
    driver.command(desk.ada, "/request", f"please {words}END")
    driver.press(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)

    driver.press(desk.ada, "Show all")

    assert "END" in desk.hears(desk.ada)


def test_what_is_longer_than_slack_takes_as_answers_is_whole_in_a_conversation(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open()
    root = world.messages(desk.channel)[-1]["ts"]
    for number in range(9):
        driver.say(desk.bea, f"Part {number} " + "of the manual " * 650, channel=desk.channel, thread=root)

    driver.press(desk.bea, "Show all", channel=desk.channel)

    whole = world.messages(desk.bea["id"])[-1]
    read = read_message(whole) + "".join(world.reads(desk.bea["id"], whole["ts"]))
    assert [number for number in range(9) if f"Part {number}" not in read] == []


def test_a_card_of_several_messages_changes_with_all_of_them(city: City) -> None:
    fields = tuple(
        FieldDefinition(id=f"f{n}", kind="multiline", label={"en": f"Detail {n}", "fr": f"Détail {n}"})
        for n in range(40)
    )
    with city.app.database.session() as session:
        it, _version = current(session, KIND, "it")
        publish(session, KIND, it.model_copy(update={"fields": fields}), now=city.clock.now())
    desk = Desk(city)
    city.driver.command(desk.ada, "/request", "it Many details")
    city.driver.submit(desk.ada, **{f"Detail_{n}": f"Number {n}. " + "word " * 110 for n in reversed(range(40))})
    root = city.world.messages(desk.channel)[-1]["ts"]
    more = city.world.messages(desk.channel, root)
    assert more

    city.driver.press(desk.bea, "Take it", channel=desk.channel)

    assert "Agent: Bea Novak" in desk.in_channel()
    assert len(city.world.messages(desk.channel, root)) == len(more)
    assert city.world.whispered(desk.bea["id"]) == []


def test_home_shows_what_one_asked_and_agents_their_queue(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open()

    driver.open_home(desk.ada)
    driver.open_home(desk.bea)

    assert "IT-1 · Laptop will not start" in world.home(desk.ada["id"])
    assert "one request waits" not in world.home(desk.ada["id"])
    assert "IT Service Desk: one request waits" in world.home(desk.bea["id"])
    assert "IT-1 · Laptop will not start" in world.home(desk.bea["id"])


def test_an_agent_works_from_home_and_the_queue_there_grows_shorter(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open()
    driver.open_home(desk.bea)

    driver.press_at_home(desk.bea, "Open IT-1")
    driver.press_in_modal(desk.bea, "Take it")
    assert "Agent: Bea Novak" in desk.hears(desk.ada)
    driver.open_home(desk.bea)

    assert "Being worked on" in world.home(desk.bea["id"])


def test_slack_is_thanked_before_a_home_is_drawn(desk: Desk) -> None:
    city, world = desk.city, desk.city.world
    world.fail("views.publish", "held")
    thanked: list[str] = []

    def send(path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        answer = city.request("POST", path, headers=headers, content=body)
        thanked.append(world.home(desk.ada["id"]))
        return answer

    Driver(world, city.workspace, send, SECRET).open_home(desk.ada)
    world.let_go.set()
    city.settle()

    assert thanked == [""]
    assert "Your requests" in world.home(desk.ada["id"])


def test_of_two_homes_drawn_at_once_the_newer_stays(desk: Desk) -> None:
    city, world, where = desk.city, desk.city.world, Where(desk.city.workspace.id, desk.bea["id"])
    pages, replies = city.slack.inbound.events.own_pages, city.slack.inbound.replies
    world.fail("views.publish", "held")

    def ask(session: Session) -> None:
        ada = session.exec(select(Person).where(Person.name == "Ada Tremblay")).one()
        open_request(session, "it", ada, "Laptop", {}, now=city.clock.now())

    async def draw_twice() -> None:
        pages.show(where)
        await asyncio.to_thread(world.held.wait, 10)
        await city.app.database.run(ask)
        pages.show(where)
        # Time enough for the second to come before the first, if it did not wait.
        await asyncio.sleep(0.3)
        world.let_go.set()
        await replies.background.close()

    city.do(draw_twice())

    assert len(world.called("views.publish")) == 2
    assert "IT Service Desk: one request waits" in world.home(desk.bea["id"])
