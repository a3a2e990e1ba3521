"""Asking for a link by e-mail: counted, answered in one way for everybody, and written when its turn comes."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode
from uuid import UUID

import structlog
from sqlmodel import Session

from workbot.cards import Button, Buttons, Card, Text
from workbot.clock import Clock
from workbot.errors import DatabaseAway
from workbot.i18n import Language, language
from workbot.people import Person, by_email
from workbot.platforms import Mail, Mailer
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.web.signin import links
from workbot.web.signin.letters import Letters, Written
from workbot.web.signin.links import LINK_LIVES

START = "/chat"
LINK_MINUTES = int(LINK_LIVES.total_seconds() // 60)

log = structlog.get_logger(__name__)


class Asking:
    """Takes wishes for a link, and has the letters sent."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self._letters = Letters()

    async def count(self, client: str) -> None:
        """Count a wish, for a known address or not; raises TooMuch where it is one too many."""
        most, now = self.settings.links_per_client, self.clock.now()
        await self.database.run(partial(links.note_ask, client=client, most=most, now=now))

    async def post_link(self, mailer: Mailer, email: str, onward: str, client: str) -> None:
        """Send a letter with a link to an address, if somebody of ours has it."""
        try:
            person = await self.database.read(partial(by_email, email=email))
            if person is not None:
                await self._post(mailer, person, onward, client)
        except DatabaseAway as error:
            log.warning("signin.no_letter", reason=error.reason)

    async def _post(self, mailer: Mailer, person: Person, onward: str, client: str) -> None:
        async def write() -> Written | None:
            return await self.database.run(partial(self._written, key=person.id, onward=onward, client=client))

        async def undo(token: str) -> None:
            await self.database.run(partial(links.drop, token=token))

        await self._letters.send(mailer, str(person.id), write, undo)

    def _written(self, session: Session, *, key: UUID, onward: str, client: str) -> Written | None:
        # Held, so that many who ask at the same moment are counted one after the other.
        person, now = session.get(Person, key, with_for_update=True), self.clock.now()
        if person is None or not person.active or not links.may_have_another(session, person, client, now):
            return None
        token = links.make(session, person, now, client=client)
        lang = language(person.locale)
        card = letter_card(lang, person, link_to(self.settings, token, onward))
        return Written(Mail(person.email, card, lang.locale), token)


def link_to(settings: Settings, token: str, onward: str) -> str:
    """The address of a link, with where it leads in the end."""
    query = f"?{urlencode({'next': onward})}" if onward not in ("", START) else ""
    return f"{settings.url}/signin/{token}{query}"


def letter_card(lang: Language, person: Person, link: str) -> Card:
    """A link as a letter: opening it uses nothing up, since mail scanners do."""
    greeting = lang(
        "Hello {name},\n\nopen this link, and press the button on its page to sign in.", name=person.first_name
    )
    caution = lang(
        "It works once, for {minutes} minutes. If you did not ask for it, ignore this letter: "
        "nobody can sign in without it.",
        minutes=LINK_MINUTES,
    )
    button = Button(lang("Sign in"), url=link, style="primary")
    return Card(lang("Your link to sign in to workbot"), (Text(greeting), Buttons((button,)), Text(caution, "muted")))
