"""The door of every page: whoever is signed in comes in, everyone else is shown the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integrations.web.render import PAGES
from workbot.errors import Gone, NotAllowed, NotNow, WorkbotError
from workbot.i18n import language
from workbot.people import Person
from workbot.platforms import Host
from workbot.web.pages import Frame

Answer = Callable[[Request, Person], Awaitable[Response]]


class Auth:
    """Lets people in, and says kindly what is refused."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def route(self, path: str, answer: Answer, method: str = "GET") -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._enter(answer, request)

        return Route(path, endpoint, methods=[method])

    async def frame(self, request: Request, person: Person) -> Frame:
        """What surrounds a page: nothing, within a window of another program."""
        path, embed_session = request.url.path, self.host.embed_session(request)
        if embed_session is not None:
            return Frame(path, is_within=True, scripts=embed_session.scripts)
        return await self.host.frame(person.id, path, language(person.locale))

    async def _enter(self, answer: Answer, request: Request) -> Response:
        person = await self.host.signed_in(request)
        if person is None:
            return self._show_the_way(request)
        try:
            return await answer(request, person)
        except NotNow:
            # What was typed is given back, by the same page as for everything that is tried again.
            raise
        except WorkbotError as error:
            return await self._refused(request, person, error)

    async def _refused(self, request: Request, person: Person, error: WorkbotError) -> Response:
        lang = language(person.locale)
        titles = {
            NotAllowed: (HTTPStatus.FORBIDDEN, lang("This page is not yours to see")),
            Gone: (HTTPStatus.NOT_FOUND, lang("There is nothing here")),
        }
        status, title = titles.get(type(error), (HTTPStatus.BAD_REQUEST, lang("That did not work")))
        message = lang(error.message, **error.values)
        frame = await self.frame(request, person)
        return PAGES.page("refused.html", lang, status=status, frame=frame, title=title, message=message)

    def _show_the_way(self, request: Request) -> Response:
        """The way in, and from there back to the page that was wanted."""
        if (embed_session := self.host.embed_session(request)) is not None:
            return RedirectResponse(embed_session.sign_in_url, HTTPStatus.SEE_OTHER)
        wanted = request.url.path if request.method == "GET" and request.url.path != "/chat/live" else "/chat"
        address = f"/signin?next={quote(wanted, safe='')}"
        if "HX-Request" in request.headers:
            return Response(headers={"HX-Redirect": address})
        return RedirectResponse(address, HTTPStatus.SEE_OTHER)
