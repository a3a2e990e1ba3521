"""An app of all features in a Slack of our own: people who do what they do in Slack, and on the web beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
from pydantic import SecretStr

from integrations.slack.platform import Slack
from integrations.slack.settings import SlackSettings
from integrations.web.platform import WebPlatform
from tests import templates
from tests.slackland.driver import Driver
from tests.slackland.world import Thing, Workspace, World
from workbot.app import App
from workbot.clock import SetClock
from workbot.people import Person, Role, ensure_web_account
from workbot.settings import Settings
from workbot.storage.database import Database

T = TypeVar("T")
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
# What people take between one thing and the next.
A_MOMENT = timedelta(seconds=5)
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BASE = "https://bot.city.example"


class City:
    """Everything together: an app, a Slack, and the wire between them."""

    def __init__(
        self, database: Database, world: World, *, beside: City | None = None, base: str = BASE, **more: Any
    ) -> None:
        """`beside` is another process of the same app, in the same workspace."""
        self.world = world
        self.loop = asyncio.new_event_loop()
        self.workspace: Workspace = beside.workspace if beside else world.add_workspace()
        self.clock = beside.clock if beside else SetClock(MONDAY)
        known = {"signing_secret": SECRET, "api_url": world.api, "bot_token": self.workspace.token}
        self.slack_settings = SlackSettings.model_validate(known | more)
        settings = Settings.model_validate({"secret_key": SecretStr("s" * 32), "base_url": base})
        builders: Any = {"web": WebPlatform, "slack": lambda host: Slack(host, self.slack_settings)}
        self.app = App(settings, clock=self.clock, database=database, builders=builders)
        self.slack: Slack = self.app.platforms["slack"]  # type: ignore[assignment]
        self.asgi = self.app.asgi()
        self.driver = Driver(world, self.workspace, self._send, SECRET)
        self.do(templates.prepare(self.app))

    def hire(self, name: str, *roles: str, locale: str = "en", in_slack: bool = True) -> Thing:
        """A person of ours who, usually, is in Slack under the same address; their user there."""
        email = name.lower().replace(" ", ".").replace("é", "e") + "@city.example"
        with self.app.database.session() as session:
            person = Person(email=email, name=name, timezone="America/Toronto", locale=locale)
            session.add(person)
            session.flush()
            ensure_web_account(session, person)
            session.add_all(Role(person_id=person.id, name=role) for role in roles)
        return self.world.add_user(self.workspace, name, email) if in_slack else {"person": person.id}

    def compare(self) -> None:
        """What the app does every hour: see who and what is in the workspace."""

        async def compare() -> None:
            for workspace in await self.slack.workspaces.all():
                await self.slack.directory.compare(workspace)

        self.do(compare())
        self.settle()

    def settle(self, span: timedelta = timedelta()) -> None:
        """Let all happen that is due now, or in a while."""
        self.do(self.app.run_until(self.clock, self.clock.now() + span))
        self.do(self.slack.inbound.background.close())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        for platform in self.app.platforms.values():
            self.do(platform.close())
        self.loop.close()

    def on_the_web(self, person: Person, path: str) -> str:
        """A page as a person sees it in a browser."""
        cookie = self.do(self.app.sign_in.open_session(person.id))
        return self._request("GET", path, cookies={self.app.sign_in.cookie: cookie}).text

    def request(self, method: str, path: str, person: Person | None = None, **more: Any) -> httpx.Response:
        cookies = {self.app.sign_in.cookie: self.do(self.app.sign_in.open_session(person.id))} if person else {}
        return self._request(method, path, cookies=cookies, **more)

    def _send(self, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        answer = self._request("POST", path, headers=headers, content=body)
        assert answer.status_code < 500, answer.text
        self.do(self.slack.inbound.background.close())
        self.settle(A_MOMENT)
        return answer

    def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.asgi)
            cookies = more.pop("cookies", None)
            async with httpx.AsyncClient(transport=transport, base_url=BASE, cookies=cookies) as client:
                return await client.request(method, path, **more)

        return self.do(ask())
