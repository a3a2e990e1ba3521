"""Whom we know: the person of a Teams account, their name and their language."""

from __future__ import annotations

from functools import partial

from integrations.teams.directory import DirectorySync
from integrations.teams.parsing import Where
from workbot.chat.accounts import KnownAccounts
from workbot.platforms import Host


class Accounts:
    """Finds names, and the language to answer in. Whoever is not known is asked about in Teams, once in a while."""

    def __init__(self, host: Host, directory: DirectorySync) -> None:
        self.directory = directory
        self.known = KnownAccounts(host)

    async def locale(self, where: Where) -> str:
        """The language of who acted; the app's for one whom we do not know."""
        return await self.known.locale(where.sender, ask=partial(self.directory.link, where))
