"""Stored files on their way to people in Teams, which fetches them from us without saying for whom: at addresses that
nobody can guess, each made for one reader, for a while and for as long as they may have the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from urllib.parse import quote
from uuid import UUID

from itsdangerous import BadSignature
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.teams.names import NAME, is_channel, parts_of
from workbot import cards
from workbot.cards import Card
from workbot.i18n import LOCALES, language
from workbot.people import channel_at, person_of
from workbot.platforms import File, Host
from workbot.seals import serializer
from workbot.turns import Sender

# What Teams shows within a card; all else is taken away as a file.
PICTURES = ("image/png", "image/jpeg", "image/gif")
LETTERS = re.compile(r"[A-Za-z0-9._-]+")
# Either may hold what people said, and goes wherever its card is passed on to: whoever needs it later finds it in the
# console, signed in.
PICTURES_LIVE = DOCUMENTS_LIVE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a card's pictures and documents are to be had, by our ids."""

    pictures: Mapping[str, str]
    links: Mapping[str, str]


class FileLinks:
    """Gives out what cards show and offer."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.seal = serializer(host.settings.secrets, "teams.file")

    def routes(self) -> Sequence[BaseRoute]:
        return [Route("/teams/files/{sealed:path}", self._give, methods=["GET"])]

    async def of(self, card: Card, reader: str) -> Addresses:
        """The addresses of what a card shows or offers, for the person or channel at an address of ours; of what they
        may not have, or not any more, there is none."""
        shown = {element.file for element in card.body if isinstance(element, cards.Image)}
        pictures, links = dict[str, str](), dict[str, str]()
        for key in cards.files(card):
            file = await self._file(key, reader)
            if file is None or (until := _until(file)) < self.host.clock.now():
                continue
            if key not in shown:
                links[key] = self._address(key, reader, until)
            elif file.media_type in PICTURES:
                pictures[key] = self._address(key, reader, until)
        return Addresses(pictures, links)

    def _address(self, key: str, reader: str, until: datetime) -> str:
        sealed = self.seal.dumps([key, reader, int(until.timestamp())])
        return f"{self.host.settings.url}/teams/files/{sealed!s}"

    async def _give(self, request: Request) -> Response:
        sealed = request.path_params["sealed"]
        try:
            # What is no letter of an address would be passed over.
            key, reader, until = self.seal.loads(sealed if LETTERS.fullmatch(sealed) else "")
        except BadSignature:
            return _nothing(HTTPStatus.NOT_FOUND)
        file = await self._file(key, reader) if until >= self.host.clock.now().timestamp() else None
        if file is None:
            return _nothing(HTTPStatus.GONE)
        # Whoever keeps it would go on showing it to those who may not have it any more.
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        if file.media_type not in PICTURES:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
        return Response(file.content, media_type=file.media_type, headers=headers)

    async def _file(self, key: str, reader: str) -> File | None:
        """A file, if whoever is at an address may have it at this moment."""
        tenant, target = parts_of(reader)
        if is_channel(target):
            place = await self.host.database.read(partial(channel_at, platform=NAME, address=reader))
            file = await self.host.file(UUID(key)) if place else None
            # Nobody tells us who reads a channel: what only some may have is not for it.
            return None if file is None or file.subject else file
        person = await self.host.database.read(partial(person_of, sender=Sender(NAME, target, tenant)))
        return await self.host.file_for(UUID(key), person.id) if person else None


def _until(file: File) -> datetime:
    return file.made_at + (PICTURES_LIVE if file.media_type in PICTURES else DOCUMENTS_LIVE)


def _nothing(status: HTTPStatus) -> Response:
    """Said to somebody who opened an old message, of whom nothing is known."""
    words = [lang("This file is not handed out here any more. Sign in to find it.") for lang in map(language, LOCALES)]
    return PlainTextResponse("\n".join(words), status)
