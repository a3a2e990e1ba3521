"""A sign-in to knock at: with a mailbox, a clock, and a page that says who is there."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.visitor import Visitor
from workbot.cards import Buttons
from workbot.clock import SetClock
from workbot.errors import DeliveryError
from workbot.platforms import Mail
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.web.answers import Sentences
from workbot.web.failures import Failures
from workbot.web.guards import Careful
from workbot.web.signin import SignIn

MONDAY = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


class Postbox:
    def __init__(self) -> None:
        self.letters: list[Mail] = []
        # What becomes of the next letters; after that, they are taken.
        self.refusals: list[DeliveryError] = []

    async def post(self, letter: Mail) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.letters.append(letter)


class Door:
    """A sign-in with a mailbox and a clock, and a page that says who is there."""

    def __init__(self, database: Database, base_url: str = "https://bot.example") -> None:
        self.database = database
        self.clock = SetClock(MONDAY)
        self.post = Postbox()
        settings = Settings.model_validate({"base_url": base_url, "secret_key": "s" * 32})
        self.sign_in = SignIn(settings, database, self.clock)
        self.sign_in.mailer = self.post
        routes = [*self.sign_in.routes(), Route("/chat", self._who)]
        self.app = Starlette(routes=routes, middleware=[Middleware(Careful), Middleware(Failures, Sentences(settings))])
        self.base_url = base_url

    async def _who(self, request: Request) -> PlainTextResponse:
        person = await self.sign_in.person_of(request)
        return PlainTextResponse(str(person and person.id))

    def browser(self, *, client: str = "127.0.0.1", **headers: str) -> Visitor:
        return Visitor(self.app, self.base_url, client=client, **headers)

    def link(self) -> str:
        found = re.search(r"https?://\S+/signin/\S+", link_in(self.post.letters[-1]))
        assert found
        return found.group()

    def letter_to(self, email: str) -> str:
        self.browser().post("/signin", data={"email": email})
        return self.link()


def link_in(letter: Mail) -> str:
    """Where the button of a letter leads."""
    return next(
        button.url for element in letter.card.body if isinstance(element, Buttons) for button in element.buttons
    )
