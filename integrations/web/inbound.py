"""The way in: pages of the chat, and what people type, press and send there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
from urllib.parse import quote

import anyio
from sqlmodel import Session
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.web import conversations, render
from integrations.web.conversations import Conversation
from integrations.web.forms import Seal
from integrations.web.live import Live
from integrations.web.render import PAGES
from integrations.web.taking import Taking
from workbot.errors import Gone, NotAllowed, WorkbotError
from workbot.i18n import language
from workbot.people import Person
from workbot.platforms import File, Host

Answer = Callable[[Request, Person], Awaitable[Response]]

# What a browser may show in a page; everything else is offered for saving.
# How long an open page may take to be let go when the server stops; less than the server itself waits.
GRACE_SECONDS = 2
PICTURES = ("image/png", "image/svg+xml", "image/jpeg", "image/gif", "image/webp")


class Inbound:
    """The addresses under `/chat`."""

    def __init__(self, host: Host, live: Live) -> None:
        self.host = host
        self.live = live
        self.taking = Taking(host, Seal(host.settings.secret))

    def routes(self) -> Sequence[BaseRoute]:
        return [
            self._route("/chat", self._conversation),
            self._route("/chat/p/{place}", self._conversation),
            self._route("/chat/t/{thread}", self._conversation),
            self._route("/chat/live", self._news),
            self._route("/chat/files/{file}", self._file),
            self._route("/chat/say", self.taking.words, "POST"),
            self._route("/chat/press", self.taking.press, "POST"),
            self._route("/chat/form", self.taking.form, "POST"),
        ]

    def _route(self, path: str, answer: Answer, method: str = "GET") -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._enter(answer, request)

        return Route(path, endpoint, methods=[method])

    async def _enter(self, answer: Answer, request: Request) -> Response:
        """Let a person in, or show the way; what is refused is said kindly."""
        person = await self.host.signed_in(request)
        if person is None:
            return _to_sign_in(request)
        try:
            return await answer(request, person)
        except WorkbotError as error:
            return await self._refused(request, person, error)

    async def _refused(self, request: Request, person: Person, error: WorkbotError) -> Response:
        lang = language(person.locale)
        titles = {
            NotAllowed: (HTTPStatus.FORBIDDEN, lang("This page is not yours to see")),
            Gone: (HTTPStatus.NOT_FOUND, lang("There is nothing here")),
        }
        status, title = titles.get(type(error), (HTTPStatus.BAD_REQUEST, lang("That did not work")))
        frame = await self.host.frame(person.id, request.url.path, lang)
        message = lang(error.message, **error.values)
        return PAGES.page("refused.html", lang, status=status, frame=frame, title=title, message=message)

    async def _conversation(self, request: Request, person: Person) -> Response:
        asked = {name: request.path_params.get(name, "") for name in ("place", "thread")}
        before = _number(request.query_params.get("before", ""))
        read = partial(render.page, person=person, before=before, **asked)
        page = await self.host.database.read(read)
        lang, where, now = language(person.locale), page.view.where, self.host.clock.now()
        return PAGES.page(
            "chat.html",
            lang,
            frame=await self.host.frame(person.id, request.url.path, lang),
            page=page,
            where=where,
            now=now,
            messages=render.messages(page.view, now),
            live_url=render.live_url(page),
            compose=render.compose(where, lang),
            invitation=render.invitation(where),
        )

    async def _news(self, request: Request, person: Person) -> Response:
        """What is new in a conversation, for as long as somebody looks at it."""
        query = request.query_params
        find = partial(conversations.find, person=person, place=query.get("place", ""), thread=query.get("thread", ""))
        where = await self.host.database.read(find)
        after = max(_number(query.get("after", "")), _number(request.headers.get("last-event-id", "")))
        leaving = anyio.Event()
        stream = self._stream(request, person, where, after, leaving)
        return EventSourceResponse(stream, shutdown_event=leaving, shutdown_grace_period=GRACE_SECONDS)

    async def _stream(
        self, request: Request, person: Person, where: Conversation, after: int, leaving: anyio.Event
    ) -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(retry=1000, comment="here")
        async for _ in self.live.changes(where.address, leaving):
            viewer = await self.host.signed_in(request)
            if viewer is None or viewer.id != person.id:
                return
            view = await self.host.database.read(partial(_news, person=person, where=where, after=after))
            if view is None:
                return
            for message, html in render.messages(view, self.host.clock.now()):
                after = message.row.version
                yield ServerSentEvent(html, id=str(after))

    async def _file(self, request: Request, person: Person) -> Response:
        key = conversations.uuid(request.path_params["file"])
        allowed = await self.host.database.read(partial(conversations.may_have, person=person, file=str(key)))
        if key and allowed and (file := await self.host.file(key)):
            return _file_response(file)
        raise Gone("This file is not here, or it is not yours to see.")


def _news(session: Session, person: Person, where: Conversation, after: int) -> render.View | None:
    """What is new, or None once the person may no longer look."""
    if not conversations.may_read(session, person, where.address):
        return None
    return render.view(session, person, where, conversations.news(session, person, where, after=after))


def _file_response(file: File) -> Response:
    disposition = "inline" if file.media_type in PICTURES else "attachment"
    headers = {
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name, safe='')}",
        # A picture may be drawn by others' data: whatever it holds, it runs nothing.
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        # Browsers are shared where people have no desk: nothing of one person's stays behind.
        "Cache-Control": "no-store",
    }
    return Response(file.content, media_type=file.media_type, headers=headers)


def _to_sign_in(request: Request) -> Response:
    """The way in, and from there back to the page that was wanted."""
    wanted = request.url.path if request.method == "GET" and request.url.path != "/chat/live" else "/chat"
    address = f"/signin?next={quote(wanted, safe='')}"
    if "HX-Request" in request.headers:
        return Response(headers={"HX-Redirect": address})
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
