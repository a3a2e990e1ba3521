"""What a browser sent, kept for as long as it is answered: where it cannot be taken now, it can be sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from workbot.web.guards import LARGEST_BODY

# Where it is kept in a request's scope.
SENT = "workbot.sent"
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 1000
# How long what is still under way is waited for.
REST_SECONDS = 20.0
# The fields that people type into; those of forms that a card asks for begin as the last says. What else a form
# holds goes along unseen.
TYPED = ("text", "body", "email", "person", "manager", "buddy", "on")
ASKED = "f-"


@dataclass(frozen=True, slots=True)
class Typed:
    """A field of a form with its value."""

    name: str
    value: str

    @property
    def is_seen(self) -> bool:
        return bool(self.value) and (self.name in TYPED or self.name.startswith(ASKED))

    @property
    def is_long(self) -> bool:
        return self.name in ("text", "body") or "\n" in self.value or len(self.value) > 60


class Sent:
    """The body of a form on its way in."""

    def __init__(self, headers: Headers) -> None:
        self._is_form = headers.get("content-type", "").partition(";")[0].strip().lower() == FORM
        self._parts: list[bytes] = []
        self.is_whole = False

    def heard(self, receive: Receive) -> Receive:
        """Pass on what is received, and remember it."""
        if not self._is_form:
            return receive

        async def hearing() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                self._parts.append(message.get("body", b""))
                self.is_whole = not message.get("more_body", False)
            return message

        return hearing

    async def finish(self, receive: Receive) -> None:
        """Take what has not been asked for yet, as far as it comes: whoever failed may not have come to it."""
        hear = self.heard(receive)
        with suppress(TimeoutError):
            async with asyncio.timeout(REST_SECONDS):
                while self._is_form and not self.is_whole and sum(map(len, self._parts)) <= LARGEST_BODY:
                    if (await hear())["type"] == "http.disconnect":
                        break

    def fields(self) -> Sequence[Typed]:
        """What was typed; nothing where not all of it has come."""
        if not self.is_whole:
            return ()
        try:
            read = parse_qsl(b"".join(self._parts).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            return ()
        return [Typed(name, value) for name, value in read]
