"""Whom we know: the language of a Teams account."""

from __future__ import annotations

from functools import partial

from integrations.teams.comparing import Comparing
from integrations.teams.reading import Where
from workbot.people import Languages
from workbot.platforms import Host


class Acquaintance:
    """Finds the language to answer in. Whoever is not known is asked about in Teams, once in a while."""

    def __init__(self, host: Host, comparing: Comparing) -> None:
        self.comparing = comparing
        self.languages = Languages(host.database, otherwise=host.settings.locale)

    async def locale(self, where: Where) -> str:
        """The language of who acted; the app's for one whom we do not know."""
        return await self.languages.of(where.sender, ask=partial(self.comparing.link, where))
