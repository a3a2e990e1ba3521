"""Cards into Slack's messages: with their files, whole however long they are, and each with a name to find it by."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack import render
from integrations.slack.errors import NOT_THERE, is_broken, is_passing, word
from integrations.slack.files import Uploads
from integrations.slack.names import NAME
from integrations.slack.render import Content, Parts, Rendered
from workbot.cards import Card, Mark
from workbot.chat.long_values import LongValues
from workbot.chat.parts import MessageParts
from workbot.i18n import language
from workbot.platforms import Host
from workbot.seals import Seal

EVENT = "workbot_message"
# What Slack says of blocks that it does not take; of tables, which it keeps as attachments, the second.
ODD_BLOCKS = ("invalid_blocks", "invalid_attachments")
# Slack takes a moment to look at a picture that was uploaded, and refuses to show it until then.
PICTURE_PAUSES = (0.5, 1.0, 2.0, 4.0)

SIGNS = {"seen": "eyes", "done": "white_check_mark"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a message stands, or is to: a channel (or person), and the message under which."""

    channel: str
    thread: str = ""


class Posting:
    """Draws cards for a workspace, and posts what was drawn."""

    def __init__(self, host: Host, seal: Seal) -> None:
        self.host = host
        self.seal = seal
        self.long_values = LongValues(host, NAME)
        self.parts = MessageParts(host.database, NAME)
        self.uploads = Uploads(host)

    async def draw(self, card: Card, locale: str, tenant: str, client: AsyncWebClient) -> Parts:
        """A card as messages; what Slack has to have beforehand is there."""
        uploaded = await self.uploads.of(card, tenant, client)
        parts = render.message(self.content(card, locale, uploaded.pictures, uploaded.links), self.seal)
        await self.long_values.keep(parts.memos)
        return parts

    def content(self, card: Card, locale: str, pictures: Any = None, links: Any = None) -> Content:
        return Content(card, language(locale), self.host.settings.url, pictures or {}, links or {})

    async def post(self, client: AsyncWebClient, spot: Spot, parts: Parts, *, key: str = "") -> str:
        """Post a card and return its reference."""
        posted = await self.send(
            client.chat_postMessage, parts.first, channel=spot.channel, thread_ts=spot.thread or None, **name(key)
        )
        channel, ts = str(posted["channel"]), str(posted["ts"])
        thread = PartsUnder(self, client, Spot(channel, spot.thread or ts), key)
        await self.parts.put(thread, f"{channel}:{ts}", parts.rest, {})
        return f"{channel}:{ts}"

    async def replace(self, client: AsyncWebClient, reference: str, parts: Parts, *, key: str = "") -> bool:
        """Put a card in place of one; whether that was still there."""
        channel, _, ts = reference.partition(":")
        try:
            await self.send(client.chat_update, parts.first, channel=channel, ts=ts, **name(key))
        except SlackApiError as error:
            if word(error) in NOT_THERE:
                return False
            raise
        there = await self.parts.of(reference)
        if there or parts.rest:
            await self.parts.put(PartsUnder(self, client, Spot(channel, ts), key), reference, parts.rest, there)
        return True

    async def mark(self, client: AsyncWebClient, mark: Mark) -> str:
        """Put a sign on somebody's message, or take it off; where we may not, it is left at that."""
        channel, _, ts = mark.message.partition(":")
        react = client.reactions_remove if mark.is_gone else client.reactions_add
        try:
            await react(channel=channel, timestamp=ts, name=SIGNS[mark.sign])
        except SlackApiError as error:
            if is_broken(error) or is_passing(error):
                raise
            log.info("slack.not_marked", reason=word(error))
        return ""

    async def has_more(self, reference: str) -> bool:
        """Whether a card goes on in messages under it."""
        return bool(await self.parts.of(reference))

    async def complete(
        self, client: AsyncWebClient, reference: str, thread: str, parts: Parts, key: str, seen: dict[int, str]
    ) -> None:
        """Post what is missing of a card whose beginning is there; `seen` is what is of the rest."""
        spot = Spot(reference.partition(":")[0], thread)
        await self.parts.put(PartsUnder(self, client, spot, key), reference, parts.rest, seen)

    async def send(self, method: Any, part: Rendered, **where: Any) -> Any:
        """Send a message; a picture that Slack is still looking at is waited for, and a bug of ours costs no words."""
        more = {} if "ts" in where else QUIET
        for pause in (*PICTURE_PAUSES, None):
            try:
                return await method(text=part.text, blocks=part.blocks, **where, **more)
            except SlackApiError as error:
                if word(error) not in ODD_BLOCKS:
                    raise
                if pause is not None and _shows_picture(part.blocks):
                    await asyncio.sleep(pause)
                    continue
                break
        log.warning("slack.simplified")
        try:
            return await method(text=part.text, blocks=part.simpler, **where, **more)
        except SlackApiError as error:
            if word(error) not in ODD_BLOCKS:
                raise
            log.error("slack.invalid_blocks", kinds=[block["type"] for block in part.simpler])
            return await method(text=part.text, **where, **more)


@dataclass(frozen=True, slots=True)
class PartsUnder:
    """The parts of a card after the first: where they stand, and the key of the card that they are of."""

    posting: Posting
    client: AsyncWebClient
    spot: Spot
    key: str

    async def post(self, number: int, part: Rendered) -> str:
        where = {"channel": self.spot.channel, "thread_ts": self.spot.thread}
        posted = await self.posting.send(self.client.chat_postMessage, part, **where, **name(self.key, number))
        return str(posted["ts"])

    async def change(self, number: int, message: str, part: Rendered) -> None:
        where = {"channel": self.spot.channel, "ts": message}
        await self.posting.send(self.client.chat_update, part, **where, **name(self.key, number))

    async def delete(self, message: str) -> None:
        await self.client.chat_delete(channel=self.spot.channel, ts=message)


# What stands in a card is shown as it is: no previews of links that people wrote, no names turned into mentions.
QUIET: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False, "mrkdwn": False, "link_names": False}


def name(key: str, number: int = 0) -> dict[str, Any]:
    """The name of a message for those who look for it later; it says nothing to anyone else."""
    if not key:
        return {}
    payload = {"key": hashlib.sha256(key.encode()).hexdigest()[:32], "part": number}
    return {"metadata": {"event_type": EVENT, "event_payload": payload}}


def named(message: dict[str, Any], key: str) -> int | None:
    """Which part of a card of that key a message is, if it is one."""
    wanted = name(key)["metadata"]["event_payload"]["key"]
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT or payload.get("key") != wanted:
        return None
    return int(payload.get("part", 0))


def _shows_picture(blocks: Sequence[dict[str, Any]]) -> bool:
    return any(block["type"] == "image" for block in blocks)
