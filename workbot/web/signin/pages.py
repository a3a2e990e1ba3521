"""The pages of signing in and out, and who a request belongs to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from workbot import plugins
from workbot.clock import Clock
from workbot.errors import DatabaseAway
from workbot.i18n import Language, language
from workbot.people import Person, ensure_web_account
from workbot.platforms import Mailer
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.web.clients import address_of, visitor_language
from workbot.web.pages import HERE, Frame, Pages
from workbot.web.signin import links, sessions
from workbot.web.signin.asking import LINK_MINUTES, START, Asking, link_to
from workbot.web.signin.cookies import Cookies
from workbot.web.signin.models import WebSession
from workbot.web.signin.sessions import SEEN_EVERY, Whence, browser_name

SESSIONS = "/sessions"
# Says in an address that a form was sent before, with a cookie to bring along.
TRIED = "tried"

PAGES = Pages(HERE / "templates", minutes=LINK_MINUTES)

log = structlog.get_logger(__name__)

# What surrounds a page of somebody who is signed in.
Framing = Callable[[UUID | None, str, Language], Awaitable[Frame]]


class SignIn:
    """Lets people in by a link, and knows whom a browser belongs to."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.mailer: Mailer | None = None
        self.framing: Framing | None = None
        self.asking = Asking(settings, database, clock)
        self.cookies = Cookies(settings)

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/signin", self._show, methods=["GET"]),
            Route("/signin", self._send, methods=["POST"]),
            Route("/signin/{token}", self._show_link, methods=["GET"]),
            Route("/signin/{token}", self._enter, methods=["POST"]),
            Route("/signout", self._leave, methods=["POST"]),
            Route(SESSIONS, self._show_sessions, methods=["GET"]),
            Route(SESSIONS, self._end_sessions, methods=["POST"]),
            Route("/language", self._choose_language, methods=["POST"]),
        ]

    async def person_of(self, request: Request) -> Person | None:
        """The person signed in in this browser, if they still belong to us."""
        found = await self._live(request)
        return found[1] if found else None

    async def open_session(self, person_id: UUID) -> str:
        """Sign a person in; the token is for `set_cookie`."""
        return await self.database.run(partial(_open, person_id=person_id, now=self.clock.now()))

    def set_cookie(self, response: Response, token: str) -> None:
        """Give the browser its session: out of reach of scripts and of other sites' forms."""
        self.cookies.give_session(response, token)

    def make_link(self, session: Session, person: Person, now: datetime, *, onward: str = "") -> str:
        """A link that signs a person in once, within ten minutes."""
        return link_to(self.settings, links.make(session, person, now), onward)

    @property
    def cookie(self) -> str:
        """The name of the session's cookie."""
        return self.cookies.session

    # Asking for a link

    async def _show(self, request: Request) -> Response:
        onward = own_path(request.query_params.get("next", ""))
        if await self.person_of(request) is not None:
            return _go(onward)
        sent = "sent" in request.query_params
        return self._page(request, "signin.html", onward=onward, sent=sent, can_send=self.mailer is not None)

    async def _send(self, request: Request) -> Response:
        """Answer the same, and as fast, whether the address is known or not: the work comes after."""
        if self.mailer is None:
            return _go("/signin")
        form = await request.form(max_files=0)
        onward = own_path(str(form.get("next", "")))
        email = str(form.get("email", ""))
        client = address_of(request, self.settings.proxies)
        await self.asking.count(client)
        posting = BackgroundTask(self.asking.post_link, self.mailer, email, onward, client)
        query = urlencode({"sent": "1", "next": onward})
        return RedirectResponse(f"/signin?{query}", HTTPStatus.SEE_OTHER, background=posting)

    # Using one

    async def _show_link(self, request: Request) -> Response:
        token = request.path_params["token"]
        person = await self.database.read(partial(links.invited, token=token, now=self.clock.now()))
        onward = own_path(request.query_params.get("next", ""))
        status = HTTPStatus.OK if person else HTTPStatus.GONE
        response = self._page(request, "signin_link.html", status=status, person=person, onward=onward)
        self.cookies.probe(response)
        return response

    async def _enter(self, request: Request) -> Response:
        # Read first: a form that cannot be read must not use the link up, nor does a browser that keeps no cookies.
        form = await request.form(max_files=0)
        onward = own_path(str(form.get("next", "")))
        if not self.cookies.are_kept(request):
            return await self._try_cookies(request, onward)
        work = partial(
            _use_link,
            token=request.path_params["token"],
            earlier=self.cookies.token(request),
            whence=self._whence(request),
            now=self.clock.now(),
        )
        entered = await self.database.run(work)
        if entered is None:
            return self._page(request, "signin_link.html", status=HTTPStatus.GONE, person=None, onward="")
        token, locale = entered
        response = _go(onward)
        self.set_cookie(response, token)
        self.cookies.speak(response, locale)
        return response

    async def _try_cookies(self, request: Request, onward: str) -> Response:
        """Have the browser send the form again, with the cookie that it is given; if it comes without, say so."""
        token, path = request.path_params["token"], request.url.path
        if TRIED not in request.query_params:
            response: Response = RedirectResponse(f"{path}?{TRIED}=1", HTTPStatus.TEMPORARY_REDIRECT)
            self.cookies.probe(response)
            return response
        person = await self.database.read(partial(links.invited, token=token, now=self.clock.now()))
        if person is None:
            return self._page(request, "signin_link.html", status=HTTPStatus.GONE, person=None, onward="")
        # Where the browser says how the page was opened: a cookie for https is not kept from without.
        is_plain = self.settings.is_secure and request.headers.get("origin", "").startswith("http:")
        secure_url = link_to(self.settings, token, onward) if is_plain else ""
        status = HTTPStatus.BAD_REQUEST
        response = self._page(
            request, "no_cookies.html", status=status, person=person, onward=onward, secure_url=secure_url, to=path
        )
        self.cookies.probe(response)
        return response

    # Being signed in

    async def _show_sessions(self, request: Request) -> Response:
        found = await self._live(request)
        if found is None:
            return _go(f"/signin?{urlencode({'next': SESSIONS})}")
        here, person = found
        every = await self.database.read(partial(sessions.of, person_id=person.id, now=self.clock.now()))
        lang = language(person.locale)
        frame = await self.framing(person.id, SESSIONS, lang) if self.framing else Frame(SESSIONS, person.name)
        programs = [plugins.label(name, lang) for name, plugin in plugins.installed().items() if plugin.embeds_pages]
        return PAGES.page(
            "sessions.html",
            lang,
            frame=frame,
            sessions=every,
            here=here.id,
            zone=person.timezone,
            programs=programs,
            to=SESSIONS,
        )

    async def _end_sessions(self, request: Request) -> Response:
        """End one session, or all of them."""
        form, found = await request.form(max_files=0), await self._live(request)
        if found is None:
            return _go(f"/signin?{urlencode({'next': SESSIONS})}")
        here, person = found
        chosen = str(form.get("session", ""))
        if chosen == "all":
            await self.database.run(partial(sessions.end_all, person_id=person.id))
        elif (key := _uuid(chosen)) is not None:
            await self.database.run(partial(sessions.end_one, person_id=person.id, key=key))
        if chosen not in ("all", str(here.id)):
            return _go(SESSIONS)
        return self._signed_out()

    async def _leave(self, request: Request) -> Response:
        await self.database.run(partial(sessions.end, token=self.cookies.token(request)))
        return self._signed_out()

    def _signed_out(self) -> Response:
        response = _go("/signin")
        self.cookies.end_session(response)
        return response

    async def _choose_language(self, request: Request) -> Response:
        form = await request.form(max_files=0)
        locale, onward = language(str(form.get("locale", ""))).locale, own_path(str(form.get("next", "")))
        if not request.cookies:
            return self._try_language(request, locale, onward)
        person = await self.person_of(request)
        if person is not None:
            await self.database.run(partial(_speak, person_id=person.id, locale=locale))
        response = _go(onward)
        self.cookies.speak(response, locale)
        return response

    def _try_language(self, request: Request, locale: str, onward: str) -> Response:
        """Have the browser send its choice again, with the cookie that keeps it; if it comes without, say so."""
        if TRIED in request.query_params:
            lang, frame, status = language(locale), Frame(onward), HTTPStatus.BAD_REQUEST
            return PAGES.page("no_cookies.html", lang, status=status, frame=frame, locale=locale, onward=onward)
        response = RedirectResponse(f"/language?{TRIED}=1", HTTPStatus.TEMPORARY_REDIRECT)
        self.cookies.speak(response, locale)
        return response

    async def _live(self, request: Request) -> tuple[WebSession, Person] | None:
        token, now = self.cookies.token(request), self.clock.now()
        found = await self.database.read(partial(sessions.live, token=token, now=now)) if token else None
        if found is not None and now - found[0].seen_at > SEEN_EVERY:
            await self._note_visit(token, now)
        return found

    async def _note_visit(self, token: str, now: datetime) -> None:
        try:
            await self.database.run(partial(sessions.see, token=token, now=now))
        except (DatabaseAway, SQLAlchemyError) as error:
            # A database that cannot be written to keeps nobody from reading.
            log.warning("signin.visit_not_noted", error=type(error).__name__)

    def _whence(self, request: Request) -> Whence:
        agent = request.headers.get("user-agent", "")
        return Whence(browser_name(agent), address_of(request, self.settings.proxies))

    def _page(self, request: Request, template: str, *, status: int = HTTPStatus.OK, **values: object) -> Response:
        person = values.get("person")
        lang = language(person.locale) if isinstance(person, Person) else visitor_language(request, self.settings)
        # The address of a link holds its token, so the frame is told where it leads instead.
        return PAGES.page(template, lang, status=status, frame=Frame("/signin"), **values)


def own_path(wanted: str) -> str:
    """Where to go next, if it is a page of ours and not another site's."""
    foreign = not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or not wanted.isprintable()
    return START if foreign else wanted


def _go(path: str) -> Response:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


def _open(session: Session, *, person_id: UUID, now: datetime) -> str:
    return sessions.begin(session, session.get_one(Person, person_id), Whence(), now=now)


def _use_link(session: Session, *, token: str, earlier: str, whence: Whence, now: datetime) -> tuple[str, str] | None:
    """Use a link up and open a session in place of the browser's earlier one; None when it cannot be."""
    person = links.use(session, token, now)
    if person is None:
        return None
    ensure_web_account(session, person)
    sessions.end(session, token=earlier)
    return sessions.begin(session, person, whence, now=now), person.locale


def _speak(session: Session, *, person_id: UUID, locale: str) -> None:
    session.get_one(Person, person_id).locale = locale
