"""What is for one person where others read along: they alone see it there, or in their own conversation where Teams
does not let us; slash commands, and mentions wherever they stand."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.teams import parsing
from tests.integrations.teams.city import City
from tests.integrations.teams.test_requests import FILLED, Desk
from tests.teamsland import activities
from tests.teamsland.reading import Thing, walk
from tests.teamsland.things import Conversation, Message
from tests.teamsland.things import Person as User
from workbot.cards import Card, Text
from workbot.pulse import service as surveys


@pytest.fixture
def desk(city: City) -> Desk:
    return Desk(city)


def sees(desk: Desk, user: User | None, place: Conversation) -> str:
    """What somebody reads in a place in all; without one, what everybody does."""
    return "\n\n".join(one.reads(user) for one in place.messages if one.is_seen_by(user))


def mention(desk: Desk, message: Message, **other: Any) -> Thing:
    """The activity of a message that names us, some of it otherwise."""
    return activities.message(desk.city.world, message, mention=True) | other


def test_an_answer_for_one_person_stands_where_they_asked_and_nobody_else_reads_it(desk: Desk) -> None:
    general, world = desk.team.channels[0], desk.city.world
    before = len(world.messages(desk.bea))

    question = desk.city.driver.say(desk.bea, "requests", channel=general, mention=True)

    assert "Your requests" in "\n".join(world.reads(general, question.id, viewer=desk.bea))
    assert "Your requests" not in sees(desk, None, general)
    assert "Your requests" not in sees(desk, desk.ada, general)
    assert len(world.messages(desk.bea)) == before


@pytest.mark.parametrize("how", ["not enabled", "refused", "not a member", "asked to wait"])
def test_where_teams_refuses_that_it_stands_in_their_own_conversation(desk: Desk, how: str) -> None:
    general, city = desk.team.channels[0], desk.city
    match how:
        case "not enabled":
            city.tenant.has_targeted = False
        case "refused":
            city.world.fail("send", "403:BotNotInConversationRoster")
        case "not a member":
            desk.team.members.remove(desk.bea)
        case "asked to wait":
            city.world.fail("send", "412", times=1)
    city.driver.say(desk.bea, "requests", channel=general, mention=True)

    if how == "asked to wait":
        assert "Your requests" in sees(desk, desk.bea, general)
    else:
        assert "Your requests" in desk.hears(desk.bea)
    assert "Your requests" not in sees(desk, None, general)


def test_a_slash_command_is_a_command_that_nobody_else_reads(desk: Desk) -> None:
    general, city = desk.team.channels[0], desk.city
    desk.team.members.append(desk.ada)

    city.driver.command(desk.ada, "request it Laptop will not start", channel=general)
    city.driver.press(desk.ada, "Open the form", where=general)
    city.driver.submit(desk.ada, **FILLED)

    assert "IT-1 · Laptop will not start" in desk.hears(desk.ada)
    assert "Laptop will not start" in desk.in_channel()
    assert sees(desk, None, general) == ""
    (answer,) = [one for one in general.messages if one.only_for is desk.ada and not one.author]
    (question,) = [one for one in general.messages if one.author is desk.ada]
    assert answer.activity["entities"] == [{"type": "targetedMessageInfo", "messageId": question.id}]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/requests", "Your requests"),
        ("DEMANDES", "Your requests"),
        ("help", "What I can do"),
        ("", "What I can do"),
        ("abracadabra", "I did not understand that"),
    ],
)
def test_every_slash_command_is_answered_alone_in_a_channel_and_in_a_chat(desk: Desk, line: str, answer: str) -> None:
    chat = desk.city.world.add_chat(desk.city.tenant, "Budget", [desk.ada, desk.bea])

    for place in (desk.team.channels[0], chat):
        desk.city.driver.command(desk.bea, line, channel=place)

        assert answer in sees(desk, desk.bea, place)
        assert answer not in sees(desk, desk.ada, place)


def test_what_one_asks_us_alone_under_a_request_is_no_word_of_its_conversation(desk: Desk) -> None:
    world, driver = desk.city.world, desk.city.driver
    desk.open()
    root = world.messages(desk.channel)[-1]
    before = desk.hears(desk.ada)

    driver.command(desk.bea, "requests", channel=desk.channel, thread=root.id)

    assert "Your requests" in "\n".join(world.reads(desk.channel, root.id, viewer=desk.bea))
    assert desk.hears(desk.ada) == before


def test_what_is_pressed_on_a_card_that_one_sees_alone_changes_it_for_them_and_is_put_in_place_of_nothing(
    desk: Desk,
) -> None:
    world, driver = desk.city.world, desk.city.driver
    general = desk.team.channels[0]
    driver.command(desk.bea, "request", channel=general)
    world.calls.clear()

    driver.press(desk.bea, "IT Service Desk", where=general)
    driver.submit(desk.bea, **FILLED, What_is="A new keyboard")

    (shown,) = [one for one in general.messages if one.only_for is desk.bea and not one.author]
    assert all("alone" in one["data"] for one in walk(shown.card()) if str(one.get("type")).startswith("Action."))
    assert "IT-1" in desk.in_channel()
    assert shown.id not in str(world.called("update"))


def test_a_form_in_a_message_that_one_sees_alone_is_sent_from_there(desk: Desk) -> None:
    driver, general = desk.city.driver, desk.team.channels[0]
    driver.command(desk.bea, "request it Laptop", channel=general)

    driver.press(desk.bea, "Fill it in here", where=general)
    (shown,) = [one for one in general.messages if one.only_for is desk.bea and not one.author]
    send = next(one for one in walk(shown.card(desk.bea)) if one.get("title") == "Send")
    # A client that does not check what is required.
    driver.press_in(desk.bea, shown, send, {"f0": "Laptop"})
    assert "This needs an answer." in sees(desk, desk.bea, general)
    driver.press(
        desk.bea, "Send", where=general, fill={"What kind": "Something is broken", "How much": "I cannot work"}
    )

    assert "IT-1 · Laptop" in desk.in_channel()
    assert sees(desk, None, general) == ""


def test_promises_go_to_ones_own_conversation_and_never_vanish(desk: Desk) -> None:
    """What is told by the outbox is changed later: it stands where it lasts, and so does nothing else."""
    world, driver = desk.city.world, desk.city.driver
    general = desk.team.channels[0]
    driver.command(desk.bea, "request it Laptop will not start", channel=general)
    driver.press(desk.bea, "Open the form", where=general)
    driver.submit(desk.bea, **FILLED)

    world.end_day()
    driver.press(desk.bea, "Take it", where=desk.channel)

    assert "IT-1 · Laptop will not start" in desk.hears(desk.bea)
    assert "Bea Novak" in desk.hears(desk.bea)
    assert [one for one in general.messages if one.is_seen_by(desk.bea)] == []


def test_a_long_answer_comes_whole_and_for_one_person_alone(desk: Desk) -> None:
    city, general = desk.city, desk.team.channels[0]
    question = city.driver.command(desk.bea, "help", channel=general)
    where = parsing.where(activities.message(city.world, question))
    card = Card("All of it", tuple(Text(f"Line {number}: " + "smoke " * 200) for number in range(60)))

    async def say() -> None:
        city.teams.inbound.background.say(where, card, "en", public=True)
        await city.teams.inbound.background.close()

    city.do(say())

    assert all(f"Line {number}: " in sees(desk, desk.bea, general) for number in range(60))
    assert "Line" not in sees(desk, None, general)


@pytest.mark.parametrize("words", ["help", "AIDE", "what is this?", ""])
def test_a_mention_in_a_thread_of_others_is_answered_there(desk: Desk, words: str) -> None:
    driver, world = desk.city.driver, desk.city.world
    general = desk.team.channels[0]
    root = driver.say(desk.ada, "The printer smokes", channel=general)

    driver.say(desk.bea, words, channel=general, thread=root.id, mention=True)

    (answer,) = [one for one in world.messages(general, root.id, viewer=desk.bea) if not one.author]
    assert "What I can do" in answer.reads() or "I did not understand that" in answer.reads()
    assert sees(desk, None, general).count("\n\n") == 1


@pytest.mark.parametrize("other", ["9f1c2d", "1700000000000"])
def test_a_mention_whose_own_id_is_another_than_the_conversations_is_answered(desk: Desk, other: str) -> None:
    general = desk.team.channels[0]
    message = desk.city.world.post(general, {"type": "message", "text": "help"}, author=desk.bea)

    desk.city.driver.send_activity(mention(desk, message, id=other))

    assert "What I can do" in sees(desk, desk.bea, general)


def test_a_mention_in_a_channel_of_any_name_is_answered_in_its_thread(desk: Desk) -> None:
    """The ids of conversations are nobody's to read in, whatever most of them look like."""
    world = desk.city.world
    odd = Conversation("conv-7/4", desk.city.tenant, name="Odd", team=desk.team)
    world.conversations[odd.id] = odd
    desk.team.channels.append(odd)
    message = world.post(odd, {"type": "message", "text": "requests"}, author=desk.bea)
    desk.city.tenant.has_targeted = False
    desk.city.driver.uninstall(desk.bea)
    desk.bea.block = "MessageWritesBlocked"

    desk.city.driver.send_activity(mention(desk, message))

    (answer,) = world.reads(odd, message.id)
    assert "Let us talk in private" in answer


@pytest.mark.parametrize("name", ["Budget", "Meeting of the board"])
def test_a_mention_in_a_chat_of_several_people_is_answered_to_who_wrote_it(desk: Desk, name: str) -> None:
    chat = desk.city.world.add_chat(desk.city.tenant, name, [desk.ada, desk.bea])

    desk.city.driver.say(desk.ada, "requests", channel=chat, mention=True)
    desk.city.driver.say(desk.bea, "lunch?", channel=chat, mention=True)
    desk.city.driver.say(desk.bea, "never mind", channel=chat)

    assert "Your requests" in sees(desk, desk.ada, chat)
    assert "I did not understand that" in sees(desk, desk.bea, chat)
    assert sees(desk, None, chat) == "requests\n\nlunch?\n\nnever mind"


@pytest.mark.parametrize("targeted", [True, False])
def test_a_stranger_who_names_us_is_told_how_to_become_known(desk: Desk, targeted: bool) -> None:
    city = desk.city
    city.tenant.has_targeted = targeted
    zoe = city.world.add_person(city.tenant, "Zoé Roy", "zoe@elsewhere.example")
    zoe.has_app = True
    desk.team.members.append(zoe)
    general = desk.team.channels[0]
    root = city.driver.say(desk.ada, "The printer smokes", channel=general)

    city.driver.say(zoe, "help", channel=general, thread=root.id, mention=True)

    said = sees(desk, zoe, general) if targeted else desk.hears(zoe)
    assert "We have not met" in said.replace("we", "We")
    assert "We have not met" not in sees(desk, None, general)


def test_somebody_of_whom_entra_knows_nothing_is_answered_where_they_named_us(desk: Desk) -> None:
    """Guests of a meeting have no id but the one that the bot calls them by."""
    city = desk.city
    guest = city.world.add_person(city.tenant, "A Guest", "guest@elsewhere.example")
    chat = city.world.add_chat(city.tenant, "Meeting", [desk.ada, guest])
    message = city.world.post(chat, {"type": "message", "text": "help"}, author=guest)
    nameless = {"id": city.world.mri(guest), "name": "A Guest"}

    city.driver.send_activity(mention(desk, message) | {"from": nameless})

    assert "have not met" in sees(desk, guest, chat)


def test_talk_that_does_not_name_us_is_left_alone_where_a_team_lets_us_hear_all(desk: Desk) -> None:
    city, general = desk.city, desk.team.channels[0]
    zoe = city.world.add_person(city.tenant, "Zoé Roy", "zoe@elsewhere.example")
    root = city.driver.say(desk.ada, "The printer smokes", channel=general)
    before = len(general.messages) + len(city.world.messages(desk.bea)) + len(city.world.messages(zoe))
    for author in (desk.bea, zoe):
        message = city.world.post(general, {"type": "message", "text": "help"}, author=author, root=root.id)
        city.driver.send_activity(activities.message(city.world, message))

    assert len(general.messages) + len(city.world.messages(desk.bea)) + len(city.world.messages(zoe)) == before + 2


def test_two_bots_do_not_answer_each_other_for_ever(desk: Desk) -> None:
    general = desk.team.channels[0]
    message = desk.city.world.post(general, {"type": "message", "text": "help"}, author=desk.bea)
    before = len(general.messages)

    for bot in ({"id": "28:another"}, {"id": "29:x", "role": "bot"}):
        desk.city.driver.send_activity(mention(desk, message, id=bot["id"]) | {"from": bot})

    assert len(general.messages) == before


def test_a_survey_that_one_answers_in_a_channel_stays_between_the_two(desk: Desk) -> None:
    with desk.city.app.database.session() as session:
        assert surveys.open_wave(session, "weekly", now=desk.city.clock.now()) is None
    general = desk.team.channels[0]

    desk.city.driver.command(desk.bea, "pulse", channel=general)

    assert sees(desk, None, general) == ""
    assert sees(desk, desk.bea, general)
