"""Cards into Slack's messages: with their files, whole however long they are, and each with a name to find it by."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session, select

from integrations.slack import render
from integrations.slack.errors import NOT_THERE, is_broken, is_passing, word
from integrations.slack.models import SlackMemo, SlackPart
from integrations.slack.render import Content, Parts, Rendered
from integrations.slack.uploads import Uploads
from workbot.cards import Card, Mark
from workbot.i18n import language
from workbot.kept import Chest
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
        self.chest = Chest(host.settings.secrets)
        self.uploads = Uploads(host)

    async def draw(self, card: Card, locale: str, tenant: str, client: AsyncWebClient) -> Parts:
        """A card as messages; what Slack has to have beforehand is there."""
        uploaded = await self.uploads.of(card, tenant, client)
        parts = render.message(self.content(card, locale, uploaded.pictures, uploaded.links), self.seal)
        await self.keep(parts.memos)
        return parts

    async def keep(self, memos: Mapping[str, str]) -> None:
        """Keep the values that are too long for Slack, before anyone can press their buttons."""
        if memos:
            await self.host.database.run(partial(_keep, memos=self._closed(memos), now=self.host.clock.now()))

    def content(self, card: Card, locale: str, pictures: Any = None, links: Any = None) -> Content:
        return Content(card, language(locale), self.host.settings.url, pictures or {}, links or {})

    async def memo(self, key: str) -> str:
        """The long value that a button stands for; empty when it is not kept any more."""
        closed = await self.host.database.read(partial(_memo, key=key))
        return self.chest.open(closed, key) or ""

    def _closed(self, memos: Mapping[str, str]) -> Mapping[str, str]:
        """Values on their way into the database: people wrote them."""
        return {key: self.chest.close(value, key) for key, value in memos.items()}

    async def post(self, client: AsyncWebClient, spot: Spot, parts: Parts, *, key: str = "") -> str:
        """Post a card and return its reference."""
        posted = await self._send(
            client.chat_postMessage, parts.first, channel=spot.channel, thread_ts=spot.thread or None, **name(key)
        )
        channel, ts = str(posted["channel"]), str(posted["ts"])
        await self._go_on(client, f"{channel}:{ts}", spot.thread or ts, parts.rest, key, {})
        return f"{channel}:{ts}"

    async def replace(self, client: AsyncWebClient, reference: str, parts: Parts, *, key: str = "") -> bool:
        """Put a card in place of one; whether that was still there."""
        channel, _, ts = reference.partition(":")
        try:
            await self._send(client.chat_update, parts.first, channel=channel, ts=ts, **name(key))
        except SlackApiError as error:
            if word(error) in NOT_THERE:
                return False
            raise
        there = await self.host.database.read(partial(_parts, root=reference))
        if there or parts.rest:
            await self._go_on(client, reference, ts, parts.rest, key, there)
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
        return bool(await self.host.database.read(partial(_parts, root=reference)))

    async def complete(
        self, client: AsyncWebClient, reference: str, thread: str, parts: Parts, key: str, seen: dict[int, str]
    ) -> None:
        """Post what is missing of a card whose beginning is there; `seen` is what is of the rest."""
        await self._go_on(client, reference, thread, parts.rest, key, seen)

    async def _go_on(
        self,
        client: AsyncWebClient,
        root: str,
        thread: str,
        rest: Sequence[Rendered],
        key: str,
        there: dict[int, str],
    ) -> None:
        """The parts after the first, under it: each in place of what stands there, and none too many."""
        channel = root.partition(":")[0]
        for number, part in enumerate(rest, 1):
            if ts := there.get(number):
                await self._send(client.chat_update, part, channel=channel, ts=ts, **name(key, number))
            else:
                sent = await self._send(
                    client.chat_postMessage, part, channel=channel, thread_ts=thread, **name(key, number)
                )
                ts = str(sent["ts"])
            await self.host.database.run(partial(_note_part, root=root, number=number, ts=ts))
        for number in sorted(there):
            if number > len(rest):
                await client.chat_delete(channel=channel, ts=there[number])
                await self.host.database.run(partial(_note_part, root=root, number=number, ts=""))

    async def _send(self, method: Any, part: Rendered, **where: Any) -> Any:
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


def _keep(session: Session, *, memos: Mapping[str, str], now: Any) -> None:
    for key, value in memos.items():
        session.merge(SlackMemo(key=key, value=value, used_at=now))


def _memo(session: Session, *, key: str) -> str:
    found = session.get(SlackMemo, key)
    return found.value if found else ""


def _parts(session: Session, *, root: str) -> dict[int, str]:
    return {part.number: part.ts for part in session.exec(select(SlackPart).where(SlackPart.root == root))}


def _note_part(session: Session, *, root: str, number: int, ts: str) -> None:
    found = session.get(SlackPart, (root, number))
    if ts:
        session.merge(SlackPart(root=root, number=number, ts=ts))
    elif found:
        session.delete(found)
