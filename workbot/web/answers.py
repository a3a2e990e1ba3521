"""How a failure is told: as a page to people, as a sentence to programs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from workbot.errors import WorkbotError
from workbot.i18n import N_, Language, language
from workbot.settings import Settings
from workbot.web.again import SENT, Sent
from workbot.web.clients import visitor_language
from workbot.web.guards import LARGEST_BODY
from workbot.web.pages import HERE, Frame, Pages
from workbot.web.served import Served

log = structlog.get_logger(__name__)

PAGES = Pages(HERE / "templates")
MEGABYTE = 1_000_000
SOON = timedelta(seconds=10)
NOWHERE = N_("Check the address, or begin at the start.")

# By status: what it is called, and what to do.
SAID: Mapping[int, tuple[str, str]] = {
    400: (
        N_("That could not be read"),
        N_("What arrived here was not complete, or was changed on its way. Load the page again and try once more."),
    ),
    403: (
        N_("This came from another site"),
        N_("Your browser says that a page of another site sent this, so nothing was done. Open the page here instead."),
    ),
    404: (N_("There is nothing here"), NOWHERE),
    405: (N_("That cannot be done here"), NOWHERE),
    408: (
        N_("That took too long"),
        N_("Not all that was sent has arrived. Check your connection and try again."),
    ),
    413: (
        N_("That is more than I can take"),
        N_("At most {megabytes} MB can be sent at once. Send less, or send it in parts."),
    ),
    421: (
        N_("This is not my address"),
        N_("Open {url} instead. Whoever runs this server can add other addresses with WORKBOT_ALLOWED_HOSTS."),
    ),
    429: (N_("That was a lot at once"), N_("Please wait a moment, then try again.")),
    500: (
        N_("Something went wrong on our side"),
        N_(
            "This is our mistake, not yours. Please try again; if it happens again, tell your administrator the "
            "number {incident}."
        ),
    ),
    503: (
        N_("This cannot be done at the moment"),
        N_("I cannot save anything at the moment, so nothing was changed. Please try again in a minute."),
    ),
}
# The same form, sent again, may well be taken.
WORTH_ANOTHER_TRY = (429, 500, 503)


@dataclass(frozen=True)
class Failure:
    """A way in which a request ended; `error` says it in words of its own."""

    status: int
    error: Exception | None = None
    after: timedelta = SOON
    incident: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def title(self, lang: Language) -> str:
        return lang(self._said[0])

    def words(self, lang: Language, settings: Settings) -> str:
        if isinstance(self.error, WorkbotError):
            return lang(self.error.message, **self.error.values)
        return lang(self._said[1], megabytes=LARGEST_BODY // MEGABYTE, url=settings.url, incident=self.incident)

    @property
    def extra(self) -> dict[str, str]:
        """The headers of the answer."""
        if self.status not in (429, 503):
            return dict(self.headers)
        return {**self.headers, "Retry-After": str(max(1, math.ceil(self.after.total_seconds())))}

    @property
    def _said(self) -> tuple[str, str]:
        return SAID.get(self.status) or SAID[500 if self.status >= 500 else 400]


class Answers(Protocol):
    """Whatever tells of failures."""

    async def to(self, request: Request, failure: Failure) -> Response: ...


class Sentences:
    """Tells failures in a sentence: to programs, and where there are no pages."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    async def to(self, request: Request, failure: Failure) -> Response:
        words = failure.words(visitor_language(request, self.settings), self.settings)
        if "json" in request.headers.get("accept", ""):
            return JSONResponse({"error": words}, failure.status, headers=failure.extra)
        return PlainTextResponse(words, failure.status, headers=failure.extra)

    async def exception(self, request: Request, error: Exception) -> Response:
        """Tell of an HTTPException: what Starlette hands over when there is no such page."""
        assert isinstance(error, HTTPException)
        return await self.to(request, Failure(error.status_code, headers=dict(error.headers or {})))

    async def refused(self, request: Request, status: HTTPStatus) -> Response:
        """Tell of what a guard has refused."""
        return await self.to(request, Failure(status))


class ErrorPages(Sentences):
    """Tells failures on pages, to whoever reads pages."""

    def __init__(self, app: Served) -> None:
        super().__init__(app.settings)
        self.app = app

    async def to(self, request: Request, failure: Failure) -> Response:
        if "text/html" not in request.headers.get("accept", "") or "HX-Request" in request.headers:
            return await super().to(request, failure)
        lang, frame = await self._surroundings(request, failure)
        sent: Sent | None = request.scope.get(SENT)
        is_again = failure.status in WORTH_ANOTHER_TRY
        page = PAGES.page(
            "failed.html",
            lang,
            status=failure.status,
            frame=frame,
            title=failure.title(lang),
            message=failure.words(lang, self.settings),
            fields=sent.fields() if sent and is_again else (),
            to=_here(request) if is_again else "",
            can_send=request.method == "POST" and sent is not None and sent.is_whole,
            can_load=request.method == "GET",
        )
        page.headers.update(failure.extra)
        return page

    async def _surroundings(self, request: Request, failure: Failure) -> tuple[Language, Frame]:
        """Whom a page speaks to and what surrounds it; a stranger's, where that cannot be found out."""
        visitor, bare = visitor_language(request, self.settings), Frame("/")
        if failure.status == HTTPStatus.MISDIRECTED_REQUEST:
            return visitor, bare
        try:
            if (embed_session := self.app.embed_session(request)) is not None:
                bare = Frame("/", is_within=True, scripts=embed_session.scripts)
            person = await self.app.signed_in(request)
            if person is None or embed_session is not None:
                return language(person.locale) if person else visitor, bare
            lang = language(person.locale)
            return lang, await self.app.frame(person.id, request.url.path, lang)
        except Exception as error:  # noqa: BLE001  # whatever else is wrong, this page is shown
            log.warning("web.bare_page", error=type(error).__name__)
            return visitor, bare


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}"
