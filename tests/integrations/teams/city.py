"""An app of all features in a Teams of our own: people who do what they do in Teams, and on the web beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
from pydantic import SecretStr

from integrations.teams.clouds import PUBLIC, Cloud
from integrations.teams.platform import Teams
from integrations.teams.settings import TeamsSettings
from integrations.web.platform import WebPlatform
from tests import templates
from tests.teamsland.driver import Driver
from tests.teamsland.things import Person as User
from tests.teamsland.things import Team
from tests.teamsland.world import World
from workbot.app import App
from workbot.clock import SetClock
from workbot.people import Person, Role, by_email, ensure_web_account
from workbot.settings import Settings
from workbot.storage.database import Database

T = TypeVar("T")
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
# What people take between one thing and the next.
A_MOMENT = timedelta(seconds=5)
BASE = "https://bot.city.example"


class City:
    """Everything together: an app, a Teams, and the wire between them."""

    def __init__(self, database: Database, world: World, **more: Any) -> None:
        self.world = world
        self.loop = asyncio.new_event_loop()
        self.tenant = world.add_tenant()
        self.clock = SetClock(MONDAY)
        known = {"client_id": world.app.client_id, "client_secret": world.app.secret, "tenant_id": self.tenant.id}
        self.teams_settings = TeamsSettings.model_validate(known | {"compare": False} | more)
        self.app = App(self._settings(), clock=self.clock, database=database, builders=self._builders())
        self.teams: Teams = self.app.platforms["teams"]  # type: ignore[assignment]
        self.asgi = self.app.asgi()
        self.driver = Driver(world, self._send)
        self.do(templates.prepare(self.app))

    def hire(self, name: str, *roles: str, locale: str = "en", has_app: bool = True) -> User:
        """A person of ours who is in Teams under the same address and, usually, has the app; their account there."""
        email = name.lower().replace(" ", ".").replace("é", "e") + "@city.example"
        with self.app.database.session() as session:
            person = Person(email=email, name=name, timezone="America/Toronto", locale=locale)
            session.add(person)
            session.flush()
            ensure_web_account(session, person)
            session.add_all(Role(person_id=person.id, name=role) for role in roles)
        user = self.world.add_person(self.tenant, name, email, locale=f"{locale}-CA")
        if has_app:
            self.driver.install(user)
        return user

    def person(self, user: User) -> Person:
        """The person of ours behind an account."""
        with self.app.database.session() as session:
            found = by_email(session, user.mail)
            assert found is not None
            return found

    def add_team(self, name: str, by: User, *members: User) -> Team:
        """A team that has us."""
        team = self.world.add_team(self.tenant, name, [by, *members])
        self.driver.add_to_team(team, by)
        return team

    def compare(self) -> None:
        """What the app does every hour: see who and what is in the tenant."""
        self.do(self.teams.directory.compare(self.tenant.id))
        self.settle()

    def settle(self, span: timedelta = timedelta()) -> None:
        """Let all happen that is due now, or in a while."""
        self.do(self.app.run_until(self.clock, self.clock.now() + span))
        self.do(self.teams.inbound.background.close())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        for platform in self.app.platforms.values():
            self.do(platform.close())
        self.loop.close()

    def on_the_web(self, person: Person, path: str) -> str:
        """A page as a person sees it in a browser."""
        return self.request("GET", path, person).text

    def request(self, method: str, path: str, person: Person | None = None, **more: Any) -> httpx.Response:
        cookies = {self.app.sign_in.cookie: self.do(self.app.sign_in.open_session(person.id))} if person else {}
        return self._request(method, path, cookies=cookies, **more)

    def cloud(self) -> Cloud:
        """The cloud that our Teams is."""
        world = self.world
        environment = replace(PUBLIC.environment, login_endpoint=world.login, openid_metadata_url=world.openid_metadata)
        return replace(
            PUBLIC,
            environment=environment,
            service_url=f"{world.base}/teams",
            origins=frozenset({world.base}),
            graph=world.graph,
        )

    def _settings(self) -> Settings:
        return Settings.model_validate({"secret_key": SecretStr("s" * 32), "base_url": BASE})

    def _builders(self) -> Any:
        return {"web": WebPlatform, "teams": lambda host: Teams(host, self.teams_settings, self.cloud())}

    def _send(self, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        answer = self._request("POST", path, headers=headers, content=body)
        assert answer.status_code < 500, answer.text
        self.do(self.teams.inbound.background.close())
        self.settle(A_MOMENT)
        return answer

    def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.asgi)
            cookies = more.pop("cookies", None)
            async with httpx.AsyncClient(transport=transport, base_url=BASE, cookies=cookies) as client:
                return await client.request(method, path, **more)

        return self.do(ask())
