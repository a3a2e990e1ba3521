"""What only people can put right on a platform: told to those who can, once each time it goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog

from workbot.cards import Card
from workbot.i18n import Language
from workbot.people import close_channel
from workbot.platforms import Host

Says = Callable[[Language], Card]

log = structlog.get_logger(__name__)


class AlertSender:
    """Tells people of a role what is wrong on one platform; `about` names what, and is told of once in a while."""

    def __init__(self, host: Host, platform: str) -> None:
        self.host = host
        self.platform = platform

    async def happened(self, role: str, card: Says, about: str) -> None:
        """Tell of something that happened; should it happen again, it is told again."""
        await self._tell(role, card, about, f"{self.host.clock.now():%Y-%m-%dT%H}")

    async def is_so_today(self, role: str, card: Says, about: str) -> None:
        """Tell of something that lasts, once a day."""
        await self._tell(role, card, about, f"{self.host.clock.now():%Y-%m-%d}")

    async def is_so_this_week(self, role: str, card: Says, about: str) -> None:
        """Tell of something that lasts, once a week."""
        year, week, _day = self.host.clock.now().isocalendar()
        await self._tell(role, card, about, f"{year}:{week}")

    async def channel_closed(self, address: str, reason: str, card: Callable[..., Card]) -> None:
        """Note that a desk's channel takes nothing any more, and tell the desk by a card that takes its `title`."""
        closed = partial(close_channel, platform=self.platform, address=address, reason=reason)
        if place := await self.host.database.run(closed):
            log.warning(f"{self.platform}.channel_closed", place=place.name, reason=reason)
            await self.happened(place.role, partial(card, title=place.title), f"channel:{place.id}")

    async def _tell(self, role: str, card: Says, about: str, when: str) -> None:
        await self.host.alert(role, card, key=f"{self.platform}.{about}:{when}")
