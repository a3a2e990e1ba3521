"""The language that each account is answered in, remembered for a moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from cachetools import TTLCache
from sqlmodel import Session

from workbot.people.service import person_of
from workbot.storage.database import Database
from workbot.turns import Sender

FRESH_SECONDS = 60.0
MOST = 50_000


class Languages:
    """Finds the language of whoever acted; `otherwise` is that of those whom we do not know."""

    def __init__(self, database: Database, *, otherwise: str) -> None:
        self.database = database
        self.otherwise = otherwise
        self._known: TTLCache[Sender, str] = TTLCache(MOST, FRESH_SECONDS)

    async def of(self, sender: Sender, *, ask: Callable[[], Awaitable[object]]) -> str:
        """The language of an account. Whoever is not known is asked about first; that may make them known."""
        locale = self._known.get(sender)
        if locale is None:
            read = partial(_locale, sender=sender)
            locale = await self.database.read(read)
            if not locale and await ask():
                locale = await self.database.read(read)
            self._known[sender] = locale
        return locale or self.otherwise


def _locale(session: Session, *, sender: Sender) -> str:
    person = person_of(session, sender)
    return person.locale if person else ""
