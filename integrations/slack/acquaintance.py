"""Whom we know: the person of a Slack account, their name and their language."""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from integrations.slack.comparing import Comparing
from integrations.slack.reading import Where
from workbot.people import Languages, person_of
from workbot.platforms import Host
from workbot.turns import Sender


class Acquaintance:
    """Finds names, and the language to answer in. Whoever is not known is asked about in Slack, once in a while."""

    def __init__(self, host: Host, comparing: Comparing) -> None:
        self.host = host
        self.comparing = comparing
        self.languages = Languages(host.database, otherwise=host.settings.locale)

    async def locale(self, where: Where) -> str:
        """The language of who acted; the app's for one whom we do not know."""
        return await self.languages.of(where.sender, ask=partial(self.comparing.spoke, where.tenant, where.user))

    async def name(self, writer: Sender) -> str:
        """What someone who wrote something is called: with us, or else in Slack; empty for nobody."""
        if not writer.user:
            return ""
        known = await self.host.database.read(partial(_name, sender=writer))
        return known or await self.comparing.ask_who(writer.tenant, writer.user)


def _name(session: Session, *, sender: Sender) -> str:
    person = person_of(session, sender)
    return person.name if person else ""
