"""Comparing lists: whose Slack accounts are whose of ours, and whose are strangers'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.alerts import Alerts
from integrations.slack.channels import Channels
from integrations.slack.client import thing, things
from integrations.slack.errors import FOREIGN, is_broken, refusal, word
from integrations.slack.installations import note_open
from integrations.slack.members import known, named
from integrations.slack.names import NAME
from integrations.slack.settings import SlackSettings
from integrations.slack.workspaces import Workspace, Workspaces
from workbot.chat.directory import AccountLinks, Comparison
from workbot.errors import DeliveryError
from workbot.people import LinkRule
from workbot.platforms import Host
from workbot.turns import Sender

# Slack gives up to a thousand at once, and asks for at most twenty lists a minute.
PAGE = 1000
PAUSE_SECONDS = 3.1
# Whoever pressed something waits for this, and what is to open a form lives for three seconds.
ASK_SECONDS = 1.0
# How many are asked about by themselves whom a list does not name; the others in the next hours.
MOST_ASKED = 25
NOBODY = ("user_not_found", "user_not_visible", "users_not_found")
Listing = Callable[..., Awaitable[Any]]

log = structlog.get_logger(__name__)


class DirectorySync:
    """Keeps what we know of workspaces as it is there: every hour, and when Slack says that something changed."""

    def __init__(self, host: Host, settings: SlackSettings, workspaces: Workspaces, alerts: Alerts) -> None:
        self.host = host
        self.settings = settings
        self.workspaces = workspaces
        self.alerts = alerts
        self.channels = Channels(host, workspaces, alerts)
        self.comparison = Comparison(host, NAME)
        self.links = AccountLinks(host, NAME, alerts.account_closed)

    async def run(self) -> None:
        await self.comparison.run(self.look)

    async def look(self) -> None:
        """Compare the workspaces for which it is time."""
        for workspace in await self.workspaces.all():
            if workspace.broken:
                await self.alerts.broken(workspace.tenant, workspace.broken)
                continue
            await self.host.database.run(
                partial(note_open, tenant=workspace.tenant, name=workspace.name, url=workspace.url)
            )
            await self.comparison.if_late(workspace.tenant, partial(self.compare, workspace))

    async def compare(self, workspace: Workspace) -> None:
        """Compare all there is of one workspace; raises DeliveryError when it cannot be asked.

        Of people and channels each is compared even if the other cannot be.
        """
        client = await self.workspaces.into(workspace.tenant)
        counts, failed = [0, 0], list[BaseException]()
        for number, look in enumerate((self._people, self._channels)):
            try:
                counts[number] = await look(client, workspace)
            except FOREIGN as error:
                failed.append(error)
                if is_broken(error):
                    await self.alerts.broken(workspace.tenant, word(error))
                    break
        if failed:
            raise refusal(failed[0]) from failed[0]
        log.info("slack.compared", workspace=workspace.tenant, linked=counts[0], channels=counts[1])

    async def user_changed(self, tenant: str, user: Mapping[str, Any]) -> None:
        """Take in what Slack says of one user: new, renamed, become a guest, or gone."""
        await self._take_in(tenant, [user])

    async def ask_who(self, tenant: str, user: str) -> str:
        """Ask Slack who a user is that we do not know, and link them if we know them after all; their name there."""
        try:
            client = await self.workspaces.into(tenant)
            async with asyncio.timeout(ASK_SECONDS):
                found = thing(await client.users_info(user=user), "user")
        except (*FOREIGN, DeliveryError) as error:
            log.info("slack.cannot_ask_who", reason=type(error).__name__)
            return ""
        await self._take_in(tenant, [found])
        return named(found)

    async def spoke(self, tenant: str, user: str) -> str:
        """Somebody unknown speaks to us: who they are. One who bears an address of ours is asked about there."""
        name = await self.ask_who(tenant, user)
        if name:
            await self.host.ask_owner(Sender(NAME, user, tenant))
        return name

    async def user_gone(self, tenant: str, user: str) -> None:
        """An account was found deactivated before anything told us of it."""
        await self._take_in(tenant, [{"id": user, "deleted": True}])

    async def _people(self, client: AsyncWebClient, workspace: Workspace) -> int:
        began = self.host.clock.now()
        pages = _listed(client, workspace, "members")
        # Read whole before anyone is linked: those may stand pages apart who have the same address.
        users = [user async for page in pages for user in page]
        linked = await self._take_in(workspace.tenant, users)
        await self.links.forget_claims(workspace.tenant, before=began)
        missing = await self.links.missing(workspace.tenant, {str(user["id"]) for user in users})
        for user in missing[:MOST_ASKED]:
            await self._look_again(client, workspace.tenant, user)
        return linked

    async def _look_again(self, client: AsyncWebClient, tenant: str, user: str) -> None:
        """Ask about one whom the list of all does not name: whoever is not to be found is not of ours any more."""
        try:
            found = thing(await client.users_info(user=user), "user")
        except SlackApiError as error:
            if word(error) not in NOBODY:
                raise
            found = {"id": user, "is_stranger": True}
        await self._take_in(tenant, [found])

    async def _take_in(self, tenant: str, users: Sequence[Mapping[str, Any]]) -> int:
        """Link who is here, and make strangers of those who are not, or not of us; how many were linked."""
        workspace = await self.workspaces.find(tenant)
        return await self.links.take_in(
            tenant,
            [known(tenant, user) for user in users],
            await self._rule(tenant),
            alone=await self.workspaces.is_only(),
            organisation=workspace.name if workspace else "",
        )

    async def _rule(self, tenant: str) -> LinkRule:
        """How accounts of a workspace are linked: by their addresses at home only."""
        is_home = bool(tenant) and tenant.lower() == (await self.workspaces.home()).lower()
        domains = self.settings.mail_domains.get(tenant.lower(), frozenset())
        return LinkRule(is_home, self.settings.link_by_email, domains)

    async def _channels(self, client: AsyncWebClient, workspace: Workspace) -> int:
        found = [channel async for page in _listed(client, workspace, "channels") for channel in page]
        return await self.channels.compare(client, workspace.tenant, found)


async def _listed(client: AsyncWebClient, workspace: Workspace, what: str) -> AsyncIterator[list[Any]]:
    """Everything of a kind that there is in a workspace, or in each one of an organisation."""
    if not workspace.is_enterprise:
        async for page in _pages(LISTS[what](client), what):
            yield page
        return
    async for teams in _pages(client.auth_teams_list, "teams"):
        for team in teams:
            async for page in _pages(partial(LISTS[what](client), team_id=team["id"]), what):
                yield page


LISTS: Mapping[str, Callable[[AsyncWebClient], Listing]] = {
    "members": lambda client: client.users_list,
    "channels": lambda client: partial(
        client.conversations_list, types="public_channel,private_channel", exclude_archived=True
    ),
}


async def _pages(listing: Listing, what: str) -> AsyncIterator[list[Any]]:
    """A list, a page at a time, no faster than Slack allows."""
    asked: dict[str, Any] = {"limit": PAGE}
    while True:
        answer = await listing(**asked)
        yield things(answer, what)
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor or cursor == asked.get("cursor"):
            return
        asked["cursor"] = cursor
        await asyncio.sleep(PAUSE_SECONDS)
