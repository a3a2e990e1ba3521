"""The platform: cards become messages, and what became of one can be asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import BaseRoute

from integrations.slack.alerts import Alerts
from integrations.slack.diagnostics import diagnose
from integrations.slack.directory import DirectorySync
from integrations.slack.discretion import Discretion
from integrations.slack.errors import CHANNEL_CLOSED, FOREIGN, NOT_IN, is_broken, refusal, word
from integrations.slack.inbound import Inbound
from integrations.slack.names import NAME, address_of, parts_of
from integrations.slack.posting import Posting, Spot, named
from integrations.slack.settings import SlackSettings
from integrations.slack.workspaces import Workspaces
from workbot.errors import DeliveryError
from workbot.i18n import Language
from workbot.platforms import Diagnostic, Host, Limits, Outgoing
from workbot.seals import Seal

# Slack's own figures: a message a second and conversation with short bursts, and "several hundred a minute" in a
# workspace, which the most careful take for 525; 50 changes a minute. We stay a little below.
LIMITS = Limits(per_second=8, burst=8, updates_per_second=0.8, conversation=((3, 3.0),))
# How often a minute we look for messages in doubt; Slack's limit is 50.
LOOKS_A_MINUTE = 40
# How far back, and how many messages of a conversation we look at.
LOOK_BACK = timedelta(hours=25)
PAGE = 200
PAGES = 5


class Slack:
    """Slack, in every workspace that has us."""

    name = NAME
    limits = LIMITS
    # Slack posts whatever it is sent; a message in doubt is looked for.
    takes_once = False

    def __init__(self, host: Host, settings: SlackSettings) -> None:
        self.host = host
        self.settings = settings
        self.workspaces = Workspaces(host, settings)
        self.posting = Posting(host, Seal(host.settings.secrets, NAME))
        self.alerts = Alerts(host, self.workspaces)
        self.directory = DirectorySync(host, settings, self.workspaces, self.alerts)
        self.discretion = Discretion(host, self.directory.channels, self.alerts)
        self.inbound = Inbound(
            host, settings, self.workspaces, self.posting, self.directory, self.alerts, self.discretion
        )
        self._looks: deque[float] = deque()

    def routes(self) -> Sequence[BaseRoute]:
        return self.inbound.routes()

    async def deliver(self, outgoing: Outgoing) -> str:
        tenant, target = await self._where(outgoing.address)
        client = await self.workspaces.into(tenant)
        try:
            if target[0] in "CG":
                await self.discretion.check(tenant, target)
            return await self._deliver(client, outgoing, tenant, target)
        except FOREIGN as error:
            await self._tell_of(error, tenant, target)
            raise refusal(error, channel=target[0] in "CG") from error

    async def find(self, outgoing: Outgoing) -> str | None:
        """What was posted of a message, whole: what of it was not posted before the process died is now."""
        if outgoing.reference or outgoing.card.mark:
            # Put in place once more, a card does no harm, nor does a sign.
            return None
        self._look_slowly()
        tenant, target = await self._where(outgoing.address)
        client = await self.workspaces.into(tenant)
        try:
            return await self._find(client, outgoing, tenant, target)
        except FOREIGN as error:
            raise refusal(error) from error

    async def check(self) -> str:
        try:
            found = await self.workspaces.all()
        except DeliveryError as error:
            return error.reason
        broken = [f"{one.name}: {one.broken}" for one in found if one.broken]
        return "; ".join(broken) if len(broken) == len(found) else ""

    async def diagnose(self, lang: Language) -> Sequence[Diagnostic]:
        """For `doctor`: what is in order, and what to do about what is not."""
        return await diagnose(self.host, self.settings, self.workspaces, lang)

    async def run(self) -> None:
        """Keep accounts and channels as Slack has them and, in Socket Mode, the connection."""
        await self.workspaces.renew_seals()
        await self.inbound.run()

    async def close(self) -> None:
        await self.inbound.close()
        await self.workspaces.close()

    async def _where(self, address: str) -> tuple[str, str]:
        """The workspace of an address, and the id in it; an address from a directory names no workspace."""
        tenant, target = parts_of(address)
        if not tenant:
            only = await self.workspaces.find()
            if only is None:
                raise DeliveryError("it is not known in which workspace this account is")
            tenant = only.tenant
        if not target:
            raise DeliveryError("this is no address in Slack", permanent=True)
        return tenant, target

    async def _deliver(self, client: AsyncWebClient, outgoing: Outgoing, tenant: str, target: str) -> str:
        if outgoing.card.mark:
            return await self.posting.mark(client, outgoing.card.mark)
        parts = await self.posting.draw(outgoing.card, outgoing.locale, tenant, client)
        if outgoing.reference and await self.posting.replace(client, outgoing.reference, parts, key=outgoing.key):
            return outgoing.reference
        channel, _, ts = outgoing.thread.partition(":")
        try:
            return await self.posting.post(client, Spot(channel or target, ts), parts, key=outgoing.key)
        except SlackApiError as error:
            if word(error) not in NOT_IN or target[0] in "CG":
                raise
        # A person's conversation is looked up anew; what was written under is not there any more.
        found = await _conversation(client, target)
        return await self.posting.post(client, Spot(found), parts, key=outgoing.key)

    async def _find(self, client: AsyncWebClient, outgoing: Outgoing, tenant: str, target: str) -> str | None:
        channel, _, thread = outgoing.thread.partition(":")
        if not channel:
            channel = target if target[0] in "CGD" else await _conversation(client, target)
        there = await self._parts_there(client, outgoing.key, channel, thread)
        first = there.pop(0, "")
        if not first:
            return None
        reference = f"{channel}:{first}"
        parts = await self.posting.draw(outgoing.card, outgoing.locale, tenant, client)
        if parts.rest:
            rest = await self._parts_there(client, outgoing.key, channel, thread or first)
            rest.pop(0, None)
            await self.posting.complete(client, reference, thread or first, parts, outgoing.key, rest)
        return reference

    async def _parts_there(self, client: AsyncWebClient, key: str, channel: str, thread: str) -> dict[int, str]:
        """When the parts of a card were posted, by number, in a conversation or under a message."""
        asked: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{(self.host.clock.now() - LOOK_BACK).timestamp():.6f}",
            "limit": PAGE,
            "include_all_metadata": True,
        }
        look = partial(client.conversations_replies, ts=thread) if thread else client.conversations_history
        found: dict[int, str] = {}
        for _ in range(PAGES):
            answer = await look(**asked)
            for message in answer["messages"]:
                if (part := named(message, key)) is not None:
                    found.setdefault(part, str(message["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if 0 in found or not cursor:
                break
            asked["cursor"] = cursor
        return found

    def _look_slowly(self) -> None:
        """Refuse to look more often than Slack takes; whoever is refused is asked again in a while."""
        now = monotonic()
        while self._looks and self._looks[0] < now - 60:
            self._looks.popleft()
        if len(self._looks) >= LOOKS_A_MINUTE:
            raise DeliveryError("Slack is being asked as often as it allows")
        self._looks.append(now)

    async def _tell_of(self, error: BaseException, tenant: str, target: str) -> None:
        """Tell those who can do something about it."""
        if is_broken(error):
            await self.alerts.broken(tenant, word(error))
        elif word(error) == "user_disabled":
            await self.directory.user_gone(tenant, target)
        elif target[0] in "CG" and word(error) in CHANNEL_CLOSED:
            await self.alerts.channel_closed(address_of(tenant, target), word(error))


async def _conversation(client: AsyncWebClient, user: str) -> str:
    opened = await client.conversations_open(users=user)
    return str(opened["channel"]["id"])
