"""What Slack's refusals mean: closed only where its word says so of this kind of address, and tried again otherwise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncSlackResponse, AsyncWebClient
from sqlmodel import select

from integrations.slack.errors import refusal
from tests.integrations.slack.city import City
from tests.integrations.slack.test_delivery import Town
from workbot.cards import Card
from workbot.delivery import Message, State
from workbot.people import Account


@pytest.fixture
def town(city: City) -> Town:
    return Town(city)


def error(word: str = "", status: int = 200, **headers: str) -> SlackApiError:
    """An answer of Slack's; without a word, one that is not JSON."""
    data: Any = {"ok": False, "error": word} if word else "<html>"
    answer = AsyncSlackResponse(
        client=AsyncWebClient(), http_verb="POST", api_url="x", req_args={}, data=data,
        headers={name.replace("_", "-"): value for name, value in headers.items()}, status_code=status,
    )  # fmt: skip
    return SlackApiError("", answer)


@pytest.mark.parametrize("word", ["cannot_dm_bot", "user_disabled", "user_not_found", "user_not_visible"])
def test_a_person_is_closed_where_slack_says_so(word: str) -> None:
    assert refusal(error(word)).permanent


@pytest.mark.parametrize(
    "word", ["channel_not_found", "is_archived", "not_in_channel", "restricted_action_read_only_channel"]
)
def test_a_channel_is_closed_by_words_that_do_not_close_a_person(word: str) -> None:
    assert refusal(error(word), channel=True).permanent
    assert not refusal(error(word)).permanent


@pytest.mark.parametrize("channel", [False, True])
@pytest.mark.parametrize(
    "word",
    [
        "access_denied", "accesslimited", "account_inactive", "ekm_access_denied", "enterprise_is_restricted",
        "invalid_auth", "messages_tab_disabled", "method_deprecated", "missing_scope", "no_permission", "not_authed",
        "not_allowed_token_type", "org_login_required", "restricted_action", "restricted_action_thread_only_channel",
        "something_new", "team_access_not_granted", "team_not_found", "token_expired", "token_revoked",
        "two_factor_setup_required", "unknown_method",
    ],
)  # fmt: skip
def test_what_is_about_us_or_unknown_is_tried_again(word: str, channel: bool) -> None:
    refused = refusal(error(word), channel=channel)

    assert (refused.permanent, refused.rejected, refused.doubtful, refused.throttled) == (False,) * 4
    assert refused.reason == word


@pytest.mark.parametrize("word", ["msg_too_long", "invalid_blocks", "cannot_reply_to_message", "no_text"])
def test_a_message_that_cannot_be_taken_says_nothing_of_its_recipient(word: str) -> None:
    refused = refusal(error(word))

    assert (refused.permanent, refused.rejected) == (False, True)


@pytest.mark.parametrize(
    ("answer", "doubtful"),
    [
        (error(status=500), True),
        (error(status=503), True),
        (error("internal_error"), True),
        (error("fatal_error"), True),
        (error(status=200), True),
        (error(status=404), False),
        (error(status=403), False),
        (error(status=400), False),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_doubt_unless_its_status_says_no(
    answer: SlackApiError, doubtful: bool
) -> None:
    refused = refusal(answer)

    assert (refused.permanent, refused.doubtful) == (False, doubtful)


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        (error("ratelimited", 429, Retry_After="3"), 3),
        (error("ratelimited", 429, Retry_After="0"), 0),
        (error("ratelimited", 429, retry_after="0.5"), 0.5),
        (error(status=429, Retry_After="30"), 30),
        (error("ratelimited", 429), None),
        (error("ratelimited", 429, Retry_After="soon"), None),
        (error("rate_limited"), None),
        (error("message_limit_exceeded"), None),
    ],
)
def test_slack_is_waited_for_as_long_as_it_says(answer: SlackApiError, after: float | None) -> None:
    refused = refusal(answer)

    assert refused.throttled
    assert refused.retry_after == (None if after is None else timedelta(seconds=after))


def unreachable(town: Town) -> str:
    with town.city.app.database.session() as session:
        return session.exec(select(Account.unreachable).where(Account.platform == "slack")).one()


@pytest.mark.parametrize("word", ["channel_not_found", "not_in_channel"])
def test_a_person_whose_conversation_is_not_found_is_looked_up_anew(town: Town, word: str) -> None:
    town.city.world.fail("chat.postMessage", f"error:{word}")
    town.tell(Card("Hello"), "hello")

    town.city.settle(timedelta(seconds=1))

    assert town.hears() == ["Hello"]
    assert len(town.city.world.called("conversations.open")) == 1
    assert unreachable(town) == ""


@pytest.mark.parametrize("word", ["restricted_action", "messages_tab_disabled", "something_new", "channel_not_found"])
def test_what_is_refused_for_a_day_without_a_word_for_good_fails_with_its_reason(town: Town, word: str) -> None:
    town.city.world.fail("chat.postMessage", f"error:{word}", times=1000)
    town.tell(Card("Hello"), "hello")

    town.city.settle(timedelta(days=2))

    with town.city.app.database.session() as session:
        message = session.exec(select(Message)).one()
        assert (message.state, message.reason) == (State.FAILED, word)
    assert unreachable(town) == ""


def test_a_message_that_is_too_long_fails_at_once_and_the_next_arrives(town: Town) -> None:
    town.city.world.fail("chat.postMessage", "error:msg_too_long")
    town.tell(Card("Too long"), "long")
    town.tell(Card("Next"), "next")

    town.city.settle(timedelta(minutes=1))

    assert town.states() == [State.FAILED, State.SENT]
    assert town.hears() == ["Next"]
