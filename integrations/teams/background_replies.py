"""What is said right after Teams has its answer: a courtesy, tried again where Teams asks for that."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any

import structlog

from integrations.teams.conversations import Conversations, Spot
from integrations.teams.errors import FOREIGN, is_futile, refusal, word
from integrations.teams.names import NAME, spot_of
from integrations.teams.parsing import Where
from integrations.teams.posting import Posting
from integrations.teams.render import Parts
from workbot.cards import Card, Text
from workbot.chat.background import Background
from workbot.errors import DeliveryError
from workbot.i18n import Language, language

PAUSES = (0.5, 2.0, 5.0)
FAREWELL_SECONDS = 10.0

log = structlog.get_logger(__name__)


class BackgroundReplies:
    """Posts replies, and puts cards in place of others, in the background."""

    def __init__(self, posting: Posting, conversations: Conversations) -> None:
        self.posting = posting
        self.conversations = conversations
        self.background = Background(NAME, FOREIGN, word)
        # The newest card that is to stand in place of a message, while there is one on its way.
        self._newest: dict[str, Card | Parts] = {}

    def say(self, where: Where, card: Card, locale: str, *, public: bool, under: str = "") -> None:
        """Say something where somebody spoke or pressed: where others read along, to them alone unless it is public."""
        if where.place and (where.is_targeted or not public):
            self.say_alone(where, card, locale, under)
        else:
            self.background.later(self._say_there(where, card, locale, under))

    def say_alone(self, where: Where, card: Card, locale: str, under: str = "") -> None:
        """Say something to a person such that nobody else reads along: where they are if Teams lets us, else in their
        own conversation."""
        self.background.later(self._say_alone(where, card, locale, under))

    def put(self, where: Where, reference: str, card: Card | Parts, locale: str) -> None:
        """Put a card, or what was drawn already, in place of a message, for all who see it."""
        self._newest[reference] = card
        self.background.later(self._put(where, reference, card, locale))

    async def close(self) -> None:
        """Let what is being said be finished."""
        await self.background.close()

    async def _say_there(self, where: Where, card: Card, locale: str, under: str) -> None:
        parts = await self.posting.draw(card, locale, where.place or where.address)
        root = under or spot_of(where.thread)[1]
        await self._insist(partial(self.posting.post, _spot(where), parts, under=root))

    async def _say_alone(self, where: Where, card: Card, locale: str, under: str) -> None:
        """Where one cannot be written to alone, say that, and no more."""
        if where.place and await self._is_said_among_others(where, card, locale, under):
            return
        try:
            spot = await self.conversations.of(where.tenant, where.sender.user)
            parts = await self.posting.draw(card, locale, where.address)
            await self._insist(partial(self.posting.post, spot, parts))
        except DeliveryError as error:
            if error.doubtful or not where.place:
                raise
            await self._say_there(where, _in_private(language(locale)), locale, under)

    async def _is_said_among_others(self, where: Where, card: Card, locale: str, under: str) -> bool:
        """Say something where others read along such that one person alone sees it; whether Teams has taken it."""
        parts = await self.posting.draw(card, locale, where.address, "alone")
        post = partial(
            self.posting.post_alone,
            _spot(where),
            title=parts.title,
            to={"id": where.account, "name": where.name},
            # What passes between us alone stands where it was begun, and begins no thread.
            under=where.root if where.is_targeted else under or spot_of(where.thread)[1],
            prompt=where.activity if where.is_written and where.is_targeted else "",
        )
        try:
            for card_part in (parts.first, *parts.rest):
                await self._insist(partial(post, card_part))
        except DeliveryError as error:
            if error.doubtful:
                raise
            log.info("teams.not_targeted", reason=error.reason)
            return False
        return True

    async def _put(self, where: Where, reference: str, card: Card | Parts, locale: str) -> None:
        spot = Spot(spot_of(reference)[0], where.service_url)
        try:
            reader = where.place or where.address
            parts = card if isinstance(card, Parts) else await self.posting.draw(card, locale, reader)
            await self._insist(partial(self._replace, spot, reference, card, parts))
        finally:
            if self._newest.get(reference) is card:
                del self._newest[reference]

    async def _replace(self, spot: Spot, reference: str, card: Card | Parts, parts: Parts) -> None:
        """Of two cards that are put in one place, the one that has to be sent twice must not come after the newer."""
        if self._newest.get(reference) is card:
            await self.posting.replace(spot, reference, parts)

    async def _insist(self, work: partial[Coroutine[Any, Any, Any]]) -> None:
        """Call Teams, again where it asks for that: nobody else tries these calls twice."""
        for pause in (*PAUSES, None):
            try:
                await work()
                return
            except FOREIGN as error:
                refused = refusal(error)
                if pause is None or refused.permanent or refused.doubtful or is_futile(error):
                    raise refused from error
                wait = refused.retry_after.total_seconds() if refused.retry_after else pause
                await asyncio.sleep(min(wait, FAREWELL_SECONDS))


def _spot(where: Where) -> Spot:
    return Spot(where.conversation, where.service_url, where.kind == "channel")


def _in_private(lang: Language) -> Card:
    text = lang(
        "My answer is for you alone, and I cannot write to you yet: add me to your apps in Teams, and ask again."
    )
    return Card(lang("Let us talk in private"), (Text(text),))
