"""What we ask of Slack's Web API: no more than needed, and no harm where it answers otherwise than it should."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import timedelta

import pytest
from cachetools import TTLCache
from structlog.testing import capture_logs

from integrations.slack import workspaces
from integrations.slack.background_replies import origin_of
from integrations.slack.errors import SendAgain
from integrations.slack.parsing import Where
from integrations.slack.reply_context import ReplyContext
from integrations.slack.settings import SlackSettings
from tests.integrations.slack.city import SECRET, City
from tests.integrations.slack.test_accounts import accounts, channels
from tests.slackland.world import Thing, World
from workbot.cards import Card
from workbot.chat.directory import AGAIN
from workbot.errors import DeliveryError
from workbot.storage.database import Database

ODD = ["404", "405", "500", "429", "html", "text", "garbage", "reset", "json:[]", "json:null", 'json:{"ok": true}']
METHODS = ["users.list", "conversations.list", "users.info", "conversations.info", "auth.test"]


def test_whose_the_token_is_is_asked_once_however_many_write(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    city.compare()
    city.world.calls.clear()

    for number in range(8):
        city.driver.say(ada, f"help {number}")
        city.driver.command(ada, "/workbot", "help")

    assert city.world.called("auth.test") == []


def test_whose_the_token_is_is_asked_anew_now_and_then(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(workspaces, "monotonic", lambda: now[0])
    known = TTLCache[str, workspaces.Workspace](10, workspaces.FRESH_SECONDS, lambda: now[0])
    monkeypatch.setattr(city.slack.workspaces, "_known", known)
    ada = city.hire("Ada Tremblay")
    city.driver.say(ada, "help")
    city.world.calls.clear()

    for _ in range(6):
        now[0] += workspaces.FRESH_SECONDS / 2
        for _ in range(3):
            city.driver.say(ada, "help")

    assert 2 <= len(city.world.called("auth.test")) <= 4


def test_requests_of_other_workspaces_make_us_ask_no_more_often(city: City) -> None:
    city.driver.say(city.hire("Ada Tremblay"), "help")
    city.world.calls.clear()

    async def find() -> list[object]:
        return [await city.slack.workspaces.find("T0OTHER") for _ in range(10)]

    assert city.do(find()) == [None] * 10
    assert city.world.called("auth.test") == []


def test_a_token_that_cannot_be_asked_about_keeps_nobody_waiting(city: City) -> None:
    city.world.fail("auth.test", "500", times=1)

    async def ask() -> list[str]:
        return await asyncio.gather(*(city.slack.check() for _ in range(10)))

    assert all(city.do(ask()))
    assert len(city.world.called("auth.test")) == 0, "the one that failed is not among those that were answered"


@pytest.mark.parametrize("how", ODD)
@pytest.mark.parametrize("method", ["users.list", "conversations.list"])
def test_a_list_that_is_not_to_be_had_is_named_and_asked_for_again_also_after_a_restart(
    city: City, database: Database, world: World, method: str, how: str
) -> None:
    city.hire("Ada Tremblay")
    world.add_channel(city.workspace, "it")
    world.fail(method, how, times=2)
    look_once(city)
    found = (accounts(city), channels(city))
    assert found[method == "users.list"] != {}, "the other list is compared all the same"

    world.misdeeds.clear()
    city.clock.at += AGAIN + timedelta(seconds=1)
    again = City(database, world, beside=city)
    look_once(again)

    assert accounts(city) != {}
    assert channels(city) != {}
    again.close()


@pytest.mark.parametrize("how", ["404", "500", "html", "garbage", "json:[]", 'json:{"ok": true}'])
@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_fails_is_named_in_the_log_and_nothing_dies_of_it(city: City, method: str, how: str) -> None:
    ada, eve = city.hire("Ada Tremblay"), city.world.add_user(city.workspace, "Eve Stranger", "eve@elsewhere.example")
    channel = city.world.add_channel(city.workspace, "it")
    city.compare()
    city.world.fail(method, how, times=1000)

    with capture_logs() as logs:
        look_once(city)
        city.do(ask_again(city))
        city.driver.command(eve, "/workbot", "help")
        city.do(quietly(city.slack.directory.channels.changed(city.workspace.id, channel)))

    assert any(one.get("method") == method for one in logs), logs
    assert not any(one.get("log_level") == "error" for one in logs), logs
    city.driver.command(ada, "/workbot", "help")
    assert "What I can do" in city.world.whispered(ada["id"])[-1]


def test_a_web_api_that_takes_no_get_is_asked_by_post(city: City) -> None:
    city.hire("Ada Tremblay")
    for method in ("users.list", "conversations.list"):
        city.world.fail(method, "405", times=1000)

    with capture_logs() as logs:
        city.compare()

    assert set(accounts(city)) == {"Ada Tremblay"}
    assert any(one.get("method") == "users.list" and one.get("reason") == "HTTP 405" for one in logs)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/actions/1",
        "https://hooks.slack.com.evil.example/actions/1",
        "https://evil.example/hooks.slack.com",
        "https://hooks.slack.com@evil.example/actions/1",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1",
        "file:///etc/passwd",
    ],
)
def test_an_answer_goes_to_slack_alone(city: City, url: str) -> None:
    ada = city.hire("Ada Tremblay")
    city.compare()

    with capture_logs() as logs:
        city.do(answer(city, ada, url))

    assert "For you" in "\n".join(city.world.reads(ada["id"]))
    assert any(one["event"] == "slack.foreign_answer_address" for one in logs)
    assert url not in str(logs)


def test_an_answer_follows_no_redirect(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    city.compare()
    url = city.world.answer_url(city.driver.direct(ada), ada["id"])
    city.world.fail("response_url", "redirect")

    with capture_logs() as logs:
        city.do(answer(city, ada, url))

    assert {"event": "slack.reply_lost", "reason": "HTTP 307", "log_level": "warning"} in logs
    assert city.world.called("elsewhere") == []


@pytest.mark.parametrize(
    ("api", "allowed"),
    [
        ("https://slack.com/api/", {"https://hooks.slack.com", "https://hooks.slack-gov.com"}),
        ("https://slack-gov.com/api/", {"https://hooks.slack.com", "https://hooks.slack-gov.com"}),
        ("https://slack.city.example:8443/api", {"https://slack.city.example:8443"}),
        ("http://127.0.0.1:9000/api/", {"http://127.0.0.1:9000"}),
    ],
)
def test_where_answers_may_go_comes_of_where_slack_is(api: str, allowed: set[str]) -> None:
    settings = SlackSettings.model_validate({"bot_token": "x", "signing_secret": SECRET, "api_url": api})

    assert settings.answer_hosts == allowed


def test_an_origin_is_read_as_a_browser_reads_it() -> None:
    assert origin_of("https://HOOKS.slack.com:443/commands/1") == "https://hooks.slack.com"
    assert origin_of("http://hooks.slack.com/commands/1") == "http://hooks.slack.com"
    assert origin_of("https://hooks.slack.com:8443/") == "https://hooks.slack.com:8443"
    assert origin_of("https://hooks.slack.com\\@evil.example/") == ""
    assert origin_of("https://user@hooks.slack.com/") == ""


def look_once(city: City) -> None:
    """What runs beside the server does, once."""

    async def look() -> None:
        with suppress(DeliveryError):
            await city.slack.directory.look()

    city.do(look())
    city.settle()


async def answer(city: City, user: Thing, url: str) -> None:
    context = ReplyContext(Where(city.workspace.id, user["id"]), "en", response_url=url)
    city.slack.inbound.background.respond(context, Card("For you"))
    await city.slack.inbound.background.close()


async def ask_again(city: City) -> None:
    await city.slack.workspaces._ask_again()


async def quietly(work: Awaitable[None]) -> None:
    with suppress(SendAgain):
        await work
