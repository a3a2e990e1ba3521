"""What Teams' refusals mean: closed only where its words say so, looked up anew where somebody may have been moved."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest
from sqlmodel import select

from integrations.teams.errors import has_moved, is_closed, refusal
from tests.integrations.teams.city import City
from tests.integrations.teams.test_delivery import Town
from workbot.cards import Card
from workbot.delivery import Message, State
from workbot.people import Account


@pytest.fixture
def town(city: City) -> Town:
    return Town(city)


def unreachable(town: Town) -> str:
    with town.city.app.database.session() as session:
        wanted = select(Account.unreachable).where(Account.platform == "teams")
        return session.exec(wanted).one()


def error(status: int, body: object, **headers: str) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "https://smba.example/v3/conversations")
    text = body if isinstance(body, str) else json.dumps(body)
    return httpx.HTTPStatusError("", request=request, response=httpx.Response(status, text=text, headers=headers))


def told(code: str, message: str = "") -> dict[str, object]:
    return {"error": {"code": code, "message": message}}


BLOCKED = {"errorCode": 209, "message": json.dumps({"subCode": "MessageWritesBlocked", "details": "Thread is blocked"})}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, told("BotDisabledByAdmin")),
        (403, told("BotNotInConversationRoster", "The bot is not part of the conversation roster.")),
        (403, told("ForbiddenOperationException", "The bot is not installed in user's personal scope")),
        (403, told("ConversationBlockedByUser")),
        (403, told("MessageWritesBlocked")),
        (403, BLOCKED),
        (404, told("MemberNotFoundInConversation")),
        (404, told("UserNotFound")),
        (400, told("BadArgument", "Failed to decrypt pairwise id")),
        (400, told("BadSyntax", "Invalid user identity in provided tenant")),
    ],
)
def test_an_address_is_closed_where_teams_says_so(status: int, body: object) -> None:
    refused = refusal(error(status, body))

    assert (refused.permanent, refused.rejected, refused.doubtful, refused.throttled) == (True, False, False, False)
    assert refused.reason


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, told("BadArgument", "Unknown attachment type")),
        (400, told("BadSyntax", "Bad format of conversation ID")),
        (400, "<html>Bad Request</html>"),
        (403, told("BadArgument", "User is from different region")),
        (403, told("InvalidBotApiHost", "Invalid bot API host")),
        (403, told("NotEnoughPermissions")),
        (403, told("Forbidden")),
        (403, {"message": "Authorization has been denied for this request."}),
        (403, "<html>The proxy does not let you</html>"),
        (403, ""),
        (404, told("ConversationNotFound")),
        (404, told("ServiceError")),
        (404, "<html>not found</html>"),
        (405, ""),
        (410, ""),
        (418, told("SomethingNew")),
        (451, ""),
        (302, ""),
    ],
)
def test_what_teams_does_not_say_for_good_is_tried_again(status: int, body: object) -> None:
    refused = refusal(error(status, body))

    assert (refused.permanent, refused.rejected, refused.doubtful, refused.throttled) == (False,) * 4
    assert refused.reason


@pytest.mark.parametrize("status", [412, 408, 409, 502, 503])
@pytest.mark.parametrize("body", [told("ServiceError"), "<html>Bad gateway</html>", ""])
def test_what_teams_asks_to_be_tried_again_was_not_done(status: int, body: object) -> None:
    refused = refusal(error(status, body))

    assert (refused.permanent, refused.doubtful, refused.throttled) == (False, False, False)
    assert refusal(error(status, body, **{"Retry-After": "7"})).retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("status", [500, 501, 504, 520])
def test_what_failed_within_teams_may_have_been_done(status: int) -> None:
    refused = refusal(error(status, "<html>"))

    assert (refused.permanent, refused.doubtful) == (False, True)


def test_a_message_that_is_too_large_says_nothing_of_its_recipient() -> None:
    for answer in (error(413, told("MessageSizeTooBig")), error(413, ""), error(400, told("MessageSizeTooBig"))):
        refused = refusal(answer)
        assert (refused.permanent, refused.rejected) == (False, True)


@pytest.mark.parametrize("code", ["ConversationNotFound", "NotEnoughPermissions", "BotNotInConversationRoster"])
def test_a_channel_is_closed_by_words_that_do_not_close_a_person(code: str) -> None:
    assert refusal(error(403, told(code)), channel=True).permanent
    assert not is_closed(error(403, told("BadArgument", "User is from different region")), channel=True)


@pytest.mark.parametrize(
    ("status", "body", "moved"),
    [
        (403, told("BadArgument", "User is from different region"), True),
        (400, told("BadArgument", "Incoming request was redirected to the wrong geo! Current geo: EMEA"), True),
        (403, "", True),
        (404, told("ConversationNotFound"), True),
        (403, told("ConversationBlockedByUser"), False),
        (400, told("BadSyntax", "Bad format of message"), False),
        (413, "", False),
        (401, "", False),
        (500, "", False),
    ],
)
def test_somebody_is_looked_for_elsewhere_where_they_may_have_moved(status: int, body: object, moved: bool) -> None:
    assert has_moved(error(status, body)) == moved


def test_who_was_moved_to_another_region_is_found_there(town: Town) -> None:
    town.deliver(town.ada, "before")
    town.ada.region = "emea"
    town.tell(Card("Hello"), "hello")

    town.city.settle(timedelta(minutes=1))

    assert town.hears() == ["Hello", "Hello"]
    assert unreachable(town) == ""
    town.deliver(town.ada, "after")
    # It is known from then on.
    assert len(town.city.world.called("create")) == 1


def test_who_has_never_spoken_and_is_in_another_region_than_others_is_found(town: Town) -> None:
    town.city.driver.say(town.ada, "help")
    bob = town.city.hire("Bob Lee", has_app=False)
    bob.has_app, bob.region = True, "emea"

    town.deliver(bob)

    assert town.city.world.reads(bob) == ["Hello"]


@pytest.mark.parametrize("how", ["403:BadArgument", "403:SomethingNew", "404:ConversationNotFound", "403"])
def test_one_refusal_that_says_nothing_for_good_costs_nobody_their_account(town: Town, how: str) -> None:
    town.city.world.fail("send", how)
    town.tell(Card("Hello"), "hello")

    town.city.settle(timedelta(minutes=1))

    assert town.hears() == ["Hello"]
    assert unreachable(town) == ""


def test_what_is_refused_for_a_day_without_a_word_for_good_fails_with_its_reason(town: Town) -> None:
    town.city.world.fail("send", "403:SomethingNew", times=1000)
    town.tell(Card("Hello"), "hello")

    town.city.settle(timedelta(days=2))

    with town.city.app.database.session() as session:
        message = session.exec(select(Message)).one()
        assert (message.state, message.reason) == (State.FAILED, "Teams refuses this (SomethingNew)")
    assert unreachable(town) == ""
