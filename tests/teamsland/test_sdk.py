"""The official SDK understands what our driver sends, and our servers take what it sends."""

from __future__ import annotations

import asyncio
import dataclasses
import warnings
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.teamsland import tokens
from tests.teamsland.driver import Driver
from tests.teamsland.reading import attached
from tests.teamsland.samples import FORM, a_card, row, text
from tests.teamsland.stage import Teams, button

with warnings.catch_warnings():
    # It warns of what is in preview when it is merely imported.
    warnings.simplefilter("ignore")
    from microsoft_teams.api.auth.cloud_environment import PUBLIC
    from microsoft_teams.apps import App
    from microsoft_teams.apps.http import FastAPIAdapter
    from microsoft_teams.cards import AdaptiveCard, TextBlock


class Bot:
    """A bot on the official SDK, in our Teams."""

    def __init__(self, teams: Teams) -> None:
        self.teams = teams
        self.loop = asyncio.new_event_loop()
        self.heard: list[Any] = []
        cloud = dataclasses.replace(PUBLIC, openid_metadata_url=teams.world.openid_metadata)
        self.web = FastAPI()
        self.app = App(
            client_id=teams.world.app.client_id,
            tenant_id=teams.tenant.id,
            token=self._token,
            cloud=cloud,
            http_server_adapter=FastAPIAdapter(app=self.web),
        )
        self.driver = Driver(teams.world, self._send)
        self._route()
        self.loop.run_until_complete(self.app.initialize())

    def _route(self) -> None:
        @self.app.on_message
        async def on_message(ctx: Any) -> None:
            self.heard.append(ctx.activity)
            await ctx.send(AdaptiveCard(body=[TextBlock(text="heard", wrap=True)], speak="x", fallbackText="x"))

        @self.app.on_install_add
        async def on_install(ctx: Any) -> None:
            self.heard.append(ctx.activity)

        @self.app.on_card_action_execute("request.take")
        async def on_press(ctx: Any) -> Any:
            self.heard.append(ctx.activity)
            return {
                "statusCode": 200,
                "type": "application/vnd.microsoft.card.adaptive",
                "value": a_card(text("taken")),
            }

        @self.app.on_dialog_open("new")
        async def on_open(ctx: Any) -> Any:
            self.heard.append(ctx.activity)
            return {"task": {"type": "continue", "value": {"title": "New", "card": attached(FORM)}}}

        @self.app.on_dialog_submit("request.open")
        async def on_submit(ctx: Any) -> Any:
            self.heard.append(ctx.activity)
            return {"task": {"type": "message", "value": ctx.activity.value.data["what"]}}

        @self.app.on_message_ext_open
        async def on_extension(ctx: Any) -> Any:
            self.heard.append(ctx.activity)
            return {"task": {"type": "continue", "value": {"title": "Request", "card": attached(FORM)}}}

        @self.app.on_message_ext_query
        async def on_query(ctx: Any) -> Any:
            self.heard.append(ctx.activity)
            return {"composeExtension": {"type": "message", "text": "Nothing."}}

    def _token(self, scope: Any, tenant: str | None) -> str:
        return str(self.teams.token(scope, tenant=tenant or self.teams.tenant.id).json()["access_token"])

    def _send(self, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.web)
            async with httpx.AsyncClient(transport=transport, base_url="https://bot.example") as client:
                return await client.post(path, headers=headers, content=body)

        return self.loop.run_until_complete(send())


@pytest.fixture
def bot(teams: Teams) -> Iterator[Bot]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = Bot(teams)
        made.driver.install(teams.ada)
        yield made
        made.loop.close()


def test_a_message_is_understood_and_answered(bot: Bot, teams: Teams) -> None:
    bot.driver.say(teams.ada, "help")

    heard = bot.heard[-1]
    assert (heard.text, heard.from_.aad_object_id, heard.conversation.tenant_id) == (
        "help",
        teams.ada.id,
        teams.tenant.id,
    )
    assert teams.world.reads(teams.ada) == ["help", "heard"]


def test_a_mention_in_a_thread_is_understood_and_answered_there(bot: Bot, teams: Teams) -> None:
    root = teams.driver.say(teams.bob, "look at this", channel=teams.channel)
    bot.driver.say(teams.ada, "help", channel=teams.channel, thread=root.id, mention=True)

    assert bot.heard[-1].is_recipient_mentioned()
    assert bot.heard[-1].channel_data.team.id == teams.team.id
    assert teams.world.reads(teams.channel, root.id) == ["help", "heard"]


def test_an_answer_by_quoting_is_understood(bot: Bot, teams: Teams) -> None:
    message = teams.show(text("Your request"))
    bot.driver.say(teams.ada, "It works again", answering=message)

    assert [one.quoted_reply.message_id for one in bot.heard[-1].get_quoted_messages()] == [message.id]


def test_an_installation_is_understood(bot: Bot, teams: Teams) -> None:
    assert bot.heard[0].type == "installationUpdate"
    assert bot.heard[0].from_.aad_object_id == teams.ada.id


def test_a_button_is_understood_and_its_card_shown(bot: Bot, teams: Teams) -> None:
    teams.show(row(button("Take it")))
    bot.driver.press(teams.ada, "Take it")

    assert bot.heard[-1].value.action.verb == "press"
    assert teams.world.reads(teams.ada) == ["taken"]


def test_a_dialog_is_opened_and_sent(bot: Bot, teams: Teams) -> None:
    data = {"msteams": {"type": "task/fetch"}, "dialog_id": "new"}
    teams.show(row(button("New", "Action.Submit", data=data)))
    bot.driver.press(teams.ada, "New")
    bot.driver.submit(teams.ada, What="Laptop")

    assert teams.world.screen(teams.ada).notices == ["Laptop"]


def test_a_message_extension_gets_the_message(bot: Bot, teams: Teams) -> None:
    message = teams.driver.say(teams.bob, "on fire", channel=teams.channel)
    bot.driver.quote(teams.ada, message, "make-request")

    payload = bot.heard[-1].value.message_payload
    assert (payload.id, payload.body.content, payload.from_.user.id) == (message.id, "<p>on fire</p>", teams.bob.id)
    assert teams.world.screen(teams.ada).dialog is not None


def test_a_search_is_understood(bot: Bot, teams: Teams) -> None:
    bot.driver.search(teams.ada, "requests", "laptop")

    assert bot.heard[-1].value.parameters[0].value == "laptop"
    assert teams.world.screen(teams.ada).notices == ["Nothing."]


def test_what_is_not_signed_by_bot_framework_is_refused(bot: Bot, teams: Teams) -> None:
    bot.driver.say(teams.ada, "help")
    headers, body = bot.driver.sent[-1]
    claims = tokens.for_the_bot(teams.world.app.client_id, teams.world.service_url(teams.tenant))
    heard = len(bot.heard)

    for token in ("garbage", tokens.unsigned(claims), tokens.signed(claims, "nobody's")):
        assert bot.driver.raw(body, headers | {"Authorization": f"Bearer {token}"}).status_code == 401
    assert len(bot.heard) == heard
