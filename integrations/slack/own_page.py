"""Everybody's own page, App Home: brought up to date beside what is being answered."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

from integrations.slack.accounts import Accounts
from integrations.slack.parsing import Where
from integrations.slack.replies import Replies
from integrations.slack.reply_context import ReplyContext
from workbot.platforms import Host
from workbot.turns import HomeOpened


class OwnPages:
    """Publishes pages. A page may show pictures that have to be uploaded first: nobody waits for it."""

    def __init__(self, host: Host, replies: Replies, accounts: Accounts) -> None:
        self.host = host
        self.replies = replies
        self.accounts = accounts
        self._one: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def show(self, where: Where) -> None:
        """Bring somebody's page up to date, in a moment."""
        self.replies.background.later(self._publish(where))

    async def _publish(self, where: Where) -> None:
        async with self._one.setdefault((where.tenant, where.user), asyncio.Lock()):
            # Looked at only now: whichever of several is published last shows all that was done.
            reply = await self.host.receive(HomeOpened(sender=where.sender, id="", surface="home"))
            await self.replies.home(ReplyContext(where, await self.accounts.locale(where)), reply)
