"""A careful frame around every page: no oversized or endless body, no form of another site, and strict browsers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 2_000_000
# A body of the largest size comes in so long over a poor line.
BODY_SECONDS = 60.0
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; frame-ancestors {frame_ancestors}; base-uri 'none'; form-action 'self'"
)
# A year, as browsers want it to be taken seriously. Of neighbours under the same domain we know nothing.
ONLY_HTTPS = "max-age=31536000"

Refuse = Callable[[Request, HTTPStatus], Awaitable[Response]]


def nobody(path: str) -> str:
    """Who may show a page within their own, if nobody says otherwise."""
    return ""


async def in_a_word(request: Request, status: HTTPStatus) -> Response:
    return PlainTextResponse(status.phrase, status_code=status)


class Careful:
    """Refuse oversized bodies and foreign forms, and tell browsers to be strict.

    `frame_ancestors` says who may show the page at a path within their own; `is_secure` that people reach us by https
    alone.
    """

    def __init__(
        self,
        app: ASGIApp,
        frame_ancestors: Callable[[str], str] = nobody,
        refuse: Refuse = in_a_word,
        *,
        is_secure: bool = False,
    ) -> None:
        self.app = app
        self.frame_ancestors = frame_ancestors
        self.refuse = refuse
        self.is_secure = is_secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        policy = POLICY.format(frame_ancestors=self.frame_ancestors(request.url.path) or "'none'")
        strict = partial(_with_headers, send, policy, self.is_secure)
        if (status := _refusal(request)) is not None:
            response = await self.refuse(request, status)
            await response(scope, receive, strict)
        else:
            await self.app(scope, measured(receive), strict)


def _refusal(request: Request) -> HTTPStatus | None:
    if "\0" in request.scope["path"]:
        # Nothing has such a name, and a database cannot even be asked for it.
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.FORBIDDEN if is_foreign(request) else None


def measured(receive: Receive) -> Receive:
    """Count a body as it comes, since what it says of its own length may be missing or wrong; wait so long for it."""
    taken, until = 0, asyncio.get_running_loop().time() + BODY_SECONDS
    is_coming = True

    async def counted() -> Message:
        nonlocal taken, is_coming
        if not is_coming:
            # Whoever waits now waits for the other side to leave.
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, headers={"Connection": "close"}) from error
        is_coming = bool(message.get("more_body"))
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
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


async def _with_headers(send: Send, policy: str, is_secure: bool, message: Message) -> None:
    if message["type"] == "http.response.start":
        headers = MutableHeaders(scope=message)
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        if is_secure:
            headers.setdefault("Strict-Transport-Security", ONLY_HTTPS)
    await send(message)
