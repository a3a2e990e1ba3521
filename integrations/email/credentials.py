"""Our own tokens for a mailbox, in place of a password: got with an app's secret, kept until they end.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from time import monotonic

import httpx

from workbot.errors import DeliveryError

# A token that ends within this is renewed; Microsoft's live an hour and more.
AHEAD_SECONDS = 300.0
# What Microsoft calls a refusal to sign in; its sentence may name more than a log should hold.
NAMED = re.compile(r"AADSTS\d+")


@dataclass(frozen=True, slots=True)
class AppRegistration:
    """An app registration that may send: where it asks for tokens, and for what."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str


class Credentials:
    """The app's token, asked for once however many need it."""

    def __init__(self, app: AppRegistration, http: httpx.AsyncClient) -> None:
        self.app = app
        self.http = http
        self._token = ""
        self._ends = 0.0
        self._one = asyncio.Lock()

    async def token(self) -> str:
        """Raises DeliveryError where there is none to be had."""
        async with self._one:
            if not self._token or monotonic() >= self._ends:
                self._token, lives = await self._ask()
                self._ends = monotonic() + max(0.0, lives - AHEAD_SECONDS)
            return self._token

    def forget(self) -> None:
        """Ask for another next time: this one was not taken."""
        self._token = ""

    async def close(self) -> None:
        await self.http.aclose()

    async def _ask(self) -> tuple[str, float]:
        asked = {
            "grant_type": "client_credentials",
            "client_id": self.app.client_id,
            "client_secret": self.app.client_secret,
            "scope": self.app.scope,
        }
        try:
            answer = await self.http.post(self.app.token_url, data=asked)
        except httpx.HTTPError as error:
            raise DeliveryError(f"signing in for mail: no answer ({type(error).__name__})") from error
        if answer.is_success:
            return _read(answer)
        if answer.status_code in (400, 401, 403):
            raise DeliveryError(
                f"signing in for mail was refused ({_named(answer)}); check WORKBOT_MAIL_TENANT_ID, "
                "WORKBOT_MAIL_CLIENT_ID and WORKBOT_MAIL_CLIENT_SECRET"
            )
        raise DeliveryError(f"signing in for mail: the answer was {answer.status_code}")


def may(token: str, permission: str) -> bool:
    """Whether a token names a permission of the app; one that cannot be read is given the benefit of the doubt.

    It is read to say what is missing, and believed by nobody: the server decides.
    """
    try:
        claims = token.split(".")[1]
        roles = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4))).get("roles", [])
    except (IndexError, ValueError, AttributeError):
        return True
    return permission in roles


def _read(answer: httpx.Response) -> tuple[str, float]:
    try:
        said = answer.json()
        return str(said["access_token"]), float(said["expires_in"])
    except (KeyError, TypeError, ValueError) as error:
        raise DeliveryError("the answer to signing in for mail could not be read") from error


def _named(answer: httpx.Response) -> str:
    found = NAMED.search(answer.text)
    return found.group() if found else str(answer.status_code)
