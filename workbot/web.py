"""The one web application: health, metrics, static files, and a careful frame around every page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbot import migrate
from workbot.db import Database
from workbot.pages import STATIC
from workbot.platforms import Platform

__all__ = ["BaseRoute", "application"]

LARGEST_BODY = 2_000_000
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)

log = structlog.get_logger(__name__)


class Served(Protocol):
    """What the application asks of the house."""

    database: Database
    platforms: dict[str, Platform]

    def running(self) -> AbstractAsyncContextManager[None]: ...


def application(house: Served, routes: Sequence[BaseRoute]) -> Starlette:
    """Put the pages of every part behind one address."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with house.running():
            yield {}

    own = [
        Route("/", home),
        Route("/healthz", healthz),
        Route("/readyz", partial(readyz, house)),
        Route("/metrics", metrics),
        Mount("/static", Cached(StaticFiles(directory=STATIC))),
    ]
    return Starlette(routes=[*own, *routes], lifespan=lifespan, middleware=[Middleware(Careful)])


async def home(request: Request) -> Response:
    return RedirectResponse("/chat", status_code=303)


async def healthz(request: Request) -> Response:
    """The process is up."""
    return PlainTextResponse("ok")


async def readyz(house: Served, request: Request) -> Response:
    """Whether work can be taken: the database reachable and migrated, every platform usable."""
    reasons = [reason async for reason in obstacles(house)]
    return JSONResponse({"ready": not reasons, "reasons": reasons}, status_code=503 if reasons else 200)


async def obstacles(house: Served) -> AsyncIterator[str]:
    """What stands in the way of taking work, in plain words."""
    try:
        if missing := await house.database.read(_missing_migrations):
            yield missing
    except Exception as error:  # noqa: BLE001  # whatever the driver raises, the answer is the same
        log.warning("readyz.database", error=repr(error))
        yield "database: not reachable; check DATABASE_URL and that the server runs"
    for platform in house.platforms.values():
        if reason := await platform.check():
            yield f"{platform.name}: {reason}"


def _missing_migrations(session: Session) -> str:
    here, head = migrate.revision(session), migrate.head()
    return "" if here == head else f"database: at revision {here or 'none'}, needs {head}; run `workbot migrate`"


async def metrics(request: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


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


class Careful:
    """Refuse oversized bodies and foreign forms, and tell browsers to be strict."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        request = Request(scope)
        if is_foreign(request):
            await PlainTextResponse("This form came from another site.", status_code=403)(scope, receive, send)
        else:
            await self.app(scope, measured(receive), partial(_with_headers, send))


def measured(receive: Receive) -> Receive:
    """Count a body as it comes, since what it says of its own length may be missing or wrong."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is larger than I can take.")
        return message

    return counted


def is_foreign(request: Request) -> bool:
    """Whether a browser sent a change from another site's page (cross-site request forgery)."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return False
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")


async def _with_headers(send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        headers = MutableHeaders(scope=message)
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
    await send(message)
