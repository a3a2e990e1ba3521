"""Whom and what people mention: by our own names for them, or by Slack's where it may be told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Any

import structlog
from cachetools import TTLCache
from sqlmodel import Session, col, select

from integrations.slack.accounts import Accounts
from integrations.slack.errors import FOREIGN, word
from integrations.slack.markup import NOBODY, Names, channels_in, people_in
from integrations.slack.names import NAME, address_of
from integrations.slack.parsing import Where
from integrations.slack.workspaces import Workspaces
from workbot.errors import DeliveryError
from workbot.i18n import language
from workbot.people import Channel
from workbot.platforms import Host
from workbot.texts import clean

# Whoever wrote waits for this; of more than a few that we do not know, nobody reads all the names.
MOST_ASKED = 5
ASK_SECONDS = 1.0
# How long what Slack called somebody, or something, is believed.
FRESH_SECONDS = 600.0
MOST_KNOWN = 5000

# Asks for the name of an id in a workspace.
Ask = Callable[[str, str], Awaitable[str | None]]

log = structlog.get_logger(__name__)


class Mentions:
    """Finds the names for the ids in a text, and asks Slack only for those that we do not know."""

    def __init__(self, host: Host, workspaces: Workspaces, accounts: Accounts) -> None:
        self.host = host
        self.workspaces = workspaces
        self.accounts = accounts
        self._heard: TTLCache[tuple[str, str], str] = TTLCache(MOST_KNOWN, FRESH_SECONDS)

    async def of(self, where: Where, *texts: str) -> Names:
        """The names that some texts need, in the language of who wrote them."""
        text = "\n".join(texts)
        people, channels = people_in(text), channels_in(text)
        if not (people or channels or "<!" in text):
            return NOBODY
        lang = language(await self.accounts.locale(where))
        workspace = await self.workspaces.find(where.tenant) if people else None
        us = workspace.bot_user if workspace else ""
        found = await self._people(where.tenant, people - {us}) | ({us: "workbot"} if us else {})
        return Names(found, await self._channels(where.tenant, channels), us, lang)

    async def _people(self, tenant: str, keys: Collection[str]) -> dict[str, str]:
        ours = await self.accounts.known.names(NAME, tenant, keys)
        missing = sorted(set(keys) - ours.keys())
        return ours | await self._asked(tenant, missing, self.accounts.directory.ask_who)

    async def _channels(self, tenant: str, given: Mapping[str, str]) -> dict[str, str]:
        """The names of channels, empty for one that is private: ours, those that Slack wrote along, or as it says."""
        if not given:
            return {}
        ours = await self.host.database.read(partial(_channels, tenant=tenant, keys=list(given)))
        told = {key: name for key, name in given.items() if name and key not in ours}
        missing = sorted(given.keys() - ours.keys() - told.keys())
        return told | ours | await self._asked(tenant, missing, self._channel)

    async def _asked(self, tenant: str, keys: list[str], ask: Ask) -> dict[str, str]:
        """What Slack answers for a few ids, asked at once; what it told lately is not asked again."""
        known = {key: heard for key in keys if (heard := self._heard.get((tenant, key))) is not None}
        wanted = [key for key in keys if key not in known][:MOST_ASKED]
        answers = await asyncio.gather(*(ask(tenant, key) for key in wanted))
        for key, answer in zip(wanted, answers, strict=True):
            if answer is not None:
                known[key] = self._heard[tenant, key] = answer
        return known

    async def _channel(self, tenant: str, key: str) -> str | None:
        """The name of a channel: empty where it is private, None where Slack does not say."""
        try:
            client = await self.workspaces.into(tenant)
            async with asyncio.timeout(ASK_SECONDS):
                answer = await client.conversations_info(channel=key)
        except (*FOREIGN, DeliveryError) as error:
            log.info("slack.cannot_ask_what", reason=word(error))
            return None
        channel: Mapping[str, Any] = answer["channel"]
        return "" if channel.get("is_private") else clean(str(channel.get("name") or ""))


def _channels(session: Session, *, tenant: str, keys: Collection[str]) -> dict[str, str]:
    """The channels of ours among some; those of private desks without their names."""
    addresses = {address_of(tenant, key): key for key in keys}
    ours = session.exec(select(Channel).where(Channel.platform == NAME, col(Channel.address).in_(addresses)))
    return {addresses[place.address]: "" if place.private else place.name for place in ours}
