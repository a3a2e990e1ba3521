"""A small Teams to test it in: people, a team, a plain client, and a bot that answers what it is told to."""

from __future__ import annotations

from typing import Any

import httpx

from tests.teamsland.driver import Driver
from tests.teamsland.reading import Thing, attached
from tests.teamsland.samples import a_card
from tests.teamsland.things import Message
from tests.teamsland.world import World

CONNECTOR = "https://api.botframework.com/.default"
GRAPH = "https://graph.microsoft.com/.default"


class Teams:
    """A world, its server, and a plain client for it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tenant = world.add_tenant()
        self.ada = world.add_person(self.tenant, "Ada Tremblay", "ada@city.example", locale="fr-CA", jobTitle="Clerk")
        self.bob = world.add_person(self.tenant, "Bob Martin", "bob@city.example")
        self.team = world.add_team(self.tenant, "IT", [self.ada, self.bob])
        self.team.has_app = True
        self.channel = world.add_channel(self.team, "Service desk")
        self.at = 0.0
        world.monotonic = lambda: self.at
        self.client = httpx.Client()
        self.bot = Bot()
        self.driver = Driver(world, self.bot.take)

    def token(self, scope: str = CONNECTOR, **other: str) -> httpx.Response:
        known = {"client_id": self.world.app.client_id, "client_secret": self.world.app.secret, "scope": scope}
        form = known | {"grant_type": "client_credentials"} | other
        tenant = form.pop("tenant", self.tenant.id)
        return self.client.post(f"{self.world.login}/{tenant}/oauth2/v2.0/token", data=form)

    def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> httpx.Response:
        """Call the Bot Connector of the tenant."""
        bearer = token or self.token().json()["access_token"]
        url = self.world.service_url(self.tenant) + path
        return self.client.request(method, url, json=body, headers={"Authorization": f"Bearer {bearer}"})

    def ask(self, path: str, body: Any = None) -> httpx.Response:
        """Call Graph; an address is followed as it is."""
        url = path if path.startswith("http") else self.world.graph + path
        headers = {"Authorization": f"Bearer {self.token(GRAPH).json()['access_token']}"}
        return self.client.request("GET" if body is None else "POST", url, json=body, headers=headers)

    def show(self, *body: Thing) -> Message:
        """A card that Ada has in her conversation with the bot."""
        self.ada.has_app = True
        sent = {"type": "message", "attachments": [attached(a_card(*body))]}
        return self.world.post(self.world.personal(self.ada), sent)

    def send(self, place: str, card: Thing | None = None, **more: Any) -> httpx.Response:
        activity = {"type": "message", "attachments": [attached(card or a_card())]} | more
        return self.call("POST", f"v3/conversations/{place}/activities", activity)


class Bot:
    """What stands where our app would: it hears everything, and answers what it was told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[Thing, str]] = []
        self.answers: list[httpx.Response] = []

    def take(self, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        assert path == "/api/messages"
        self.heard.append((httpx.Response(200, content=body).json(), headers["Authorization"].removeprefix("Bearer ")))
        return self.answers.pop(0) if self.answers else httpx.Response(200)

    def will_answer(self, body: Any = None, status: int = 200) -> None:
        self.answers.append(httpx.Response(status, json=body) if body is not None else httpx.Response(status))

    @property
    def last(self) -> Thing:
        return self.heard[-1][0]


def button(title: str, kind: str = "Action.Execute", **more: Any) -> Thing:
    made: Thing = {"type": kind, "title": title, "data": {"action": "request.take", "value": "7"}}
    return made | ({"verb": "press"} if kind == "Action.Execute" else {}) | more


def dialog(card: Thing, title: str = "New request") -> Thing:
    return {"task": {"type": "continue", "value": {"title": title, "card": attached(card)}}}
