"""Comparing lists: whose Slack accounts are whose of ours, and which channels are our desks'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import or_, update
from sqlmodel import Session, col

from integrations.slack.models import SlackWorkspace
from integrations.slack.names import NAME, address_of
from integrations.slack.refusals import FOREIGN, is_broken, refusal, word
from integrations.slack.settings import SlackSettings
from integrations.slack.tidying import tidy
from integrations.slack.trouble import Trouble
from integrations.slack.workspaces import Workspace, Workspaces
from workbot.errors import DeliveryError
from workbot.people import (
    Known,
    Person,
    Place,
    close_accounts,
    close_place,
    holds,
    link_accounts,
    link_place,
    places,
    recognise,
    reopen_accounts,
    wanted_places,
)
from workbot.platforms import Host
from workbot.texts import clean
from workbot.turns import Sender

EVERY = timedelta(hours=1)
LOOK_SECONDS = 60.0
# Slack gives up to a thousand at once, and asks for at most twenty lists a minute.
PAGE = 1000
PAUSE_SECONDS = 3.1
# Whoever pressed something waits for this, and what is to open a form lives for three seconds.
ASK_SECONDS = 1.0
Listing = Callable[..., Awaitable[Any]]

log = structlog.get_logger(__name__)


class Comparing:
    """Keeps what we know of workspaces as it is there: every hour, and when Slack says that something changed."""

    def __init__(self, host: Host, settings: SlackSettings, workspaces: Workspaces, trouble: Trouble) -> None:
        self.host = host
        self.settings = settings
        self.workspaces = workspaces
        self.trouble = trouble

    async def run(self) -> None:
        while True:
            try:
                for workspace in await self.workspaces.all():
                    if workspace.broken:
                        await self.trouble.broken(workspace.tenant, workspace.broken)
                        continue
                    claim = partial(_claim, workspace=workspace, now=self.host.clock.now())
                    if await self.host.database.run(claim):
                        await self.host.database.run(partial(tidy, now=self.host.clock.now()))
                        await self.compare(workspace)
            except DeliveryError as error:
                log.warning("slack.cannot_compare", reason=error.reason)
            except Exception:
                log.exception("slack.compare_failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def compare(self, workspace: Workspace) -> None:
        """Compare all there is of one workspace; raises DeliveryError when it cannot be asked."""
        try:
            client = await self.workspaces.into(workspace.tenant)
            people = await self._people(client, workspace)
            channels = await self._channels(client, workspace)
        except FOREIGN as error:
            if is_broken(error):
                await self.trouble.broken(workspace.tenant, word(error))
            raise refusal(error) from error
        log.info("slack.compared", workspace=workspace.tenant, linked=people, channels=channels)

    async def user_changed(self, tenant: str, user: Mapping[str, Any]) -> None:
        """Take in what Slack says of one user: new, renamed, or gone."""
        await self._take_in(tenant, [user])

    async def ask_who(self, tenant: str, user: str) -> str:
        """Ask Slack who a user is that we do not know, and link them if we know them after all; their name there."""
        try:
            client = await self.workspaces.into(tenant)
            async with asyncio.timeout(ASK_SECONDS):
                answer = await client.users_info(user=user)
        except (*FOREIGN, DeliveryError) as error:
            log.info("slack.cannot_ask_who", reason=type(error).__name__)
            return ""
        await self._take_in(tenant, [answer["user"]])
        return _name(answer["user"])

    async def channel_changed(self, tenant: str, channel: str, *, inviter: str = "") -> None:
        """Look at one channel again: it was renamed, archived, made private, or we came (by `inviter`) or went."""
        client = await self.workspaces.into(tenant)
        try:
            answer = await client.conversations_info(channel=channel)
        except SlackApiError as error:
            if word(error) != "channel_not_found":
                raise
            await self.trouble.channel_closed(address_of(tenant, channel), word(error))
            return
        known: Mapping[str, Any] = answer["channel"]
        if known.get("is_archived") or not known.get("is_member"):
            reason = "is_archived" if known.get("is_archived") else "not_in_channel"
            await self.trouble.channel_closed(address_of(tenant, channel), reason)
            return
        await self._join(client, tenant, [known], inviter=inviter)

    async def _people(self, client: AsyncWebClient, workspace: Workspace) -> int:
        pages = _listed(client, workspace, "members")
        return sum([await self._take_in(workspace.tenant, page) async for page in pages])

    async def _take_in(self, tenant: str, users: list[Any] | list[Mapping[str, Any]]) -> int:
        """Link who is here, and close the accounts of those who are not; how many were linked."""
        people = [user for user in users if not _is_machine(user)]
        here = [_known(tenant, user) for user in people if not user.get("deleted") and not _is_guest(user, tenant)]
        gone = [str(user["id"]) for user in people if user.get("deleted")]
        by_email, now = self.settings.link_by_email, self.host.clock.now()
        take = partial(_take, tenant=tenant, here=here, gone=gone, by_email=by_email, now=now)
        linked, lost = await self.host.database.run(take)
        for user, person in lost:
            await self.trouble.account_closed(person, tenant, user)
        return linked

    async def _channels(self, client: AsyncWebClient, workspace: Workspace) -> int:
        found = [channel async for page in _listed(client, workspace, "channels") for channel in page]
        return await self._join(client, workspace.tenant, found)

    async def _join(
        self, client: AsyncWebClient, tenant: str, channels: list[Mapping[str, Any]], *, inviter: str = ""
    ) -> int:
        """Make channels those of our places, by id or by name; how many are new."""
        count = 0
        for home in await self.host.database.read(wanted_places):
            channel = _of(home, channels)
            if channel and await self._may_speak(home, channel, tenant, inviter) and await _is_in(client, channel):
                address = address_of(tenant, str(channel["id"]))
                link = partial(link_place, home=home, platform=NAME, tenant=tenant, address=address)
                if place := await self.host.database.run(link):
                    await self.trouble.channel_opened(place, str(channel["name"]))
                    count += 1
        return count

    async def _may_speak(self, home: Place, channel: Mapping[str, Any], tenant: str, inviter: str) -> bool:
        """Whether what is meant for a place may be said in a channel.

        What is private is said in private channels only. One that bears a desk's name can be anyone's: it is
        the desk's if its id was given to us, or if its maker or whoever invited us is of the desk.
        """
        address = address_of(tenant, str(channel["id"]))
        if home.private and not channel.get("is_private"):
            await self.host.database.run(partial(close_place, platform=NAME, address=address, reason="public"))
            await self.trouble.channel_is_public(str(channel["name"]), home.role, tenant)
            return False
        if not channel.get("is_private") or home.channels.get(NAME) == channel["id"]:
            return True
        users = [str(user) for user in (channel.get("creator"), inviter) if user]
        return await self.host.database.read(partial(_is_of, home=home, address=address, tenant=tenant, users=users))


async def _is_in(client: AsyncWebClient, channel: Mapping[str, Any]) -> bool:
    """Whether we are in a channel; into an open one we let ourselves."""
    if channel.get("is_member"):
        return True
    if channel.get("is_private"):
        return False
    try:
        await client.conversations_join(channel=channel["id"])
    except SlackApiError as error:
        log.warning("slack.cannot_join", reason=word(error))
        return False
    return True


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
        yield answer[what]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return
        asked["cursor"] = cursor
        await asyncio.sleep(PAUSE_SECONDS)


def _is_machine(user: Mapping[str, Any]) -> bool:
    return bool(user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == "USLACKBOT")


def _is_guest(user: Mapping[str, Any], tenant: str) -> bool:
    """Whether somebody belongs to another organisation, or was only let into some channels."""
    team, enterprise = str(user.get("team_id") or tenant), (user.get("enterprise_user") or {}).get("enterprise_id")
    return bool(user.get("is_stranger") or user.get("is_restricted")) or tenant not in (team, enterprise)


def _name(user: Mapping[str, Any]) -> str:
    profile = user.get("profile") or {}
    return clean(str(profile.get("real_name") or user.get("real_name") or user.get("name") or ""))


def _known(tenant: str, user: Mapping[str, Any]) -> Known:
    email = str((user.get("profile") or {}).get("email") or "") if user.get("is_email_confirmed") else ""
    return Known(str(user["id"]), address_of(tenant, str(user["id"])), email)


def _is_of(session: Session, *, home: Place, address: str, tenant: str, users: list[str]) -> bool:
    """Whether a channel is a place's already, or one of some users is of its role or an administrator."""
    if any(place.address == address for place in places(session, home.name)):
        return True
    people = [recognise(session, Sender(NAME, user, tenant)) for user in users]
    return any(holds(session, person, home.role, "admin") for person in people if person)


def _of(home: Place, channels: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The channel of a place: by the id or the name that its desk gives, or else by the place's own name."""
    wanted = str(home.channels.get(NAME) or home.name)
    by_id = (channel for channel in channels if channel["id"] == wanted)
    by_name = (channel for channel in channels if channel.get("name") == wanted.lstrip("#").lower())
    return next(by_id, None) or next(by_name, None)


def _take(
    session: Session, *, tenant: str, here: list[Known], gone: list[str], by_email: bool, now: datetime
) -> tuple[int, list[tuple[str, Person]]]:
    linked = link_accounts(session, NAME, tenant, here, by_email=by_email)
    reopen_accounts(session, NAME, tenant, [known.user for known in here])
    return len(linked), close_accounts(session, NAME, tenant, gone, "deactivated in Slack", now=now)


def _claim(session: Session, *, workspace: Workspace, now: datetime) -> bool:
    """Whether it is time to compare a workspace, and this process's to do it."""
    tenant = workspace.tenant
    known = session.get(SlackWorkspace, tenant) or SlackWorkspace(tenant=tenant)
    # It lets us in: whatever was wrong is over.
    known.name, known.url, known.broken = workspace.name, workspace.url, workspace.broken
    session.add(known)
    session.flush()
    late = or_(col(SlackWorkspace.compared_at).is_(None), col(SlackWorkspace.compared_at) < now - EVERY)
    claimed = session.execute(
        update(SlackWorkspace).where(col(SlackWorkspace.tenant) == tenant, late).values(compared_at=now)
    )
    return bool(claimed.rowcount)  # type: ignore[attr-defined]
