"""The platform: cards become messages in people's chats and in channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import httpx
import structlog
from starlette.requests import Request
from starlette.routing import BaseRoute

from integrations.teams.alerts import Alerts
from integrations.teams.clouds import CLOUDS, Cloud
from integrations.teams.connector import Connector, refused
from integrations.teams.conversations import Conversations, Spot
from integrations.teams.diagnostics import diagnose
from integrations.teams.directory import DirectorySync
from integrations.teams.errors import FOREIGN, LockedOut, has_moved, is_broken, word
from integrations.teams.graph import Graph
from integrations.teams.inbound import Inbound
from integrations.teams.names import NAME, address_of, is_channel, parts_of, spot_of
from integrations.teams.posting import Posting
from integrations.teams.render import Parts
from integrations.teams.settings import TeamsSettings
from integrations.teams.tab import Tab
from workbot.cards import Mark
from workbot.errors import DeliveryError
from workbot.i18n import Language
from workbot.platforms import Diagnostic, EmbedSession, Host, Limits, Outgoing
from workbot.seals import Seal

# Teams' own figures are 50 a second for an app in a tenant, and for a conversation 7 in 1 s, 8 in 2 s, 60 in 30 s and
# 1,800 in an hour: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit. We stay a little below.
LIMITS = Limits(per_second=45, burst=3, conversation=((6, 1.0), (7, 2.0), (55, 30.0), (1700, 3600.0)))
# The reactions by which the SDK names 👀 and ✅ (`MessageReactionType`).
SIGNS = {"seen": "1f440_eyes", "done": "2705_whiteheavycheckmark"}

log = structlog.get_logger(__name__)


class Teams:
    """Teams, in every tenant that we serve."""

    name = NAME
    limits = LIMITS
    # Teams posts whatever it is sent, and cannot be asked what it has: the kind of message says what becomes of a
    # doubt.
    takes_once = False

    def __init__(self, host: Host, settings: TeamsSettings, cloud: Cloud | None = None) -> None:
        self.host = host
        self.settings = settings
        self.cloud = cloud or CLOUDS[settings.cloud.lower()]
        self.connector = Connector(settings, self.cloud)
        self.graph = Graph(self.cloud, settings.client_id, self.connector.credentials, self.connector.http)
        self.conversations = Conversations(host, settings, self.connector, self.graph)
        self.posting = Posting(host, self.connector, Seal(host.settings.secrets, NAME))
        self.alerts = Alerts(host)
        self.directory = DirectorySync(host, settings, self.connector, self.graph, self.alerts)
        self.inbound = Inbound(host, settings, self.cloud, self.conversations, self.posting, self.directory)
        self.tab = Tab(host, settings, self.cloud, self.inbound.auth.callers)
        self.frame_ancestors = self.tab.frame_ancestors

    def routes(self) -> Sequence[BaseRoute]:
        return [*self.inbound.routes(), *self.posting.files.routes(), *self.tab.routes()]

    def embeds(self, path: str) -> bool:
        return self.tab.embeds(path)

    def embed_session(self, request: Request) -> EmbedSession | None:
        return self.tab.embed_session(request)

    async def deliver(self, outgoing: Outgoing) -> str:
        tenant, target = self._where(outgoing.address)
        try:
            return await self._deliver(outgoing, tenant, target)
        except LockedOut as error:
            await self.alerts.locked_out(error.reason)
            raise
        except FOREIGN as error:
            raise await self._told(error, tenant, target) from error

    async def check(self) -> str:
        try:
            await self.connector.credentials.connector()
        except DeliveryError as error:
            return error.reason
        return ""

    async def diagnose(self, lang: Language) -> Sequence[Diagnostic]:
        """For `doctor`: what is in order, and what to do about what is not."""
        return await diagnose(self.host, self.settings, self.cloud, self.connector, self.graph, lang)

    async def run(self) -> None:
        """Keep accounts and channels as Teams has them."""
        await self.directory.run()

    async def close(self) -> None:
        await self.inbound.close()
        await self.connector.close()

    def _where(self, address: str) -> tuple[str, str]:
        """The tenant of an address, and the id in it; an address from a directory names no tenant, and is of ours."""
        tenant, target = parts_of(address)
        if not target:
            raise DeliveryError("this is no address in Teams", permanent=True)
        return (tenant or self.settings.tenant_id).lower(), target if is_channel(target) else target.lower()

    async def _deliver(self, outgoing: Outgoing, tenant: str, target: str) -> str:
        if outgoing.card.mark:
            return await self._mark(tenant, outgoing.card.mark)
        spot = await self.conversations.of(tenant, target)
        parts = await self.posting.draw(outgoing.card, outgoing.locale, address_of(tenant, target))
        try:
            return await self._put(outgoing, parts, spot)
        except FOREIGN as error:
            if is_channel(target) or not has_moved(error):
                raise
            found = await self.conversations.anew(tenant, target, spot)
            if found is None:
                raise
        # What stood in the conversation that is lost cannot be changed any more, nor answered.
        there = found.conversation == spot.conversation
        return await self._put(outgoing if there else replace(outgoing, thread="", reference=""), parts, found)

    async def _put(self, outgoing: Outgoing, parts: Parts, spot: Spot) -> str:
        channel, under = spot_of(outgoing.thread)
        if channel and channel != spot.conversation:
            spot = spot._replace(conversation=channel)
        if outgoing.reference:
            known, _ = spot_of(outgoing.reference)
            place = spot._replace(conversation=known or spot.conversation)
            if await self.posting.replace(place, outgoing.reference, parts, under=under):
                return outgoing.reference
        return await self.posting.post(spot, parts, under=under, key=outgoing.key)

    async def _mark(self, tenant: str, mark: Mark) -> str:
        """Put a sign on somebody's message, or take it off; where we may not, it is left at that."""
        conversation, key = spot_of(mark.message)
        spot = await self.conversations.at(tenant, conversation)
        try:
            await self.connector.react(spot.service_url, conversation, key, SIGNS[mark.sign], is_gone=mark.is_gone)
        except httpx.HTTPStatusError as error:
            meant = refused(error)
            if is_broken(error) or meant.throttled or meant.doubtful:
                raise
            log.info("teams.not_marked", reason=word(error))
        return ""

    async def _told(self, error: BaseException, tenant: str, target: str) -> DeliveryError:
        """What an error means, once those know of it who can do something about it."""
        meant = refused(error, channel=is_channel(target))
        if is_broken(error):
            await self.alerts.locked_out(meant.reason)
            return meant
        if meant.permanent or has_moved(error):
            await self.conversations.lost(tenant, target)
        if meant.permanent and is_channel(target):
            await self.alerts.channel_closed(address_of(tenant, target), meant.reason)
        return meant
