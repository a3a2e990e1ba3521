"""The application put together: whose pages, behind which guards, and the way every failure is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.convertors import register_url_convertor
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbot.web.answers import ErrorPages, Sentences
from workbot.web.failures import Failures
from workbot.web.guards import Careful
from workbot.web.health import Health
from workbot.web.hosts import Hosts
from workbot.web.numbers import BoundedInteger
from workbot.web.pages import STATIC
from workbot.web.served import Served

# Routes are compiled as they are made, and every one of the app is made after this.
register_url_convertor("int", BoundedInteger())


def application(app: Served, routes: Sequence[BaseRoute]) -> Starlette:
    """Put the pages of every part behind one address."""
    own = [Route("/", home), Mount("/static", Cached(StaticFiles(directory=STATIC)))]
    pages, settings = ErrorPages(app), app.settings
    careful = Middleware(Careful, app.frame_ancestors, pages.refused, is_secure=settings.is_secure)
    # Whatever comes of a request, a failure too, goes out through the first.
    guards = [careful, Middleware(Failures, pages), Middleware(Hosts, settings, pages.refused)]
    return _application(app, [*own, *routes], pages, guards)


def watch(app: Served) -> Starlette:
    """Only what those who watch over an app ask for: a worker has no pages."""
    sentences = Sentences(app.settings)
    return _application(app, [], sentences, [Middleware(Careful), Middleware(Failures, sentences)])


def _application(
    app: Served, routes: Sequence[BaseRoute], answers: Sentences, guards: Sequence[Middleware]
) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with app.running():
            yield {}

    return Starlette(
        routes=[*Health(app).routes(), *routes],
        lifespan=lifespan,
        middleware=guards,
        exception_handlers={HTTPException: answers.exception},
    )


async def home(request: Request) -> Response:
    return RedirectResponse("/chat", status_code=303)


class Cached:
    """Static files carry a mark of their content in their address: they may be kept for ever."""

    def __init__(self, files: ASGIApp) -> None:
        self.files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def kept(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["query_string"].startswith(b"v="):
                MutableHeaders(scope=message)["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self.files(scope, receive, kept)
