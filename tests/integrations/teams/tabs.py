"""A window of Teams: what a browser keeps and sends of the tab, without its scripts."""

from __future__ import annotations

from typing import Any

import httpx

from integrations.teams.tab import ENTER
from tests.integrations.teams.city import BASE, City
from tests.teamsland.things import Person as User

# What a browser says of whatever our own pages ask for.
OWN = {"sec-fetch-site": "same-origin", "origin": BASE}


class TabWindow:
    """One window with its cookies; it follows where it is sent."""

    def __init__(self, city: City) -> None:
        self.city = city
        transport = httpx.ASGITransport(city.asgi)
        self.client = httpx.AsyncClient(transport=transport, base_url=BASE, follow_redirects=True)

    def enter(self, token: str, **more: str) -> httpx.Response:
        """Bring a token, as the tab's page does."""
        brought = httpx.Headers(OWN | {"authorization": f"Bearer {token}"} | more, encoding="latin-1")
        return self.request("POST", ENTER, headers=brought)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, headers=OWN | headers)

    def post(self, path: str, data: dict[str, str]) -> httpx.Response:
        return self.request("POST", path, data=data, headers=OWN)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A request with just what is given: other sites' pages make them too."""
        return self.city.do(self.client.request(method, path, **more))


def opened(city: City, user: User) -> TabWindow:
    """The tab of somebody, signed in."""
    embed_session = TabWindow(city)
    assert embed_session.enter(city.driver.tab_token(user)).status_code == 204
    return embed_session
