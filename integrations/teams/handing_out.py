"""Stored files on their way to people in Teams, which fetches them from us: at addresses that nobody can guess, for a
while."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from workbot import cards
from workbot.cards import Card
from workbot.i18n import LOCALES, language
from workbot.platforms import Host

# What Teams shows within a card; all else is taken away as a file.
PICTURES = ("image/png", "image/jpeg", "image/gif")
PICTURES_LIVE = timedelta(days=180)
# A document may hold what each person said, and goes wherever its card is passed on to: whoever needs it later finds it
# in the console, signed in.
DOCUMENTS_LIVE = timedelta(days=30)
TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a card's pictures and documents are to be had, by our ids."""

    pictures: Mapping[str, str]
    links: Mapping[str, str]


NOTHING = Addresses({}, {})


class HandingOut:
    """Gives out what cards show and offer."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._key = hashlib.sha256(b"workbot.teams.file\0" + host.settings.secret.encode()).digest()

    def routes(self) -> Sequence[BaseRoute]:
        return [Route("/teams/files/{key:uuid}/{until:int}/{tag}", self._give, methods=["GET"])]

    async def of(self, card: Card) -> Addresses:
        """The addresses of what a card shows or offers, and is still there."""
        keys = cards.files(card)
        if not keys:
            return NOTHING
        shown = {element.file for element in card.body if isinstance(element, cards.Image)}
        found = {key: file for key in keys if (file := await self.host.file(UUID(key)))}
        return Addresses(
            pictures={
                key: self._address(key, PICTURES_LIVE)
                for key in found
                if key in shown and found[key].media_type in PICTURES
            },
            links={key: self._address(key, DOCUMENTS_LIVE) for key in found if key not in shown},
        )

    def _address(self, key: str, lives: timedelta) -> str:
        # By the day, so that a card that is drawn again is the same.
        until = int((self.host.clock.now() + lives).timestamp()) // 86_400 * 86_400
        return f"{self.host.settings.url}/teams/files/{key}/{until}/{self._tag(key, until)}"

    async def _give(self, request: Request) -> Response:
        key, until, tag = (request.path_params[name] for name in ("key", "until", "tag"))
        if not hmac.compare_digest(tag.encode(), self._tag(str(key), until).encode()):
            return _nothing(HTTPStatus.NOT_FOUND)
        file = await self.host.file(key) if until >= self.host.clock.now().timestamp() else None
        if file is None:
            return _nothing(HTTPStatus.GONE)
        headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
        if file.media_type not in PICTURES:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
        return Response(file.content, media_type=file.media_type, headers=headers)

    def _tag(self, key: str, until: int) -> str:
        return hmac.new(self._key, f"{key}/{until}".encode(), hashlib.sha256).digest()[:TAG_BYTES].hex()


def _nothing(status: HTTPStatus) -> Response:
    """Said to somebody who opened an old message, of whom nothing is known."""
    words = [lang("This file is not handed out here any more. Sign in to find it.") for lang in map(language, LOCALES)]
    return PlainTextResponse("\n".join(words), status)
