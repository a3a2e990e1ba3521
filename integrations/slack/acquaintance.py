"""Whom we know: the person of a Slack account, their name, and their language, which is remembered for a moment."""

from __future__ import annotations

from functools import partial
from time import monotonic

from sqlmodel import Session

from integrations.slack.comparing import Comparing
from integrations.slack.reading import Where
from workbot.people import recognise
from workbot.platforms import Host
from workbot.turns import Sender

FRESH_SECONDS = 60.0
MOST = 50_000


class Acquaintance:
    """Finds names, and the language to answer in. Whoever is not known is asked about in Slack, once in a while."""

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
        if not locale and await self.comparing.ask_who(where.tenant, where.user):
            locale = await self.host.database.read(read)
        if len(self._locales) >= MOST:
            self._locales.clear()
        self._locales[key] = locale, monotonic() + FRESH_SECONDS
        return locale or self.host.settings.locale

    async def name(self, writer: Sender) -> str:
        """What someone who wrote something is called: with us, or else in Slack; empty for nobody."""
        if not writer.user:
            return ""
        known = await self.host.database.read(partial(_name, sender=writer))
        return known or await self.comparing.ask_who(writer.tenant, writer.user)


def _locale(session: Session, *, where: Where) -> str:
    person = recognise(session, where.sender)
    return person.locale if person else ""


def _name(session: Session, *, sender: Sender) -> str:
    person = recognise(session, sender)
    return person.name if person else ""
