"""Whom we know: the person of a Teams account and their language, remembered for a moment."""

from __future__ import annotations

from functools import partial
from time import monotonic

from sqlmodel import Session

from integrations.teams.comparing import Comparing
from integrations.teams.reading import Where
from workbot.people import recognise
from workbot.platforms import Host

FRESH_SECONDS = 60.0
MOST = 50_000


class Acquaintance:
    """Finds the language to answer in. Whoever is not known is asked about in Teams, once in a while."""

    def __init__(self, host: Host, comparing: Comparing) -> None:
        self.host = host
        self.comparing = comparing
        self._locales: dict[tuple[str, str], tuple[str, float]] = {}

    async def locale(self, where: Where) -> str:
        """The language of who acted; the house's for one whom we do not know."""
        key = (where.tenant, where.user)
        locale, believed_until = self._locales.get(key, ("", 0.0))
        if monotonic() < believed_until:
            return locale or self.host.settings.locale
        read = partial(_locale, where=where)
        locale = await self.host.database.read(read)
        if not locale and await self.comparing.link(where):
            locale = await self.host.database.read(read)
        if len(self._locales) >= MOST:
            self._locales.clear()
        self._locales[key] = locale, monotonic() + FRESH_SECONDS
        return locale or self.host.settings.locale


def _locale(session: Session, *, where: Where) -> str:
    person = recognise(session, where.sender)
    return person.locale if person else ""
