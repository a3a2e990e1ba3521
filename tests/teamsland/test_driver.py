"""The driver does what people do in Teams, and shows them what Teams shows."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.teamsland.reading import Thing, attached
from tests.teamsland.samples import FORM, a_card, row, text
from tests.teamsland.showing import UNREACHABLE, WENT_WRONG
from tests.teamsland.stage import Teams, button, dialog

ADAPTIVE = "application/vnd.microsoft.card.adaptive"


def test_installing_says_who_and_where(teams: Teams) -> None:
    teams.driver.install(teams.ada)
    joined, installed = (activity for activity, _ in teams.bot.heard)

    assert joined["type"] == "conversationUpdate"
    assert [member["id"] for member in joined["membersAdded"]] == [teams.world.app.bot_id, teams.world.mri(teams.ada)]
    assert (installed["type"], installed["action"]) == ("installationUpdate", "add")
    assert installed["from"] == {"id": teams.world.mri(teams.ada), "name": "Ada Tremblay", "aadObjectId": teams.ada.id}
    assert installed["recipient"]["id"] == f"28:{teams.world.app.client_id}"
    assert installed["channelData"]["tenant"]["id"] == teams.tenant.id
    assert installed["conversation"]["conversationType"] == "personal"
    assert installed["serviceUrl"] == teams.world.service_url(teams.tenant)
    assert installed["locale"] == "fr-CA"
    assert teams.send(installed["conversation"]["id"]).status_code == 201


def test_taking_the_app_away_ends_the_conversation(teams: Teams) -> None:
    teams.team.has_app = False
    teams.driver.install(teams.ada)
    teams.driver.uninstall(teams.ada)

    assert (teams.bot.last["type"], teams.bot.last["action"]) == ("installationUpdate", "remove")
    assert teams.send(teams.world.personal(teams.ada).id).status_code == 403
    with pytest.raises(AssertionError, match="no bot to write to"):
        teams.driver.say(teams.ada, "hello?")


def test_a_block_is_heard_of_only_when_writing(teams: Teams) -> None:
    teams.driver.install(teams.ada)
    heard = len(teams.bot.heard)
    teams.driver.block(teams.ada)

    assert len(teams.bot.heard) == heard
    assert teams.send(teams.world.personal(teams.ada).id).status_code == 403


def test_a_team_gets_the_app_and_loses_it(teams: Teams) -> None:
    teams.driver.add_to_team(teams.team, teams.ada)
    joined, installed = (activity for activity, _ in teams.bot.heard)
    assert joined["channelData"]["eventType"] == "teamMemberAdded"
    assert joined["channelData"]["team"] == {"id": teams.team.id, "name": "IT", "aadGroupId": teams.team.group}
    assert joined["conversation"] == {
        "isGroup": True,
        "conversationType": "channel",
        "tenantId": teams.tenant.id,
        "id": teams.team.id,
    }
    assert installed["channelData"]["settings"]["selectedChannel"]["id"] == teams.team.id

    teams.driver.remove_from_team(teams.team, teams.ada)
    assert teams.bot.last["action"] == "remove"
    assert teams.send(teams.channel.id).status_code == 403


def test_a_team_and_its_channels_change(teams: Teams) -> None:
    made = teams.driver.change_team(teams.team, teams.bob, "channelCreated", name="Night shift")
    assert teams.bot.last["channelData"]["channel"] == {"id": made.id, "name": "Night shift"}
    assert teams.bot.last["channelData"]["eventType"] == "channelCreated"
    assert teams.send(made.id).status_code == 201

    teams.driver.change_team(teams.team, teams.bob, "channelRenamed", channel=made, name="Day shift")
    assert teams.bot.last["channelData"]["channel"]["name"] == "Day shift"
    teams.driver.change_team(teams.team, teams.bob, "channelDeleted", channel=made)
    assert teams.send(made.id).status_code == 404
    teams.driver.change_team(teams.team, teams.bob, "teamRenamed", name="Informatics")
    assert teams.bot.last["channelData"]["team"]["name"] == "Informatics"
    assert "channel" not in teams.bot.last["channelData"]
    teams.driver.change_team(teams.team, teams.bob, "teamArchived")
    assert teams.send(teams.channel.id).status_code == 403
    teams.driver.change_team(teams.team, teams.bob, "teamUnarchived")
    assert teams.send(teams.channel.id).status_code == 201
    teams.driver.change_team(teams.team, teams.bob, "teamDeleted")
    assert teams.send(teams.channel.id).status_code == 404


def test_the_bot_hears_of_new_members(teams: Teams) -> None:
    zoe = teams.world.add_person(teams.tenant, "Zoe Roy")
    teams.driver.join_team(teams.team, zoe, teams.ada)

    assert teams.bot.last["membersAdded"] == [{"id": teams.world.mri(zoe), "aadObjectId": zoe.id}]
    assert teams.world.may_write_to(zoe)


def test_a_line_to_the_bot_is_plain_text(teams: Teams) -> None:
    teams.driver.install(teams.ada)
    message = teams.driver.say(teams.ada, "request it <b>Laptop</b>")

    assert (teams.bot.last["text"], teams.bot.last["textFormat"]) == ("request it <b>Laptop</b>", "plain")
    assert teams.bot.last["id"] == message.id
    assert teams.world.reads(teams.ada) == ["request it <b>Laptop</b>"]


def test_in_a_channel_the_bot_hears_what_mentions_it(teams: Teams) -> None:
    root = teams.driver.say(teams.ada, "lovely weather", channel=teams.channel)
    assert teams.bot.heard == []

    teams.driver.say(teams.bob, "request it & now", channel=teams.channel, thread=root.id, mention=True)
    heard = teams.bot.last
    assert heard["text"] == "<at>workbot</at> request it & now"
    assert heard["entities"][0]["mentioned"]["id"] == teams.world.app.bot_id
    assert heard["conversation"]["id"] == f"{teams.channel.id};messageid={root.id}"
    assert heard["channelData"]["channel"]["id"] == teams.channel.id
    assert "&amp; now" in heard["attachments"][0]["content"]
    assert teams.world.reads(teams.channel) == ["lovely weather"]
    assert teams.world.reads(teams.channel, root.id) == ["request it & now"]


def test_in_ones_own_conversation_a_message_is_answered_by_quoting_it(teams: Teams) -> None:
    message = teams.show(text("Your request <b>7</b>"))

    teams.driver.say(teams.ada, "It works again", answering=message)
    heard = teams.bot.last
    assert heard["text"] == f'<quoted messageId="{message.id}"/> It works again'
    quoted = heard["entities"][0]["quotedReply"]
    assert (quoted["messageId"], quoted["senderId"]) == (message.id, teams.world.app.bot_id)
    assert f'itemid="{message.id}"' in heard["attachments"][0]["content"]
    assert "<b>" not in heard["attachments"][0]["content"]
    assert teams.world.reads(teams.ada)[-1] == "It works again"


def test_messages_are_changed_and_deleted(teams: Teams) -> None:
    teams.driver.install(teams.ada)
    message = teams.driver.say(teams.ada, "one")

    teams.driver.edit(message, "two")
    assert (teams.bot.last["type"], teams.bot.last["text"]) == ("messageUpdate", "two")
    assert teams.bot.last["channelData"]["eventType"] == "editMessage"
    teams.driver.delete(message)
    assert (teams.bot.last["type"], teams.bot.last["id"]) == ("messageDelete", message.id)
    assert teams.world.reads(teams.ada) == []


def test_a_button_is_an_invoke_with_what_was_filled_in(teams: Teams) -> None:
    comment = {"type": "Input.Text", "id": "comment", "label": "Comment"}
    message = teams.show(comment, row(button("Take it"), button("Leave it", associatedInputs="none")))

    teams.driver.press(teams.ada, "Take it", fill={"Comment": "mine"})
    heard = teams.bot.last
    assert (heard["type"], heard["name"]) == ("invoke", "adaptiveCard/action")
    assert heard["value"]["action"]["verb"] == "press"
    assert heard["value"]["action"]["data"] == {"action": "request.take", "value": "7", "comment": "mine"}
    assert heard["replyToId"] == message.id
    teams.driver.press(teams.ada, "Leave it", value="forged")
    assert teams.bot.last["value"]["action"]["data"] == {"action": "request.take", "value": "forged"}
    with pytest.raises(AssertionError, match="no button 'Sell it'"):
        teams.driver.press(teams.ada, "Sell it")


def test_an_old_button_is_a_message_with_a_value(teams: Teams) -> None:
    message = teams.show(row(button("Take it", "Action.Submit")))

    teams.driver.press(teams.ada, "Take it")
    assert teams.bot.last["type"] == "message"
    assert "text" not in teams.bot.last
    assert teams.bot.last["value"] == {"action": "request.take", "value": "7"}
    assert teams.bot.last["replyToId"] == message.id


def test_a_list_is_chosen_from_with_the_button_after_it(teams: Teams) -> None:
    choices = [{"title": "Low", "value": "1"}, {"title": "High", "value": "2"}]
    asked = {"type": "Input.ChoiceSet", "id": "level", "label": "Level", "wrap": True, "choices": choices}
    teams.show(row(button("Before")), asked, row(button("Set")))

    teams.driver.pick(teams.ada, "High")
    assert teams.bot.last["value"]["action"]["title"] == "Set"
    assert teams.bot.last["value"]["action"]["data"]["level"] == "2"


def test_the_answering_card_is_seen_by_whoever_pressed(teams: Teams) -> None:
    card = a_card(text("before"), row(button("Take it")))
    message = teams.world.post(teams.channel, {"type": "message", "attachments": [attached(card)]})
    teams.bot.will_answer({"statusCode": 200, "type": ADAPTIVE, "value": a_card(text("after"))})

    teams.driver.press(teams.bob, "Take it", where=teams.channel)
    assert teams.world.reads(teams.channel, viewer=teams.bob) == ["after"]
    assert teams.world.reads(teams.channel, viewer=teams.ada) == ["before\nTake it"]
    # What the bot changes itself is seen by all.
    message.change({"type": "message", "attachments": [attached(a_card(text("changed")))]})
    assert teams.world.reads(teams.channel, viewer=teams.bob) == ["changed"]


def test_what_is_pressed_next_is_on_the_card_that_one_sees(teams: Teams) -> None:
    teams.show(row(button("Take it")))
    teams.bot.will_answer({"statusCode": 200, "type": ADAPTIVE, "value": a_card(text("taken"), row(button("Undo")))})

    teams.driver.press(teams.ada, "Take it")
    teams.driver.press(teams.ada, "Undo")
    assert teams.bot.last["value"]["action"]["title"] == "Undo"
    with pytest.raises(AssertionError, match="no button 'Take it'"):
        teams.driver.press(teams.ada, "Take it")
    with pytest.raises(AssertionError, match="no button 'Undo'"):
        teams.driver.press(teams.bob, "Undo", where=teams.world.personal(teams.ada))


@pytest.mark.parametrize(
    ("body", "status", "notice"),
    [
        ({"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Taken."}, 200, "Taken."),
        (
            {"statusCode": 400, "type": "application/vnd.microsoft.error", "value": {"code": "x", "message": "No."}},
            200,
            "No.",
        ),
        ({"statusCode": 500, "type": ADAPTIVE, "value": a_card()}, 200, WENT_WRONG),
        (None, 200, WENT_WRONG),
        ([], 200, WENT_WRONG),
        ({"statusCode": 200}, 200, WENT_WRONG),
        (None, 500, UNREACHABLE),
        (None, 401, UNREACHABLE),
    ],
)
def test_people_are_told_what_became_of_a_button(teams: Teams, body: Thing | None, status: int, notice: str) -> None:
    teams.show(text("still here"), row(button("Take it")))
    teams.bot.will_answer(body, status)

    teams.driver.press(teams.ada, "Take it")
    assert teams.world.screen(teams.ada).notices == [notice]
    assert teams.world.reads(teams.ada) == ["still here\nTake it"]


def test_an_answer_that_breaks_a_rule_is_a_mistake_of_the_bot(teams: Teams) -> None:
    teams.show(row(button("Take it")))
    teams.bot.will_answer({"statusCode": 200, "type": ADAPTIVE, "value": a_card({"type": "TextBlock", "text": "x"})})

    with pytest.raises(AssertionError, match="wrap"):
        teams.driver.press(teams.ada, "Take it")


def open_form(teams: Teams) -> None:
    asking = button("New request", "Action.Submit", data={"msteams": {"type": "task/fetch"}, "dialog_id": "new"})
    teams.show(row(asking))
    teams.bot.will_answer(dialog(FORM))
    teams.driver.press(teams.ada, "New request")


def test_a_dialog_is_fetched_filled_in_and_sent(teams: Teams) -> None:
    open_form(teams)
    assert teams.bot.last["name"] == "task/fetch"
    assert teams.bot.last["value"]["data"]["dialog_id"] == "new"
    opened = teams.world.screen(teams.ada).dialog
    assert opened is not None
    assert opened.title == "New request"

    teams.driver.submit(teams.ada, What="Laptop", Desk=["IT", "HR"], Keep_it=True, How=3, When="2026-12-01")
    assert teams.bot.last["name"] == "task/submit"
    assert teams.bot.last["value"]["data"] == {
        "action": "request.open",
        "what": "Laptop",
        "desk": "it,hr",
        "private": "yes",
        "count": "3",
        "when": "2026-12-01",
    }
    assert teams.world.screen(teams.ada).dialog is None


def test_what_is_empty_is_not_sent(teams: Teams) -> None:
    open_form(teams)
    teams.driver.submit(teams.ada, What="Laptop")

    assert teams.bot.last["value"]["data"] == {"action": "request.open", "what": "Laptop"}


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, "without 'What is it about"),
        ({"What": "x", "How": 10}, "out of bounds"),
        ({"What": "x", "When": "tomorrow"}, "no date"),
        ({"What": "x", "When": "2026-10-31"}, "out of bounds"),
        ({"What": "x", "Code": "a1"}, "would not send 'a1'"),
        ({"What": "x", "Desk": "Legal"}, "no choice 'Legal'"),
        ({"What": "x", "Colour": "red"}, "no field called"),
    ],
)
def test_a_form_that_teams_would_not_send_is_not_sent(teams: Teams, values: dict[str, Any], why: str) -> None:
    open_form(teams)

    with pytest.raises(AssertionError, match=why):
        teams.driver.submit(teams.ada, **values)


def test_a_dialog_may_be_followed_by_another_or_by_words(teams: Teams) -> None:
    open_form(teams)
    teams.bot.will_answer(dialog(a_card(text("Choose a desk."), *FORM["body"]), "Once more"))
    teams.bot.will_answer({"task": {"type": "message", "value": "Sent."}})

    teams.driver.submit(teams.ada, What="x")
    again = teams.world.screen(teams.ada).dialog
    assert again is not None
    assert again.title == "Once more"
    teams.driver.submit(teams.ada, What="x")
    assert teams.world.screen(teams.ada).dialog is None
    assert teams.world.screen(teams.ada).notices == ["Sent."]


def test_a_dialog_that_does_not_come_leaves_words(teams: Teams) -> None:
    asking = button("New request", "Action.Submit", data={"msteams": {"type": "task/fetch"}})
    teams.show(row(asking))

    teams.driver.press(teams.ada, "New request")
    assert teams.world.screen(teams.ada).dialog is None
    assert teams.world.screen(teams.ada).notices == [WENT_WRONG]
    teams.bot.will_answer({"task": {"type": "close"}})
    with pytest.raises(AssertionError, match="no such answer to a dialog"):
        teams.driver.press(teams.ada, "New request")


def test_a_failure_leaves_the_dialog_open(teams: Teams) -> None:
    open_form(teams)
    teams.bot.answers.append(httpx.Response(200, text="<html>"))
    teams.driver.submit(teams.ada, What="Laptop")
    assert teams.world.screen(teams.ada).notices.pop() == WENT_WRONG
    teams.bot.will_answer(None, 500)

    teams.driver.submit(teams.ada, What="Laptop")
    assert teams.world.screen(teams.ada).dialog is not None
    assert teams.world.screen(teams.ada).notices == [UNREACHABLE]


def test_a_dialog_that_breaks_a_rule_is_a_mistake_of_the_bot(teams: Teams) -> None:
    teams.show(row(button("New request", "Action.Submit", data={"msteams": {"type": "task/fetch"}})))
    teams.bot.will_answer(dialog(a_card(row(button("Send")))))

    with pytest.raises(AssertionError, match=r"Action\.Execute does nothing in a dialog"):
        teams.driver.press(teams.ada, "New request")


def test_a_message_is_handed_to_the_app(teams: Teams) -> None:
    message = teams.driver.say(teams.bob, "the <printer> is on fire", channel=teams.channel)
    teams.bot.will_answer(dialog(FORM))
    teams.driver.quote(teams.ada, message, "make-request")

    asked = teams.bot.last
    assert (asked["name"], asked["value"]["commandId"]) == ("composeExtension/fetchTask", "make-request")
    payload = asked["value"]["messagePayload"]
    assert payload["body"] == {"contentType": "html", "content": "<p>the &lt;printer&gt; is on fire</p>"}
    assert payload["from"]["user"] == {
        "userIdentityType": "aadUser",
        "id": teams.bob.id,
        "displayName": "Bob Martin",
    }
    assert payload["linkToMessage"].startswith("https://teams.microsoft.com/l/message/")

    teams.driver.submit(teams.ada, What="Fire")
    assert teams.bot.last["name"] == "composeExtension/submitAction"
    assert teams.bot.last["value"]["data"]["what"] == "Fire"
    assert teams.bot.last["value"]["messagePayload"]["id"] == message.id
    assert teams.world.screen(teams.ada).dialog is None


def test_the_bots_own_messages_can_be_handed_to_it(teams: Teams) -> None:
    message = teams.show(text("from the bot"))
    teams.bot.will_answer({})

    teams.driver.quote(teams.ada, message, "make-request")
    payload = teams.bot.last["value"]["messagePayload"]
    assert payload["from"]["user"] is None
    assert payload["from"]["application"]["id"] == teams.world.app.client_id
    assert "context=chat" in payload["linkToMessage"]
    assert teams.world.screen(teams.ada).notices == [WENT_WRONG]


def test_a_button_may_speak_for_whoever_presses_it(teams: Teams) -> None:
    back = {"msteams": {"type": "messageBack", "text": "help", "value": {"from": "button"}}}
    teams.show(row(button("Help", "Action.Submit", data=back)))

    teams.driver.press(teams.ada, "Help")
    assert (teams.bot.last["type"], teams.bot.last["text"]) == ("message", "help")
    assert teams.bot.last["value"] == {"from": "button"}


def test_what_nothing_here_does_is_told(teams: Teams) -> None:
    teams.show(row(button("Sign in", "Action.Submit", data={"msteams": {"type": "signin"}})))

    with pytest.raises(AssertionError, match="nothing here does signin"):
        teams.driver.press(teams.ada, "Sign in")
    with pytest.raises(AssertionError, match="nothing here does teamPainted"):
        teams.driver.change_team(teams.team, teams.ada, "teamPainted")
    with pytest.raises(AssertionError, match="no choice 'Blue'"):
        teams.driver.pick(teams.ada, "Blue")


def test_a_search_brings_cards_to_put_into_a_message(teams: Teams) -> None:
    found = attached(a_card(text("Laptop")))
    preview = {"contentType": "application/vnd.microsoft.card.thumbnail", "content": {"title": "Laptop"}}
    result = {"type": "result", "attachmentLayout": "list", "attachments": [found | {"preview": preview}]}
    teams.bot.will_answer({"composeExtension": result})

    teams.driver.search(teams.ada, "requests", "lap", name="words")
    assert teams.bot.last["value"]["parameters"] == [{"name": "words", "value": "lap"}]
    assert teams.world.screen(teams.ada).results == result["attachments"]
    teams.bot.will_answer({"composeExtension": {"type": "message", "text": "Nothing found."}})
    teams.driver.search(teams.ada, "requests", "")
    assert teams.bot.last["value"]["parameters"] == [{"name": "initialRun", "value": "true"}]
    assert teams.world.screen(teams.ada).notices == ["Nothing found."]


def test_a_link_may_have_a_card_under_it(teams: Teams) -> None:
    found = {"type": "result", "attachmentLayout": "list", "attachments": [attached(a_card(text("Request 7")))]}
    teams.bot.will_answer({"composeExtension": found})

    teams.driver.link(teams.ada, "https://bot.city.example/requests/7", where=teams.channel)
    assert teams.bot.last["name"] == "composeExtension/queryLink"
    assert teams.bot.last["value"] == {"url": "https://bot.city.example/requests/7"}
    assert teams.world.screen(teams.ada).composing == found["attachments"]
    teams.bot.will_answer(None, 500)
    teams.driver.link(teams.ada, "https://bot.city.example/requests/8")
    assert teams.world.screen(teams.ada).composing == []
    assert teams.world.screen(teams.ada).notices == []


def test_a_card_is_refreshed_for_whom_it_names(teams: Teams) -> None:
    teams.ada.has_app = True
    card = a_card(text("old")) | {
        "refresh": {
            "action": {"type": "Action.Execute", "verb": "v", "data": {}},
            "userIds": [teams.world.mri(teams.ada)],
        }
    }
    assert teams.send(teams.world.personal(teams.ada).id, card).status_code == 201
    teams.bot.will_answer({"statusCode": 200, "type": ADAPTIVE, "value": a_card(text("new"))})

    teams.driver.refresh(teams.ada, teams.world.messages(teams.ada)[0])
    assert teams.bot.last["value"]["trigger"] == "automatic"
    assert teams.world.reads(teams.ada) == ["new"]
    with pytest.raises(AssertionError):
        teams.driver.refresh(teams.bob, teams.world.messages(teams.ada)[0])


def test_requests_can_be_sent_again_or_made_up(teams: Teams) -> None:
    teams.driver.install(teams.ada)
    teams.driver.say(teams.ada, "hello")

    teams.driver.again()
    assert teams.bot.heard[-1] == teams.bot.heard[-2]
    answer = teams.driver.send_activity(teams.bot.last | {"text": "forged"}, aud="another")
    assert isinstance(answer, httpx.Response)
    assert teams.bot.last["text"] == "forged"
