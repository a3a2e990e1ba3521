"""The platform: cards become messages, and a letter goes out at once."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol
from uuid import UUID

from starlette.routing import BaseRoute

from integrations.email import render
from integrations.email.addresses import plain
from integrations.email.diagnostics import diagnostics
from integrations.email.settings import MailSettings
from workbot import cards
from workbot.errors import DeliveryError
from workbot.i18n import Language, language
from workbot.platforms import Diagnostic, File, Host, Limits, Mail, Outgoing


class Post(Protocol):
    """What carries a message: an SMTP server, or a folder."""

    takes_once: bool

    async def send(self, message: EmailMessage, to: str) -> None:
        """Raise DeliveryError when the message is not taken."""
        ...

    async def check(self) -> str: ...

    async def close(self) -> None: ...


class Email:
    """E-mail as a platform, and as the Mailer."""

    name = "email"

    def __init__(self, host: Host, post: Post, sender: Address, limits: Limits, *, letters_at_once: int = 1) -> None:
        self.host = host
        self.limits = limits
        self._post = post
        self.sender = sender
        self.takes_once = post.takes_once
        self.letters_at_once = letters_at_once
        self._letters = asyncio.Semaphore(letters_at_once)

    def routes(self) -> Sequence[BaseRoute]:
        return ()

    async def deliver(self, outgoing: Outgoing) -> str:
        """Send a card. What was sent cannot be changed, so an update is a new message in the same conversation."""
        to, lang = _address(outgoing.address), language(outgoing.locale)
        stored = await self._files(outgoing.card)
        content = render.Content(outgoing.card, lang, self.host.settings.url, stored)
        message = await asyncio.to_thread(render.message, content)
        reference = self._message_id(outgoing.key)
        self._address_to(message, to, outgoing.card.title, reference)
        message["Content-Language"] = lang.locale
        if earlier := outgoing.reference or outgoing.thread:
            message["In-Reply-To"] = message["References"] = earlier
        await self._post.send(message, str(to.addr_spec))
        return reference

    async def post(self, letter: Mail) -> None:
        """Send a letter now."""
        to, lang = _address(letter.to), language(letter.locale)
        message = await asyncio.to_thread(render.message, render.Content(letter.card, lang, self.host.settings.url, {}))
        # The same when it is tried again; the link within is nobody's to guess.
        reference = self._message_id(letter.to + json.dumps(cards.dump(letter.card)))
        self._address_to(message, to, letter.card.title, reference)
        message["Content-Language"] = lang.locale
        async with self._letters:
            await self._post.send(message, str(to.addr_spec))

    async def check(self) -> str:
        return await self._post.check()

    async def diagnose(self, lang: Language) -> list[Diagnostic]:
        return diagnostics(MailSettings(), await self.check(), lang)

    async def close(self) -> None:
        await self._post.close()

    def _message_id(self, key: str) -> str:
        return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{self.sender.domain}>"

    async def _files(self, card: cards.Card) -> dict[str, File]:
        """The stored files that a card shows or offers, those that are still there."""
        found: dict[str, File] = {}
        for key in cards.files(card):
            if file := await self.host.file(UUID(key)):
                found[key] = file
        return found

    def _address_to(self, message: EmailMessage, to: Address, subject: str, reference: str) -> None:
        message["From"] = self.sender
        message["To"] = to
        message["Subject"] = render.one_line(subject)
        message["Date"] = format_datetime(self.host.clock.now())
        message["Message-ID"] = reference
        # Asks out-of-office assistants not to answer; the second is Exchange's own.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"


def _address(text: str) -> Address:
    try:
        return plain(text)
    except ValueError as error:
        raise DeliveryError(str(error), permanent=True) from error
