"""Whom we know: the person of a Slack account, their name and their language."""

from __future__ import annotations

from functools import partial

from sqlmodel import Session

from integrations.slack.directory import DirectorySync
from integrations.slack.parsing import Where
from workbot.people import Languages, person_of
from workbot.platforms import Host
from workbot.turns import Sender


class Accounts:
    """Finds names, and the language to answer in. Whoever is not known is asked about in Slack, once in a while."""

    def __init__(self, host: Host, directory: DirectorySync) -> None:
        self.host = host
        self.directory = directory
        self.languages = Languages(host.database, otherwise=host.settings.locale)

    async def locale(self, where: Where) -> str:
        """The language of who acted; the app's for one whom we do not know."""
        return await self.languages.of(where.sender, ask=partial(self.directory.spoke, where.tenant, where.user))

    async def name(self, writer: Sender) -> str:
        """What someone who wrote something is called: with us, or else in Slack; empty for nobody."""
        if not writer.user:
            return ""
        known = await self.host.database.read(partial(_name, sender=writer))
        return known or await self.directory.ask_who(writer.tenant, writer.user)


def _name(session: Session, *, sender: Sender) -> str:
    person = person_of(session, sender)
    return person.name if person else ""
