"""The way in: pages of the chat, and what people type, press and send there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

import anyio
from sqlmodel import Session
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from integrations.web import conversations, render
from integrations.web.allowance import Allowance, LivePages
from integrations.web.auth import Auth
from integrations.web.conversations import Conversation
from integrations.web.files import file_response
from integrations.web.forms import Seal
from integrations.web.interactions import Interactions
from integrations.web.live import Live
from integrations.web.own_page import OwnPage
from integrations.web.render import PAGES
from workbot.errors import Gone
from workbot.i18n import language
from workbot.people import Person
from workbot.platforms import Host

# How long an open page may take to be let go when the server stops; less than the server itself waits.
GRACE_SECONDS = 2


class Inbound:
    """The addresses under `/chat`."""

    def __init__(self, host: Host, live: Live) -> None:
        self.host = host
        self.live = live
        self.auth = Auth(host)
        self.live_pages = LivePages()
        allowance = Allowance(host.settings.turns_per_minute)
        self.interactions = Interactions(host, Seal(host.settings.secrets), allowance)
        self.own_page = OwnPage(host, self.auth, allowance)

    def routes(self) -> Sequence[BaseRoute]:
        return [
            self.auth.route("/chat", self._conversation),
            self.auth.route("/chat/p/{place}", self._conversation),
            self.auth.route("/chat/t/{thread}", self._conversation),
            self.auth.route("/chat/live", self._news),
            self.auth.route("/chat/files/{file}", self._file),
            self.auth.route("/chat/say", self.interactions.words, "POST"),
            self.auth.route("/chat/press", self.interactions.press, "POST"),
            self.auth.route("/chat/form", self.interactions.form, "POST"),
            *self.own_page.routes(),
        ]

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
        self.live_pages.admit(person.id)
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
        with self.live_pages.one(person.id):
            yield ServerSentEvent(retry=1000, comment="here")
            async for _ in self.live.changes(where.address, leaving):
                view = await self._view(request, person, where, after)
                if view is None:
                    return
                for message, html in render.messages(view, self.host.clock.now()):
                    after = message.row.version
                    yield ServerSentEvent(html, id=str(after))

    async def _view(self, request: Request, person: Person, where: Conversation, after: int) -> render.View | None:
        """What is new, for as long as somebody may look and it can be looked up: the page comes back by itself."""
        viewer = await self.host.signed_in(request)
        if viewer is None or viewer.id != person.id:
            return None
        return await self.host.database.read(partial(_news, person=person, where=where, after=after))

    async def _file(self, request: Request, person: Person) -> Response:
        key = conversations.uuid(request.path_params["file"])
        allowed = await self.host.database.read(partial(conversations.may_have, person=person, file=str(key)))
        if key and allowed and (file := await self.host.file_for(key, person.id)):
            return file_response(file)
        raise Gone("This file is not here, or it is not yours to see.")


def _news(session: Session, person: Person, where: Conversation, after: int) -> render.View | None:
    """What is new, or None once the person may no longer look."""
    if not conversations.may_read(session, person, where.address):
        return None
    return render.view(session, person, where, conversations.news(session, person, where, after=after))


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
