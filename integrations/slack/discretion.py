"""Private words go to private channels: what kind a channel is, is known at the moment when something is said in it."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from functools import partial
from time import monotonic

import structlog
from cachetools import TTLCache
from sqlmodel import Session, col, select

from integrations.slack.alerts import Alerts
from integrations.slack.channels import Channels
from integrations.slack.errors import SendAgain
from integrations.slack.kinds import KIND_LIVES, kind_of
from integrations.slack.models import SlackChannel
from integrations.slack.names import NAME, address_of
from workbot.errors import DeliveryError
from workbot.people import Channel
from workbot.platforms import Host

# How long it is believed which channels are private desks', in seconds: that changes when an app starts.
FRESH_SECONDS = 30.0
# How often a minute Slack is asked of a channel; its limit is 50, and others ask too.
LOOKS_A_MINUTE = 20

log = structlog.get_logger(__name__)


class Discretion:
    """Asks before something is said in a private desk's channel."""

    def __init__(self, host: Host, channels: Channels, alerts: Alerts) -> None:
        self.host = host
        self.channels = channels
        self.alerts = alerts
        self._private: TTLCache[str, dict[str, str]] = TTLCache(1, FRESH_SECONDS)
        self._looks: deque[float] = deque()

    async def check(self, tenant: str, channel: str) -> None:
        """Raise DeliveryError where something private must not be said in a channel, or nobody can tell."""
        address = address_of(tenant, channel)
        if (role := (await self._private_desks()).get(address)) is None:
            return
        kind = await self._known(tenant, channel)
        if kind is None:
            await self._look(tenant, channel)
            kind = await self._known(tenant, channel)
        if kind is None:
            await self.alerts.channel_is_unknown(role, address)
            raise DeliveryError("Slack does not say who reads along in this channel")
        if kind.is_shared or not kind.is_private:
            raise DeliveryError("others read along in this channel", permanent=True)

    async def _private_desks(self) -> dict[str, str]:
        """The addresses of private desks' channels, and whose they are."""
        known = self._private.get("desks")
        if known is None:
            known = self._private["desks"] = await self.host.database.read(_private)
        return known

    async def _known(self, tenant: str, channel: str) -> SlackChannel | None:
        """What kind a channel is, where Slack has said so lately."""
        oldest = self.host.clock.now() - KIND_LIVES
        return await self.host.database.read(partial(_fresh, tenant=tenant, channel=channel, oldest=oldest))

    async def _look(self, tenant: str, channel: str) -> None:
        """Ask Slack, unless it was asked as often as it allows: whoever waits is asked for again in a while."""
        now = monotonic()
        while self._looks and self._looks[0] < now - 60:
            self._looks.popleft()
        if len(self._looks) >= LOOKS_A_MINUTE:
            return
        self._looks.append(now)
        try:
            await self.channels.changed(tenant, channel)
        except SendAgain:
            log.info("slack.kind_unknown", channel=channel)


def _private(session: Session) -> dict[str, str]:
    wanted = select(Channel.address, Channel.role).where(Channel.platform == NAME, col(Channel.private))
    return dict(session.exec(wanted).all())


def _fresh(session: Session, *, tenant: str, channel: str, oldest: datetime) -> SlackChannel | None:
    kept = kind_of(session, tenant=tenant, channel=channel)
    return kept if kept and kept.checked_at and kept.checked_at > oldest else None
