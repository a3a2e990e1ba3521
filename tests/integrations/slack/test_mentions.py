"""Whom and what people mention on Slack, as the other side reads it."""

from __future__ import annotations

import pytest

from tests.integrations.slack.city import City
from tests.integrations.slack.test_requests import FILLED, Desk
from tests.slackland.world import Thing


@pytest.fixture
def desk(city: City) -> Desk:
    made = Desk(city)
    made.open()
    return made


def in_thread(desk: Desk, user: Thing, text: str) -> str:
    """Write under the request where somebody reads it; what the other side has under theirs."""
    world = desk.city.world
    root, mine = world.messages(desk.channel)[-1]["ts"], world.messages(desk.ada["id"])[-1]["ts"]
    if user is desk.ada:
        desk.city.driver.say(user, text, thread=mine)
        return desk.in_channel(root)
    desk.city.driver.say(user, text, channel=desk.channel, thread=root)
    return desk.hears(desk.ada, mine)


def test_somebody_of_ours_is_called_by_name(desk: Desk) -> None:
    desk.bea["profile"]["real_name"] = "bea 🌴 (away)"

    said = in_thread(desk, desk.ada, f"<@{desk.bea['id']}> please hurry")

    assert "@Bea Novak please hurry" in said
    assert desk.bea["id"] not in said
    assert desk.city.world.called("users.info") == []


def test_somebody_whom_only_slack_knows_is_called_as_there(desk: Desk) -> None:
    world = desk.city.world
    zoe = world.add_user(desk.city.workspace, "Zoé Roy", "zoe@elsewhere.example")

    for _ in range(2):
        assert "ask @Zoé Roy" in in_thread(desk, desk.bea, f"ask <@{zoe['id']}|zroy>")
    # Who was asked about lately is not asked about again.
    assert len(world.called("users.info")) == 1


def test_nobody_is_called_by_an_id(desk: Desk) -> None:
    desk.city.world.fail("users.info", "error:user_not_found", 9)

    said = in_thread(desk, desk.ada, "<@U0NOBODY> <@W0NOBODY|W0NOBODY>, <!subteam^S0999>, <#C0ABC> <!here>")

    assert "someone someone, a group, a channel @here" in said
    assert "0NOBODY" not in said


def test_a_text_of_many_names_asks_about_few(desk: Desk) -> None:
    said = in_thread(desk, desk.ada, " ".join(f"<@U0NOBODY{number}>" for number in range(50)))

    assert said.count("someone") == 50
    assert len(desk.city.world.called("users.info")) <= 5


def test_a_channel_is_called_by_name_unless_it_is_private(desk: Desk) -> None:
    world, city = desk.city.world, desk.city
    general = world.add_channel(city.workspace, "general", is_member=True)
    secret = world.add_channel(city.workspace, "layoffs", private=True, is_member=True)
    hidden = world.add_channel(city.workspace, "board", private=True)

    said = in_thread(desk, desk.ada, f"<#{general}> <#{secret}> <#{hidden}|> <#{desk.channel}>")

    assert "#general a private channel a channel #it" in said
    assert "layoffs" not in said


def test_a_private_desks_channel_is_not_named_even_where_slack_names_it(desk: Desk) -> None:
    world, city = desk.city.world, desk.city
    pia = city.hire("Pia Hart", "agent:hr")
    channel = world.add_channel(city.workspace, "hr", private=True, is_member=True, creator=pia["id"])
    city.compare()

    said = in_thread(desk, desk.ada, f"I asked in <#{channel}|hr> already")

    assert "I asked in a private channel already" in said


def test_in_the_language_of_who_wrote(desk: Desk) -> None:
    marc = desk.city.hire("Marc Roy", "agent:it", locale="fr")
    desk.city.compare()

    assert "un groupe, un canal, quelqu’un" in in_thread(desk, marc, "<!subteam^S0999>, <#C0ABC>, <@U0NOBODY>")


def test_emojis_are_read_as_what_they_are(desk: Desk) -> None:
    said = in_thread(desk, desk.ada, "Thanks :pray::skin-tone-2: at 10:30:45, a:b:c :our_mascot:")

    assert "Thanks 🙏🏻 at 10:30:45, a:b:c :our_mascot:" in said


def test_what_is_filled_in_a_form_is_read_the_same(desk: Desk) -> None:
    driver = desk.city.driver
    driver.command(desk.ada, "/request", "it Printer :fire:")
    driver.submit(desk.ada, **FILLED, Tell_us_more=f"<@{desk.bea['id']}> knows :eyes: that 1 < 2 &amp; 3 > 2")

    card = desk.in_channel()
    assert "IT-2 · Printer 🔥" in card
    assert "@Bea Novak knows 👀 that 1 < 2 &amp; 3 > 2" in card


def test_a_message_that_is_made_a_request_is_read_the_same(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    general = world.add_channel(desk.city.workspace, "general", is_member=True)
    message = driver.say(desk.bea, f"<@{desk.ada['id']}> the printer smokes :fire:", channel=general)

    driver.message_shortcut(desk.ada, "quote", general, message)
    driver.press_in_modal(desk.ada, "IT Service Desk")
    driver.submit(desk.ada, **FILLED)

    assert "IT-2 · @Ada Tremblay the printer smokes 🔥" in desk.in_channel()


def test_our_own_name_at_the_head_is_no_part_of_what_is_said(desk: Desk) -> None:
    bot = desk.city.workspace.bot_user

    said = in_thread(desk, desk.bea, f"<@{bot}> have you tried <@{bot}>?")

    assert "Bea Novak\nhave you tried @workbot?" in said
