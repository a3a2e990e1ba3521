"""The Bot Connector, by plain HTTP: a handful of calls, on few connections, each made once.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from integrations.teams.clouds import Cloud, is_local
from integrations.teams.credentials import Credentials
from integrations.teams.errors import FOREIGN, is_broken, refusal
from integrations.teams.settings import TeamsSettings
from workbot.errors import DeliveryError
from workbot.https import trusted

Thing = dict[str, Any]
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
# httpx slows down as connections grow; four keep up with fifty messages a second.
LIMITS = httpx.Limits(max_connections=8, max_keepalive_connections=4)


class Connector:
    """Calls Teams where somebody was heard. It tries nothing twice: that is the sender's."""

    def __init__(self, settings: TeamsSettings, cloud: Cloud) -> None:
        self.settings = settings
        self.cloud = cloud
        self.http = httpx.AsyncClient(verify=trusted(), timeout=TIMEOUT, limits=LIMITS, follow_redirects=False)
        self.credentials = Credentials(settings, cloud, self.http)

    async def send(self, service_url: str, conversation: str, activity: Thing) -> str:
        """Send a message and return its id; raises what httpx raises."""
        answer = await self._call("POST", service_url, _activities(conversation), activity)
        return str(answer.get("id") or "")

    async def send_targeted(self, service_url: str, conversation: str, activity: Thing) -> None:
        """Send a message that its recipient alone sees, among others, for a day
        (https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages)."""
        await self._call("POST", service_url, f"{_activities(conversation)}?isTargetedActivity=true", activity)

    async def update(self, service_url: str, conversation: str, key: str, activity: Thing) -> None:
        """Put a message in place of one."""
        where = f"{_activities(conversation)}/{_quoted(key)}"
        await self._call("PUT", service_url, where, activity | {"id": key})

    async def delete(self, service_url: str, conversation: str, key: str) -> None:
        await self._call("DELETE", service_url, f"{_activities(conversation)}/{_quoted(key)}")

    async def react(self, service_url: str, conversation: str, key: str, kind: str, *, is_gone: bool = False) -> None:
        """Put a reaction on a message, or take ours off: in the shape of Microsoft's own SDK (`ReactionClient`)."""
        where = f"/v3/conversations/{_quoted(conversation)}/activities/{_quoted(key)}/reactions/{_quoted(kind)}"
        await self._call("DELETE" if is_gone else "PUT", service_url, where)

    async def open(self, service_url: str, tenant: str, user: str) -> tuple[str, str]:
        """Begin the conversation with a person, or find it again; returns its id and where to write to it."""
        asked = {
            "bot": {"id": f"28:{self.settings.client_id}"},
            "members": [{"id": user}],
            "isGroup": False,
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        answer = await self._call("POST", service_url, "/v3/conversations", asked)
        return str(answer["id"]), str(answer.get("serviceUrl") or service_url)

    async def member(self, service_url: str, conversation: str, user: str) -> Thing:
        """What Teams knows of somebody in a conversation."""
        return await self._call(
            "GET", service_url, f"/v3/conversations/{_quoted(conversation)}/members/{_quoted(user)}"
        )

    async def channels(self, service_url: str, team: str) -> list[Thing]:
        """The channels of a team; the one without a name is its first, General."""
        answer = await self._call("GET", service_url, f"/v3/teams/{_quoted(team)}/conversations")
        return [channel for channel in answer.get("conversations") or () if isinstance(channel, dict)]

    async def team(self, service_url: str, team: str) -> Thing:
        return await self._call("GET", service_url, f"/v3/teams/{_quoted(team)}")

    async def close(self) -> None:
        await self.http.aclose()

    async def _call(self, method: str, service_url: str, path: str, body: Mapping[str, Any] | None = None) -> Thing:
        if not self._is_ours(service_url):
            # Checked on the way in already; what is stored may be from another cloud or a restored backup.
            raise DeliveryError("the address at which they were heard is not one of Teams’")
        url = f"{service_url.rstrip('/')}{path}"
        answer = await self.credentials.call(self.credentials.connector, method, url, body)
        answer.raise_for_status()
        return _said(answer)

    def _is_ours(self, service_url: str) -> bool:
        return is_local(service_url) if self.settings.allow_unsigned else self.cloud.is_ours(service_url)


def refused(error: BaseException, *, channel: bool = False) -> DeliveryError:
    """What an error of a call means, for a message that it carried, to a person or a channel."""
    if is_broken(error):
        return DeliveryError("Microsoft does not take our token: check TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID")
    return refusal(error, channel=channel)


def _activities(conversation: str) -> str:
    return f"/v3/conversations/{_quoted(conversation)}/activities"


def _quoted(part: str) -> str:
    return quote(part, safe="")


def _said(answer: httpx.Response) -> Thing:
    if not answer.content:
        return {}
    try:
        data = answer.json()
    except ValueError as error:
        # It was done, by its status; what it says of it was cut off.
        raise httpx.RemoteProtocolError("the answer cannot be read", request=answer.request) from error
    return data if isinstance(data, dict) else {}


__all__ = ["FOREIGN", "Connector", "refused"]
