"""What is said right after Slack has its answer: by the address that it gives for that where there is one.

The address has no limit of its own, and is good five times in half an hour. What goes there is drawn without newer
kinds of block: nobody would say that they were refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.discretion import Discretion
from integrations.slack.errors import FOREIGN, word
from integrations.slack.names import NAME
from integrations.slack.posting import QUIET, Posting, Spot
from integrations.slack.render import Rendered
from integrations.slack.reply_context import ReplyContext
from integrations.slack.workspaces import Workspaces
from workbot.cards import Card
from workbot.chat.background import Background
from workbot.errors import DeliveryError

PAUSES = (0.5, 2.0, 5.0)
RETRIED = (429, 500, 502, 503, 504)
# How often an address is good for an answer.
MOST_ANSWERS = 5

log = structlog.get_logger(__name__)


class BackgroundReplies:
    """Changes the message that was acted on, adds to it, or says something where it stands, in the background."""

    def __init__(self, workspaces: Workspaces, posting: Posting, discretion: Discretion) -> None:
        self.workspaces = workspaces
        self.discretion = discretion
        self.posting = posting
        self.background = Background(NAME, FOREIGN, word)

    def put(self, context: ReplyContext, card: Card, reference: str) -> None:
        """Put a card where a button was pressed: by the way in that it left, or by the message's name."""
        self.later(self._put(context, card, reference))

    def respond(self, context: ReplyContext, card: Card, *, public: bool = False) -> None:
        """Answer by the address that Slack gave for it; without one, or where it is too much for that, by a message."""
        self.later(self._respond(context, card, public=public))

    def say(self, context: ReplyContext, card: Card, thread: str, *, public: bool) -> None:
        """Say something where somebody wrote: where others read along, to them alone unless it is public."""
        self.later(self._say(context, card, thread, public=public))

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something once Slack has its answer."""
        self.background.later(work)

    async def close(self) -> None:
        """Let what is being said be finished."""
        await self.background.close()

    async def _put(self, context: ReplyContext, card: Card, reference: str) -> None:
        if context.where.place:
            await self.discretion.check(context.where.tenant, context.where.channel)
        client = await self.workspaces.into(context.where.tenant)
        parts = await self.posting.draw(card, context.locale, context.where.tenant, client)
        if reference and (parts.rest or await self.posting.has_more(reference)):
            # The way in leads to the first of several parts alone.
            await self.posting.replace(client, reference, parts)
            return
        try:
            await self._send(client, context.response_url, parts.first, replace_original=True)
        except (*FOREIGN, DeliveryError):
            if not reference:
                raise
            await self.posting.replace(client, reference, parts)

    async def _respond(self, context: ReplyContext, card: Card, *, public: bool) -> None:
        where = context.where
        if public and where.place:
            await self.discretion.check(where.tenant, where.channel)
        client = await self.workspaces.into(where.tenant)
        parts = await self.posting.draw(card, context.locale, where.tenant, client)
        if len(parts.rest) >= MOST_ANSWERS or not self._is_slacks(context.response_url):
            channel = where.channel if public and where.channel else where.user
            await self.posting.post(client, Spot(channel), parts)
            return
        kind = "in_channel" if public else "ephemeral"
        for part in (parts.first, *parts.rest):
            await self._send(client, context.response_url, part, replace_original=False, response_type=kind)

    async def _say(self, context: ReplyContext, card: Card, thread: str, *, public: bool) -> None:
        where = context.where
        client = await self.workspaces.into(where.tenant)
        parts = await self.posting.draw(card, context.locale, where.tenant, client)
        ts = thread.partition(":")[2]
        if public and where.place:
            await self.discretion.check(where.tenant, where.channel)
        if public or not where.place:
            await self.posting.post(client, Spot(where.channel, ts), parts)
            return
        try:
            for part in (parts.first, *parts.rest):
                await client.chat_postEphemeral(
                    channel=where.channel, user=where.user, thread_ts=ts or None, text=part.text, blocks=part.simpler
                )
        except SlackApiError as error:
            # Not everyone who writes in a channel can be whispered to: people of other organisations cannot.
            log.info("slack.cannot_whisper", reason=word(error))
            await self.posting.post(client, Spot(where.user), parts)

    def _is_slacks(self, url: str) -> bool:
        """Whether an address for answers is Slack's. One that is not is not even logged: what it opens is not ours."""
        if url and origin_of(url) not in self.workspaces.settings.answer_hosts:
            log.warning("slack.foreign_answer_address")
            return False
        return bool(url)

    async def _send(self, client: AsyncWebClient, url: str, part: Rendered, **how: Any) -> None:
        """Post to an address that Slack gave; it is tried again where Slack stumbles over it."""
        assert client.session is not None
        if not self._is_slacks(url):
            raise DeliveryError("this is no address of Slack’s for answers")
        content = {"text": part.text, "blocks": part.simpler, **QUIET, **how}
        for pause in (*PAUSES, None):
            try:
                async with client.session.post(url, json=content, allow_redirects=False) as answer:
                    if answer.status == 200:
                        return
                    if pause is None or answer.status not in RETRIED:
                        raise DeliveryError(f"HTTP {answer.status}")
            except aiohttp.ClientConnectionError:
                # Said twice is better than not at all.
                if pause is None:
                    raise
            await asyncio.sleep(pause)


def origin_of(url: str) -> str:
    """The scheme and host of an address, with its port if it is an unusual one; empty where there is more to it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.username is not None or parts.password is not None or not url.isascii() or "\\" in url:
        return ""
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port not in (None, usual) else "")
