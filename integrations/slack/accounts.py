"""Whom we know: the person of a Slack account, their name and their language."""

from __future__ import annotations

from functools import partial

from integrations.slack.directory import DirectorySync
from integrations.slack.parsing import Where
from workbot.chat.accounts import KnownAccounts
from workbot.platforms import Host
from workbot.turns import Sender


class Accounts:
    """Finds names, and the language to answer in. Whoever is not known is asked about in Slack, once in a while."""

    def __init__(self, host: Host, directory: DirectorySync) -> None:
        self.directory = directory
        self.known = KnownAccounts(host)

    async def locale(self, where: Where) -> str:
        """The language of who acted; the app's for one whom we do not know."""
        return await self.known.locale(where.sender, ask=partial(self.directory.spoke, where.tenant, where.user))

    async def name(self, writer: Sender) -> str:
        """What someone who wrote something is called: with us, or else in Slack; empty for nobody."""
        if not writer.user:
            return ""
        return await self.known.name(writer) or await self.directory.ask_who(writer.tenant, writer.user)
