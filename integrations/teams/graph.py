"""Microsoft Graph, by plain HTTP: people of a tenant, and the installing of our app for them.

https://learn.microsoft.com/graph/api/overview
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx
import structlog

from integrations.teams.clouds import Cloud, origin
from integrations.teams.credentials import Credentials
from integrations.teams.errors import word
from workbot.errors import DeliveryError

Thing = dict[str, Any]
# What is read of people; Graph leaves everything else out.
FIELDS = (
    "id",
    "displayName",
    "mail",
    "userPrincipalName",
    "userType",
    "accountEnabled",
)

log = structlog.get_logger(__name__)


class Graph:
    """Calls Graph as the app itself, in a tenant that has let it."""

    def __init__(self, cloud: Cloud, client_id: str, credentials: Credentials, http: httpx.AsyncClient) -> None:
        self.cloud = cloud
        self.client_id = client_id
        self.credentials = credentials
        self.http = http
        self._apps: dict[str, str] = {}

    async def changes(self, tenant: str, link: str = "") -> AsyncIterator[tuple[list[Thing], str]]:
        """Pages of people: all of them or, with the link of an earlier reading, those who changed since.

        With the last page comes the link for next time. Raises `Expired` when Graph has forgotten the link.
        """
        url = link or f"{self.cloud.graph}/users/delta?$select={','.join(FIELDS)}"
        while url:
            answer = await self._get(tenant, url)
            url = str(answer.get("@odata.nextLink") or "")
            yield list(answer.get("value") or ()), str(answer.get("@odata.deltaLink") or "")

    async def install(self, tenant: str, user: str) -> None:
        """Install our app for somebody; raises DeliveryError where we may not."""
        app = await self.app(tenant)
        if not app:
            raise DeliveryError("the app is not in the organisation’s app catalogue in Teams", permanent=True)
        bound = {"teamsApp@odata.bind": f"{self.cloud.graph}/appCatalogs/teamsApps/{app}"}
        answer = await self._call(
            "POST", tenant, f"{self.cloud.graph}/users/{quote(user)}/teamwork/installedApps", bound
        )
        # It was installed already, or is just now by another of our processes.
        if answer.status_code != HTTPStatus.CONFLICT:
            _check(answer)

    async def app(self, tenant: str) -> str:
        """The catalogue's id of our app, or nothing where it is not in it."""
        if tenant not in self._apps:
            wanted = quote(f"externalId eq '{self.client_id}'")
            answer = await self._get(tenant, f"{self.cloud.graph}/appCatalogs/teamsApps?$filter={wanted}")
            found = [str(one["id"]) for one in answer.get("value") or ()]
            if not found:
                return ""
            self._apps[tenant] = found[0]
        return self._apps[tenant]

    async def first_of(self, tenant: str) -> None:
        """Look whether the directory can be read at all."""
        await self._get(tenant, f"{self.cloud.graph}/users?$select=id&$top=1")

    async def _get(self, tenant: str, url: str) -> Thing:
        answer = await self._call("GET", tenant, url)
        _check(answer)
        data = answer.json()
        return data if isinstance(data, dict) else {}

    async def _call(self, method: str, tenant: str, url: str, body: Thing | None = None) -> httpx.Response:
        if origin(url.partition("?")[0]) != origin(self.cloud.graph):
            # A link that was stored, or that an answer holds, leads nowhere else with our token.
            raise DeliveryError("this link is not one of Graph’s")
        return await self.credentials.call(partial(self.credentials.graph, tenant), method, url, body)


class Expired(Exception):
    """Graph has forgotten how far we had read: everything is to be read anew."""


def may_not(error: BaseException) -> bool:
    """Whether an administrator has not let the app do what it asked."""
    return isinstance(error, httpx.HTTPStatusError) and error.response.status_code == HTTPStatus.FORBIDDEN


def _check(answer: httpx.Response) -> None:
    if answer.status_code == HTTPStatus.GONE:
        raise Expired
    try:
        answer.raise_for_status()
    except httpx.HTTPStatusError as error:
        log.info("teams.graph_refused", reason=word(error), status=answer.status_code)
        raise
