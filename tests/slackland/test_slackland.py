"""Our Slack keeps Slack's rules, and its driver signs as Slack does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from tests.slackland import server
from tests.slackland.blocks import message_problems, problems, view_problems, visible
from tests.slackland.driver import signature
from tests.slackland.world import Thing, Workspace, World

T = TypeVar("T")
TEXT = {"type": "plain_text", "text": "x"}
MODAL = {"type": "modal", "title": TEXT, "submit": TEXT}


def button(number: int = 1, **more: Any) -> Thing:
    return {"type": "button", "text": TEXT, "action_id": f"a{number}", "value": "v"} | more


def said(text: str) -> Thing:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def asked(element: Thing, **more: Any) -> Thing:
    return {"type": "input", "label": TEXT, "element": {"action_id": "value"} | element} | more


def listed(count: int, **more: Any) -> Thing:
    options = [{"text": TEXT, "value": str(number)} for number in range(count)]
    return {"type": "static_select", "action_id": "a", "options": options} | more


REFUSED: dict[str, Thing] = {
    "an unknown block": {"type": "carousel"},
    "a key too many": {"type": "divider", "color": "red"},
    "an empty text": {"type": "header", "text": {"type": "plain_text", "text": ""}},
    "a long header": {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
    "marked-up header": {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
    "a long section": said("x" * 3001),
    "a mention": said("hello <@U1>"),
    "a shout": said("<!channel>"),
    "an open bracket": said("1 < 2"),
    "a bare ampersand": said("R & D"),
    "no text": {"type": "section"},
    "too many fields": {"type": "section", "fields": [TEXT] * 11},
    "too many buttons": {"type": "actions", "elements": [button(number) for number in range(26)]},
    "no buttons": {"type": "actions", "elements": []},
    "one id twice": {"type": "actions", "elements": [button(), button()]},
    "a long label": {"type": "actions", "elements": [button(text={"type": "plain_text", "text": "x" * 76})]},
    "a long value": {"type": "actions", "elements": [button(value="x" * 2001)]},
    "another style": {"type": "actions", "elements": [button(style="plain")]},
    "no address": {"type": "actions", "elements": [button(url="javascript:alert(1)")]},
    "too many in context": {"type": "context", "elements": [TEXT] * 11},
    "too many options": {"type": "actions", "elements": [listed(101)]},
    "no options": {"type": "actions", "elements": [listed(0)]},
    "a choice that is none": {"type": "actions", "elements": [listed(2, initial_option={"text": TEXT, "value": "9"})]},
    "a picture without words": {"type": "image", "slack_file": {"id": "F1"}, "alt_text": ""},
    "a picture from nowhere": {"type": "image", "alt_text": "x"},
    "an empty rich text": {"type": "rich_text", "elements": []},
    "a mention in rich text": {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]}],
    },
    "an uneven table": {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}], []]},
    "an input in a message": asked({"type": "plain_text_input"}),
    "half a letter": {"type": "header", "text": {"type": "plain_text", "text": "\ud83d"}},
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_slack_refuses_is_refused(case: str) -> None:
    assert problems([REFUSED[case]], "message")


def test_what_slack_takes_is_taken() -> None:
    blocks = [
        said("a &amp; b <https://x.example|here>"),
        {"type": "actions", "elements": [button(), button(2)]},
        {"type": "divider"},
    ]

    assert problems(blocks, "message") == []
    assert visible(blocks)[0].startswith("a & b")


def test_a_message_has_words_for_those_who_see_no_blocks() -> None:
    assert message_problems({"text": "x", "blocks": [said("x")]}) == []
    assert message_problems({"blocks": [said("x")]})
    assert message_problems({"text": "x", "blocks": [said("x")] * 51})
    assert message_problems({"text": "x", "blocks": [said("x" * 2900)] * 5})


def test_modals_have_their_own_rules() -> None:
    form = [asked({"type": "plain_text_input"})]
    assert view_problems(MODAL | {"blocks": form}) == []
    assert view_problems({"type": "modal", "title": TEXT, "blocks": form})
    assert view_problems(MODAL | {"blocks": form, "title": {"type": "plain_text", "text": "x" * 25}})
    assert view_problems(MODAL | {"blocks": form, "private_metadata": "x" * 3001})
    assert view_problems(MODAL | {"blocks": [asked({"type": "number_input"})]})
    assert view_problems(MODAL | {"blocks": [asked({"type": "plain_text_input", "max_length": 3001})]})
    assert view_problems(MODAL | {"blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}]})
    assert view_problems(MODAL | {"blocks": [said("é" * 2900)] * 10}) == []
    assert view_problems(MODAL | {"blocks": [said("é" * 2900)] * 20}) == ["view: too large"]


def test_the_signature_is_slacks_own() -> None:
    body = b"payload=%7B%7D"
    headers = {name.lower(): value for name, value in signature("secret", body, 1_800_000_000).items()}

    class Clock:
        def now(self) -> float:
            return 1_800_000_100.0

    assert SignatureVerifier("secret", Clock()).is_valid_request(body, headers)  # type: ignore[arg-type]


class Slack:
    """A world, its server, and the official client."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.workspace: Workspace = world.add_workspace()
        self.ada = world.add_user(self.workspace, "Ada Tremblay", "ada@city.example")
        self.at = 0.0
        world.monotonic = lambda: self.at

    def do(self, work: Callable[[AsyncWebClient], Awaitable[T]], token: str = "") -> T:
        async def call() -> T:
            async with aiohttp.ClientSession() as session:
                client = AsyncWebClient(
                    token=token or self.workspace.token, base_url=self.world.api, session=session, retry_handlers=[]
                )
                return await work(client)

        return asyncio.run(call())

    def refusal(self, work: Callable[[AsyncWebClient], Awaitable[Any]], token: str = "") -> str:
        with pytest.raises(SlackApiError) as refused:
            self.do(work, token)
        return str(refused.value.response["error"])


@pytest.fixture
def slack() -> Iterator[Slack]:
    world = World()
    with server.running(world):
        yield Slack(world)


def test_the_official_client_posts_changes_and_reads(slack: Slack) -> None:
    posted = slack.do(
        lambda client: client.chat_postMessage(channel=slack.ada["id"], text="hello", blocks=[said("hello")])
    )
    slack.do(lambda client: client.chat_update(channel=posted["channel"], ts=posted["ts"], text="bye"))

    history = slack.do(lambda client: client.conversations_history(channel=posted["channel"]))
    assert [message["text"] for message in history["messages"]] == ["bye"]


def test_tokens_are_looked_at(slack: Slack) -> None:
    assert slack.refusal(lambda client: client.auth_test(), "xoxb-wrong") == "invalid_auth"
    slack.workspace.scopes -= {"chat:write"}
    assert slack.refusal(lambda client: client.chat_postMessage(channel="C1", text="x")) == "missing_scope"
    slack.workspace.revoked = "token_revoked"
    assert slack.refusal(lambda client: client.auth_test()) == "token_revoked"


def test_channels_and_people_that_take_nothing(slack: Slack) -> None:
    channel = slack.world.add_channel(slack.workspace, "general")
    hidden = slack.world.add_channel(slack.workspace, "hidden", private=True)
    gone = slack.world.add_user(slack.workspace, "Gone", deleted=True)

    def post(target: str) -> str:
        return slack.refusal(lambda client: client.chat_postMessage(channel=target, text="x"))

    assert post(channel) == "not_in_channel"
    assert post(hidden) == "channel_not_found"
    assert post("U99999999") == "user_not_found"
    assert post(gone["id"]) == "user_disabled"
    assert post(slack.workspace.bot_user) == "cannot_dm_bot"
    slack.world.channels[channel]["is_archived"] = True
    assert post(channel) == "is_archived"


def test_a_trigger_dies_after_three_seconds_and_works_once(slack: Slack) -> None:
    view = MODAL | {"blocks": [asked({"type": "plain_text_input"})]}
    early, late = slack.world.trigger(slack.ada["id"]), slack.world.trigger(slack.ada["id"])

    slack.do(lambda client: client.views_open(trigger_id=early, view=view))
    assert slack.refusal(lambda client: client.views_open(trigger_id=early, view=view)) == "exchanged_trigger"
    slack.at = 3.1
    assert slack.refusal(lambda client: client.views_open(trigger_id=late, view=view)) == "expired_trigger_id"
    assert slack.refusal(lambda client: client.views_open(trigger_id="1.1", view=view)) == "invalid_trigger_id"


def test_a_view_that_has_changed_meanwhile_is_not_overwritten(slack: Slack) -> None:
    view = MODAL | {"blocks": [asked({"type": "plain_text_input"})]}
    trigger = slack.world.trigger(slack.ada["id"])
    opened = slack.do(lambda client: client.views_open(trigger_id=trigger, view=view))["view"]
    slack.do(lambda client: client.views_update(view_id=opened["id"], hash=opened["hash"], view=view))

    again = slack.refusal(lambda client: client.views_update(view_id=opened["id"], hash=opened["hash"], view=view))
    assert again == "hash_conflict"


def test_blocks_that_break_a_rule_are_refused_with_the_reason(slack: Slack) -> None:
    with pytest.raises(SlackApiError) as refused:
        slack.do(lambda client: client.chat_postMessage(channel=slack.ada["id"], text="x", blocks=[said("<@U1>")]))

    assert refused.value.response["error"] == "invalid_blocks"
    assert "markup" in str(refused.value.response["response_metadata"])
    assert "markup" in str(slack.world.complaints)


def test_too_many_messages_in_one_channel_have_to_wait(slack: Slack) -> None:
    for _ in range(5):
        slack.do(lambda client: client.chat_postMessage(channel=slack.ada["id"], text="x"))
    with pytest.raises(SlackApiError) as refused:
        slack.do(lambda client: client.chat_postMessage(channel=slack.ada["id"], text="x"))

    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "1"
    slack.at = 6.0
    slack.do(lambda client: client.chat_postMessage(channel=slack.ada["id"], text="x"))


def test_methods_have_their_tiers(slack: Slack) -> None:
    for _ in range(20):
        slack.do(lambda client: client.users_list())

    assert slack.refusal(lambda client: client.users_list()) == "ratelimited"
    slack.at = 61.0
    slack.do(lambda client: client.users_list())


def test_lists_come_in_pages(slack: Slack) -> None:
    for number in range(5):
        slack.world.add_user(slack.workspace, f"Person {number}")

    first = slack.do(lambda client: client.users_list(limit=4))
    second = slack.do(lambda client: client.users_list(limit=4, cursor=first["response_metadata"]["next_cursor"]))

    assert len(first["members"]) == 4
    assert len(second["members"]) == 3
    assert second["response_metadata"]["next_cursor"] == ""


def test_an_organisations_token_names_the_workspace_whose_list_it_wants(slack: Slack) -> None:
    county = slack.world.add_workspace("County")
    bob = slack.world.add_user(county, "Bob Lee")
    organisation = slack.world.add_organisation(slack.workspace, county)

    def members(team: str) -> list[str]:
        answer = slack.do(lambda client: client.users_list(team_id=team), organisation.token)
        return [member["id"] for member in answer["members"]]

    teams = slack.do(lambda client: client.auth_teams_list(), organisation.token)["teams"]
    assert [team["name"] for team in teams] == ["City", "County"]
    assert bob["id"] in members(county.id)
    assert bob["id"] not in members(slack.workspace.id)
    assert slack.refusal(lambda client: client.users_list(), organisation.token) == "missing_argument"
    assert slack.refusal(lambda client: client.users_list(team_id="T9"), organisation.token) == (
        "team_access_not_granted"
    )


def test_the_official_way_to_upload_works(slack: Slack) -> None:
    done = slack.do(lambda client: client.files_upload_v2(filename="a.png", content=b"png"))

    assert slack.world.files[done["files"][0]["id"]]["content"]


def test_a_refresh_token_is_good_once(slack: Slack) -> None:
    slack.world.refresh["xoxe-1"] = slack.workspace.id

    def renew(client: AsyncWebClient) -> Awaitable[Any]:
        return client.api_call("oauth.v2.access", params={"grant_type": "refresh_token", "refresh_token": "xoxe-1"})

    old = slack.workspace.token
    assert slack.do(renew)["access_token"] == slack.workspace.token != old
    assert slack.refusal(renew) == "invalid_refresh_token"
