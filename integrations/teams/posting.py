"""Cards into Teams' messages: whole however long they are, each part where it was when it is put in place anew."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

import httpx
from sqlmodel import Session, select

from integrations.teams import render
from integrations.teams.connector import Connector
from integrations.teams.conversations import Spot
from integrations.teams.file_links import FileLinks
from integrations.teams.models import TeamsMemo, TeamsPart
from integrations.teams.names import has_threads, reference_of, spot_of
from integrations.teams.render import Content, Parts, Surface
from integrations.teams.texts import Element
from workbot.cards import Card
from workbot.i18n import language
from workbot.kept import Chest
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
        self.chest = Chest(host.settings.secrets)
        self.files = FileLinks(host)

    async def draw(self, card: Card, locale: str, reader: str, surface: Surface = "message") -> Parts:
        """A card as Adaptive Cards for whoever is at an address; what its buttons stand for is kept before anyone can
        press them."""
        files = await self.files.of(card, reader)
        content = Content(
            card, language(locale), self.host.settings.url, files.pictures, files.links, opens_form=self._opens_form
        )
        parts = render.message(content, self.seal, surface)
        if parts.memos:
            await self.host.database.run(partial(_keep, memos=self._closed(parts.memos), now=self.host.clock.now()))
        return parts

    def _opens_form(self, action: str) -> bool:
        return render.is_way_in(action) or self.host.opens_form(action)

    async def memo(self, key: str) -> str:
        """The long value that a button stands for; empty when it is not kept any more."""
        closed = await self.host.database.read(partial(_memo, key=key))
        return self.chest.open(closed, key) or ""

    def _closed(self, memos: Mapping[str, str]) -> Mapping[str, str]:
        """Values on their way into the database: people wrote them."""
        return {key: self.chest.close(value, key) for key, value in memos.items()}

    async def post(self, spot: Spot, parts: Parts, *, under: str = "", key: str = "") -> str:
        """Post a card, under the message of an id if there is one, and return its reference.

        What of a card in several parts was posted under the same `key`, before Teams refused the rest, is not posted
        twice.
        """
        begun = await self.host.database.read(partial(_begun, key=key)) if parts.rest and key else ""
        if begun and await self.replace(spot, begun, parts, under=under):
            return begun
        first = await self._send(spot, parts.first, parts.title, under)
        root = reference_of(spot.conversation, first)
        if parts.rest and key:
            await self.host.database.run(partial(_note_part, root=_name(key), number=0, key=root))
        await self._go_on(spot, root, under or first, parts, {})
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
            await self.connector.update(spot.service_url, spot.conversation, key, message(parts.first, parts.title))
        except httpx.HTTPStatusError as error:
            if error.response.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                return False
            raise
        there = await self.host.database.read(partial(_parts, root=reference))
        if there or parts.rest:
            await self._go_on(spot, reference, under or key, parts, there)
        return True

    async def _go_on(self, spot: Spot, root: str, under: str, parts: Parts, there: dict[int, str]) -> None:
        """The parts after the first: each in place of what stands there, and none too many."""
        for number, part in enumerate(parts.rest, 1):
            # A conversation takes so many messages in a second, whoever counts a card as one.
            await asyncio.sleep(PART_SECONDS)
            if key := there.get(number):
                await self.connector.update(spot.service_url, spot.conversation, key, message(part, parts.title))
            else:
                key = await self._send(spot, part, parts.title, under)
                await self.host.database.run(partial(_note_part, root=root, number=number, key=key))
        for number in sorted(there):
            if number > len(parts.rest):
                await self.connector.delete(spot.service_url, spot.conversation, there[number])
                await self.host.database.run(partial(_note_part, root=root, number=number, key=""))

    async def _send(self, spot: Spot, card: Element, title: str, under: str) -> str:
        """Send a message: in a channel in the thread of another, in one's own conversation as an answer to it."""
        activity, conversation = message(card, title), _threaded(spot, under)
        if under and conversation == spot.conversation:
            activity["replyToId"] = under
        return await self.connector.send(spot.service_url, conversation, activity)


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


def _name(key: str) -> str:
    """What a message of several parts is known by."""
    return f"key:{hashlib.sha256(key.encode()).hexdigest()}"


def _begun(session: Session, *, key: str) -> str:
    """The reference of a card of which the first part at least was posted."""
    found = session.get(TeamsPart, (_name(key), 0))
    return found.activity if found else ""


def _keep(session: Session, *, memos: Mapping[str, str], now: datetime) -> None:
    for key, value in memos.items():
        session.merge(TeamsMemo(key=key, value=value, used_at=now))


def _memo(session: Session, *, key: str) -> str:
    found = session.get(TeamsMemo, key)
    return found.value if found else ""


def _parts(session: Session, *, root: str) -> dict[int, str]:
    return {part.number: part.activity for part in session.exec(select(TeamsPart).where(TeamsPart.root == root))}


def _note_part(session: Session, *, root: str, number: int, key: str) -> None:
    found = session.get(TeamsPart, (root, number))
    if key:
        session.merge(TeamsPart(root=root, number=number, activity=key))
    elif found:
        session.delete(found)
