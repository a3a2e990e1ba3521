"""Our own tokens: got with the app's secret, kept until they end.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import Any

import httpx
from cachetools import TLRUCache

from integrations.teams.clouds import Cloud
from integrations.teams.errors import FOREIGN, locked_out, refusal
from integrations.teams.settings import TeamsSettings
from workbot.errors import DeliveryError

# A token that ends within this is renewed; Microsoft's live an hour and more.
AHEAD_SECONDS = 300.0
# Two for each tenant that we serve.
MOST_TOKENS = 1000


@dataclass(frozen=True, slots=True)
class Token:
    """A token as Microsoft gave it, and for how many seconds it lives."""

    text: str
    lives: float


class Credentials:
    """Tokens for the Bot Connector and for Graph, each asked for once however many need it."""

    def __init__(self, settings: TeamsSettings, cloud: Cloud, http: httpx.AsyncClient) -> None:
        self.settings = settings
        self.cloud = cloud
        self.http = http
        self._known: TLRUCache[tuple[str, str], Token] = TLRUCache(MOST_TOKENS, _ends, monotonic)
        self._one: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def connector(self) -> str:
        """A token for the Bot Connector."""
        return await self._token(self.settings.tenant_id, self.cloud.environment.bot_scope)

    async def graph(self, tenant: str) -> str:
        """A token for Graph in a tenant."""
        return await self._token(tenant, self.cloud.environment.graph_scope)

    async def call(
        self, token: Callable[[], Awaitable[str]], method: str, url: str, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Call with a token, and with another where that is not taken any more, in which case nothing was done:
        Microsoft may withdraw one before it ends."""
        answer, refused = await self._call(await token(), method, url, body), HTTPStatus.UNAUTHORIZED
        return answer if answer.status_code != refused else await self._call(await token(), method, url, body)

    def forget(self, token: str = "") -> None:
        """Ask for tokens anew next time: this one was not taken, or any may have changed."""
        for key in list(self._known):
            known = self._known.get(key)
            if known and token in ("", known.text):
                self._known.pop(key, None)

    async def _call(self, token: str, method: str, url: str, body: Mapping[str, Any] | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self.http.request(method, url, json=body, headers=headers)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self.forget(token)
        return answer

    async def _token(self, tenant: str, scope: str) -> str:
        if not self.settings.asks_microsoft:
            # Whoever said without a token where to answer gets none from us.
            return ""
        async with self._one[tenant, scope]:
            token = self._known.get((tenant, scope))
            if token is None:
                token = self._known[tenant, scope] = await self._ask(tenant, scope)
            return token.text

    async def _ask(self, tenant: str, scope: str) -> Token:
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.settings.client_id,
            "client_secret": self.settings.client_secret.get_secret_value(),
            "scope": scope,
        }
        try:
            answer = await self.http.post(f"{self.cloud.login}/{tenant}/oauth2/v2.0/token", data=asked)
            if answer.status_code in (400, 401, 403):
                raise locked_out(answer)
            answer.raise_for_status()
            said = answer.json()
            return Token(str(said["access_token"]), float(said["expires_in"]))
        except FOREIGN as error:
            # Nothing of ours has been sent yet, whatever became of this.
            raise DeliveryError(refusal(error).reason) from error
        except (KeyError, TypeError, ValueError) as error:
            raise DeliveryError("Microsoft’s answer to signing in could not be read") from error


def _ends(_key: tuple[str, str], token: Token, now: float) -> float:
    return now + max(0.0, token.lives - AHEAD_SECONDS)
