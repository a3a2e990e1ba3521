"""Which channels are our desks': found by name, known by their id from then on, lost when they are gone, and found
again when they are back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session, col, select

from integrations.slack.alerts import Alerts
from integrations.slack.client import status_of, thing
from integrations.slack.errors import FOREIGN, SendAgain, is_passing, word
from integrations.slack.kinds import forget_inviter, is_shared, keep_kind, unsure
from integrations.slack.names import NAME, address_of
from integrations.slack.workspaces import Workspaces
from workbot.people import (
    Channel,
    close_channel,
    has_role,
    link_channel,
    linked_channel,
    name_on_platform,
    person_of,
    wanted_channels,
)
from workbot.platforms import Host
from workbot.turns import Sender

# What a private desk's channel was closed for that says nothing of who is in it now.
SAME_READERS = ("is_archived",)
REMOVED = "not_in_channel"
Conversation = Mapping[str, Any]

log = structlog.get_logger(__name__)


class Channels:
    """Keeps desks' channels as Slack has them."""

    def __init__(self, host: Host, workspaces: Workspaces, alerts: Alerts) -> None:
        self.host = host
        self.workspaces = workspaces
        self.alerts = alerts

    async def compare(self, client: AsyncWebClient, tenant: str, channels: Sequence[Conversation]) -> int:
        """Look at all channels of a workspace, as they were listed; how many are new to a desk."""
        seen = {str(channel["id"]) for channel in channels}
        for address in await self.host.database.read(partial(_open_addresses, tenant=tenant)):
            if (channel := address.rpartition("/")[2]) not in seen:
                with suppress(SendAgain):
                    await self.changed(tenant, channel)
        return await self._join(client, tenant, channels)

    async def changed(self, tenant: str, channel: str, *, inviter: str = "") -> None:
        """Look at one channel again: it was renamed, archived, made private, shared, or we came (by `inviter`) or went.

        Raises SendAgain where Slack does not say now how it is; what is private waits until it does.
        """
        client = await self.workspaces.into(tenant)
        try:
            found = thing(await client.conversations_info(channel=channel), "channel")
        except FOREIGN as error:
            if word(error) == "channel_not_found":
                await self._gone(tenant, channel, word(error))
                return
            await self.host.database.run(partial(unsure, tenant=tenant, channel=channel))
            log.warning("slack.cannot_look", method="conversations.info", reason=word(error))
            if is_passing(error) and not _is_refused(error):
                raise SendAgain from error
            return
        await self._take(client, tenant, found, inviter)

    async def _take(self, client: AsyncWebClient, tenant: str, channel: Conversation, inviter: str) -> None:
        """Take in how a channel is now."""
        key = str(channel["id"])
        keep = partial(keep_kind, tenant=tenant, channel=channel, now=self.host.clock.now(), inviter="")
        await self.host.database.run(partial(_if_place, address=address_of(tenant, key), keep=keep))
        is_back = await self.host.database.read(partial(_may_come_back, address=address_of(tenant, key)))
        if channel.get("is_archived"):
            await self.alerts.channel_closed(address_of(tenant, key), "is_archived")
        elif channel.get("is_member") or (is_back and not channel.get("is_private")):
            await self._join(client, tenant, [channel], inviter=inviter)
        else:
            await self._gone(tenant, key, REMOVED)

    async def _gone(self, tenant: str, channel: str, reason: str) -> None:
        """We are not in a channel any more: who brings us back is to say so anew."""
        await self.host.database.run(partial(forget_inviter, tenant=tenant, channel=channel))
        await self.alerts.channel_closed(address_of(tenant, channel), reason)

    async def moved(self, tenant: str, old: str, new: str) -> None:
        """A channel has another id from now on, as happens when it is shared."""
        move = partial(_move, old=address_of(tenant, old), new=address_of(tenant, new))
        await self.host.database.run(move)
        await self.changed(tenant, new)

    async def _join(
        self, client: AsyncWebClient, tenant: str, channels: Sequence[Conversation], *, inviter: str = ""
    ) -> int:
        """Make channels those of our places; how many are new."""
        count = 0
        for home in await self.host.database.read(wanted_channels):
            linked = await self.host.database.read(partial(linked_channel, name=home.name, platform=NAME))
            channel = _of(home, linked, tenant, channels)
            if channel and await self._is_open_to(client, home, linked, channel, tenant, inviter):
                address = address_of(tenant, str(channel["id"]))
                link = partial(link_channel, home=home, platform=NAME, tenant=tenant, address=address)
                if place := await self.host.database.run(link):
                    await self.alerts.channel_opened(place, str(channel["name"]))
                    count += 1
        return count

    async def _is_open_to(
        self,
        client: AsyncWebClient,
        home: Channel,
        linked: Channel | None,
        channel: Conversation,
        tenant: str,
        inviter: str,
    ) -> bool:
        """Whether what is meant for a place may be said in a channel, and can be."""
        keep = partial(keep_kind, tenant=tenant, channel=channel, now=self.host.clock.now(), inviter=inviter)
        brought_by = await self.host.database.run(keep)
        address = address_of(tenant, str(channel["id"]))
        if linked and linked.address == address and linked.closed == REMOVED and not channel.get("is_member"):
            # Who removed us is not to find us there again of our own accord.
            return False
        if home.private and (why := _unfit(channel)):
            await self._refuse(home, address, str(channel["name"]), tenant, why)
            return False
        is_known = not channel.get("is_private") or _is_known(home, linked, channel, tenant, is_anew=bool(inviter))
        if not (is_known or await self._is_brought(home, channel, tenant, brought_by)):
            return False
        return await _is_in(client, channel)

    async def _refuse(self, home: Channel, address: str, name: str, tenant: str, why: str) -> None:
        """Close a channel to a private desk, and tell those of the desk."""
        await self.host.database.run(partial(close_channel, platform=NAME, address=address, reason=why))
        tell = self.alerts.channel_is_shared if why == "shared" else self.alerts.channel_is_public
        await tell(name, home.role, tenant)

    async def _is_brought(self, home: Channel, channel: Conversation, tenant: str, inviter: str) -> bool:
        """Whether one of the desk brought us into a private channel: one that bears a desk's name can be anyone's.

        Where it is not known who invited us, it is whoever made the channel.
        """
        sender = Sender(NAME, inviter or str(channel.get("creator") or ""), tenant)
        if await self.host.database.read(partial(_is_of, home=home, sender=sender)):
            return True
        if home.private and inviter:
            address = address_of(tenant, str(channel["id"]))
            await self.host.database.run(partial(close_channel, platform=NAME, address=address, reason="stranger"))
            await self.alerts.channel_is_strange(home, str(channel["name"]))
        return False


def _is_refused(error: BaseException) -> bool:
    """Whether the Web API has no such method for us: asked at once again it will not have it either."""
    return (
        isinstance(error, SlackApiError) and HTTPStatus.BAD_REQUEST <= status_of(error) < HTTPStatus.TOO_MANY_REQUESTS
    )


async def _is_in(client: AsyncWebClient, channel: Conversation) -> bool:
    """Whether we are in a channel; into an open one we let ourselves."""
    if channel.get("is_member"):
        return True
    if channel.get("is_private"):
        return False
    try:
        await client.conversations_join(channel=channel["id"])
    except FOREIGN as error:
        log.warning("slack.cannot_join", reason=word(error))
        return False
    return True


def _of(home: Channel, linked: Channel | None, tenant: str, channels: Sequence[Conversation]) -> Conversation | None:
    """The channel of a place: by the id that its desk's file gives; the one that it has, whatever that is called now;
    or by the name that the file gives, or the place's own."""
    wanted = name_on_platform(home, NAME)
    by_id = {str(channel["id"]): channel for channel in channels}
    if wanted in by_id:
        return by_id[wanted]
    # Another name in the file asks for another channel.
    is_same = linked and linked.tenant == tenant and linked.channels.get(NAME, wanted) == wanted
    if linked and is_same:
        found = by_id.get(linked.address.rpartition("/")[2])
        if found or not linked.closed:
            return found
    return next((one for one in channels if one.get("name") == wanted.lstrip("#").lower()), None)


def _unfit(channel: Conversation) -> str:
    """Why nothing private may be said in a channel, whoever is in it."""
    if not channel.get("is_private"):
        return "public"
    return "shared" if is_shared(channel) else ""


def _is_known(home: Channel, linked: Channel | None, channel: Conversation, tenant: str, *, is_anew: bool) -> bool:
    """Whether a private channel is a desk's by its id: its file names it, or it was the desk's before.

    A private desk's is so no more where others may have come to read it: somebody invited us anew (`is_anew`), or it
    was open to them.
    """
    if home.channels.get(NAME) == channel["id"]:
        return True
    if linked is None or linked.address != address_of(tenant, str(channel["id"])):
        return False
    return not home.private or (not is_anew and linked.closed in ("", *SAME_READERS))


def _is_of(session: Session, *, home: Channel, sender: Sender) -> bool:
    """Whether somebody is of a place's role, or an administrator."""
    person = person_of(session, sender)
    return person is not None and has_role(session, person, home.role, "admin")


def _open_addresses(session: Session, *, tenant: str) -> list[str]:
    wanted = select(Channel.address).where(Channel.platform == NAME, Channel.tenant == tenant, Channel.closed == "")
    return list(session.exec(wanted))


def _may_come_back(session: Session, *, address: str) -> bool:
    """Whether a channel was a place's, and closed by nobody who wanted us gone."""
    was = (Channel.platform == NAME, Channel.address == address, col(Channel.closed).in_(SAME_READERS))
    return session.exec(select(Channel.id).where(*was)).first() is not None


def _if_place(session: Session, *, address: str, keep: Callable[[Session], str]) -> None:
    """Keep what kind a channel is, if it is a place's."""
    if session.exec(select(Channel.id).where(Channel.platform == NAME, Channel.address == address)).first():
        keep(session)


def _move(session: Session, *, old: str, new: str) -> None:
    found = session.exec(select(Channel).where(Channel.platform == NAME, Channel.address == old)).first()
    if found:
        found.address = new
        session.add(found)
