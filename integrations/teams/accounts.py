"""Whom we know: the language of a Teams account."""

from __future__ import annotations

from functools import partial

from integrations.teams.directory import DirectorySync
from integrations.teams.parsing import Where
from workbot.people import Languages
from workbot.platforms import Host


class Accounts:
    """Finds the language to answer in. Whoever is not known is asked about in Teams, once in a while."""

    def __init__(self, host: Host, directory: DirectorySync) -> None:
        self.directory = directory
        self.languages = Languages(host.database, otherwise=host.settings.locale)

    async def locale(self, where: Where) -> str:
        """The language of who acted; the app's for one whom we do not know."""
        return await self.languages.of(where.sender, ask=partial(self.directory.link, where))
