"""Cards into Teams' messages: whole however long they are, each part where it was when it is put in place anew."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from integrations.teams import render
from integrations.teams.connector import Connector
from integrations.teams.conversations import Spot
from integrations.teams.files import FileLinks
from integrations.teams.names import NAME, has_threads, reference_of, spot_of
from integrations.teams.render import Content, Parts, Surface
from integrations.teams.texts import Element
from workbot.cards import Card
from workbot.chat.long_values import LongValues
from workbot.chat.parts import MessageParts
from workbot.i18n import language
from workbot.platforms import Host
from workbot.seals import Seal

PART_SECONDS = 0.3
ADAPTIVE = "application/vnd.microsoft.card.adaptive"
PROMPT = "targetedMessageInfo"


class Posting:
    """Draws cards, and posts what was drawn."""

    def __init__(self, host: Host, connector: Connector, seal: Seal) -> None:
        self.host = host
        self.connector = connector
        self.seal = seal
        self.long_values = LongValues(host, NAME)
        self.parts = MessageParts(host.database, NAME)
        self.files = FileLinks(host)

    async def draw(self, card: Card, locale: str, reader: str, surface: Surface = "message") -> Parts:
        """A card as Adaptive Cards for whoever is at an address; what its buttons stand for is kept before anyone can
        press them."""
        files = await self.files.of(card, reader)
        content = Content(
            card, language(locale), self.host.settings.url, files.pictures, files.links, opens_form=self._opens_form
        )
        parts = render.message(content, self.seal, surface)
        await self.long_values.keep(parts.memos)
        return parts

    def _opens_form(self, action: str) -> bool:
        return render.is_way_in(action) or self.host.opens_form(action)

    async def post(self, spot: Spot, parts: Parts, *, under: str = "", key: str = "") -> str:
        """Post a card, under the message of an id if there is one, and return its reference.

        What of a card in several parts was posted under the same `key`, before Teams refused the rest, is not posted
        twice.
        """
        begun = await self.parts.begun(key) if parts.rest and key else ""
        if begun and await self.replace(spot, begun, parts, under=under):
            return begun
        first = await self.send(spot, parts.first, parts.title, under)
        root = reference_of(spot.conversation, first)
        if parts.rest and key:
            await self.parts.begin(key, root)
        await self.parts.put(PartsUnder(self, spot, under or first, parts.title), root, parts.rest, {})
        return root

    async def post_alone(self, spot: Spot, card: Element, title: str, to: Element, *, under: str, prompt: str) -> None:
        """Post a card that one person alone sees, among others.

        Teams keeps it for a day, and whatever is kept longer must not refer to it. Above it stands what they asked us
        alone (`prompt`), if that is how they asked.
        """
        activity = message(card, title) | {"recipient": to | {"isTargeted": True}}
        if prompt:
            activity["entities"] = [{"type": PROMPT, "messageId": prompt}]
        await self.connector.send_targeted(spot.service_url, _threaded(spot, under), activity)

    async def replace(self, spot: Spot, reference: str, parts: Parts, *, under: str = "") -> bool:
        """Put a card in place of one; whether that was still there."""
        _, key = spot_of(reference)
        try:
            await self.change(spot, key, parts.first, parts.title)
        except httpx.HTTPStatusError as error:
            if error.response.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                return False
            raise
        there = await self.parts.of(reference)
        if there or parts.rest:
            thread = PartsUnder(self, spot, under or key, parts.title)
            await self.parts.put(thread, reference, parts.rest, there)
        return True

    async def change(self, spot: Spot, key: str, card: Element, title: str) -> None:
        """Put a card in place of the message of an id."""
        await self.connector.update(spot.service_url, spot.conversation, key, message(card, title))

    async def send(self, spot: Spot, card: Element, title: str, under: str) -> str:
        """Send a message: in a channel in the thread of another, in one's own conversation as an answer to it."""
        activity, conversation = message(card, title), _threaded(spot, under)
        if under and conversation == spot.conversation:
            activity["replyToId"] = under
        return await self.connector.send(spot.service_url, conversation, activity)


@dataclass(frozen=True, slots=True)
class PartsUnder:
    """The parts of a card after the first: the message under which they stand, and the card's title.

    A conversation takes so many messages in a second, whoever counts a card as one.
    """

    posting: Posting
    spot: Spot
    under: str
    title: str

    async def post(self, number: int, part: Element) -> str:
        await asyncio.sleep(PART_SECONDS)
        return await self.posting.send(self.spot, part, self.title, self.under)

    async def change(self, number: int, message: str, part: Element) -> None:
        await asyncio.sleep(PART_SECONDS)
        await self.posting.change(self.spot, message, part, self.title)

    async def delete(self, message: str) -> None:
        await self.posting.connector.delete(self.spot.service_url, self.spot.conversation, message)


def _threaded(spot: Spot, under: str) -> str:
    """A conversation, or the thread in it under a message, where there are threads."""
    is_thread = under and (spot.has_threads or has_threads(spot.conversation))
    return f"{spot.conversation};messageid={under}" if is_thread else spot.conversation


def message(card: Element, summary: str) -> Element:
    """The activity that carries a card; its summary is what notifications say."""
    attachment: dict[str, Any] = {"contentType": ADAPTIVE, "content": card}
    return {"type": "message", "summary": summary, "attachments": [attachment]}


def attached(card: Element, **more: Any) -> Element:
    return {"contentType": ADAPTIVE, "content": card, **more}
