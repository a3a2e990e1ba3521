"""Whom we know: the person of an account, their name, and the language to answer in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from functools import partial

from sqlmodel import Session

from workbot.people import Languages, person_of
from workbot.platforms import Host
from workbot.turns import Sender


class KnownAccounts:
    """Finds names and languages. Whoever is not known is asked about on their platform, once in a while."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.languages = Languages(host.database, otherwise=host.settings.locale)

    async def locale(self, sender: Sender, *, ask: Callable[[], Awaitable[object]]) -> str:
        """The language of who acted; the app's for one whom we do not know."""
        return await self.languages.of(sender, ask=ask)

    async def name(self, sender: Sender) -> str:
        """What someone is called with us; empty where we do not know them."""
        names = await self.names(sender.platform, sender.tenant, [sender.user] if sender.user else [])
        return names.get(sender.user, "")

    async def names(self, platform: str, tenant: str, users: Collection[str]) -> dict[str, str]:
        """What those are called with us whom we know, among some accounts of a tenant."""
        senders = [Sender(platform, user, tenant) for user in users]
        return await self.host.database.read(partial(_names, senders=senders)) if senders else {}


def _names(session: Session, *, senders: Collection[Sender]) -> dict[str, str]:
    found = {sender.user: person_of(session, sender) for sender in senders}
    return {user: person.name for user, person in found.items() if person}
