"""The one web application: health, metrics, static files, and a careful frame around every page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector
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
    "object-src 'none'; frame-ancestors {framers}; base-uri 'none'; form-action 'self'"
)

log = structlog.get_logger(__name__)


class Served(Protocol):
    """What the application asks of the house."""

    database: Database
    platforms: dict[str, Platform]

    def running(self) -> AbstractAsyncContextManager[None]: ...

    async def figures(self) -> Iterable[Metric]: ...

    def framers(self, path: str) -> str: ...


def application(house: Served, routes: Sequence[BaseRoute]) -> Starlette:
    """Put the pages of every part behind one address."""
    own = [Route("/", home), Mount("/static", Cached(StaticFiles(directory=STATIC)))]
    return _application(house, [*own, *routes])


def watch(house: Served) -> Starlette:
    """Only what those who watch over a house ask for: a worker has no pages."""
    return _application(house, [])


def _application(house: Served, routes: Sequence[BaseRoute]) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with house.running():
            yield {}

    watched = [
        Route("/healthz", healthz),
        Route("/readyz", partial(readyz, house)),
        Route("/metrics", partial(metrics, house)),
    ]
    return Starlette(routes=[*watched, *routes], lifespan=lifespan, middleware=[Middleware(Careful, house.framers)])


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


async def metrics(house: Served, request: Request) -> Response:
    """What this process counted, and what all of them share; without the database, only the former."""
    told = generate_latest()
    try:
        told += generate_latest(Told.registry(await house.figures()))
    except Exception as error:  # noqa: BLE001  # whatever the driver raises, what was counted here is still told
        log.warning("metrics.database", error=repr(error))
    return Response(told, media_type=CONTENT_TYPE_LATEST)


class Told(Collector):
    """Figures that were read from elsewhere, for the exporter."""

    def __init__(self, figures: Iterable[Metric]) -> None:
        self.figures = figures

    def collect(self) -> Iterable[Metric]:
        return self.figures

    @classmethod
    def registry(cls, figures: Iterable[Metric]) -> CollectorRegistry:
        registry = CollectorRegistry()
        registry.register(cls(figures))
        return registry


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


def nobody(path: str) -> str:
    """Who may show a page within their own, if nobody says otherwise."""
    return ""


class Careful:
    """Refuse oversized bodies and foreign forms, and tell browsers to be strict.

    `framers` says who may show the page at a path within their own.
    """

    def __init__(self, app: ASGIApp, framers: Callable[[str], str] = nobody) -> None:
        self.app = app
        self.framers = framers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        request = Request(scope)
        if is_foreign(request):
            await PlainTextResponse("This form came from another site.", status_code=403)(scope, receive, send)
        else:
            policy = POLICY.format(framers=self.framers(request.url.path) or "'none'")
            await self.app(scope, measured(receive), partial(_with_headers, send, policy))


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


async def _with_headers(send: Send, policy: str, message: Message) -> None:
    if message["type"] == "http.response.start":
        headers = MutableHeaders(scope=message)
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
    await send(message)
