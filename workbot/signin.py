"""Signing in to the web pages: a one-use link by e-mail, then a session in a cookie.

Of links and sessions only hashes are stored. A mail scanner that opens a link uses nothing up:
only pressing the button on its page does.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

import structlog
from babel import negotiate_locale
from sqlalchemy import bindparam, delete, func, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, Session, col, select
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from workbot.clock import Clock
from workbot.db import Database, Row, UtcDateTime
from workbot.errors import DeliveryError
from workbot.i18n import LOCALES, Language, language
from workbot.pages import HERE, Frame, Pages
from workbot.people import Person, by_email, welcome_home
from workbot.platforms import Letter, Mailer
from workbot.settings import Settings

SESSION_COOKIE = "workbot_session"
LANGUAGE_COOKIE = "workbot_language"
START = "/chat"
LINK_LIVES = timedelta(minutes=15)
LINKS_PER_HOUR = 5
# A letter is kept nowhere: for so long it waits for its turn, and is tried again when we were too fast, after pauses.
PATIENCE_SECONDS = 60.0
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
# A session ends after two weeks without a visit, and after three months in any case.
IDLE = timedelta(days=14)
LONGEST = timedelta(days=90)
LONGEST_SECONDS = int(LONGEST.total_seconds())
SEEN_EVERY = timedelta(hours=1)

PAGES = Pages(HERE / "templates")

log = structlog.get_logger(__name__)


class SignInLink(Row, table=True):
    """A link that was made for a person, by the hash of its token."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WebSession(Row, table=True):
    """A browser in which a person is signed in, by the hash of its cookie."""

    __tablename__ = "web_session"

    token_hash: str = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


# Built once, since it is asked for every request.
LIVE = (
    select(WebSession, Person)
    .join(Person)
    .where(
        WebSession.token_hash == bindparam("token"),
        WebSession.expires_at > bindparam("now", type_=UtcDateTime()),
        col(Person.active),
    )
)


class SignIn:
    """The pages of signing in and out, and who a request belongs to."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.mailer: Mailer | None = None

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/signin", self._show, methods=["GET"]),
            Route("/signin", self._send, methods=["POST"]),
            Route("/signin/{token}", self._show_link, methods=["GET"]),
            Route("/signin/{token}", self._enter, methods=["POST"]),
            Route("/signout", self._leave, methods=["POST"]),
            Route("/language", self._choose_language, methods=["POST"]),
        ]

    async def person_of(self, request: Request) -> Person | None:
        """The person signed in in this browser, if they still belong to us."""
        token = request.cookies.get(self.cookie)
        if not token:
            return None
        now = self.clock.now()
        found = await self.database.read(partial(_live_session, token=token, now=now))
        if found is None:
            return None
        session, person = found
        if now - session.seen_at > SEEN_EVERY:
            await self._note_visit(token, now)
        return person

    async def _note_visit(self, token: str, now: datetime) -> None:
        try:
            await self.database.run(partial(_see, token=token, now=now))
        except SQLAlchemyError as error:
            # A database that cannot be written to keeps nobody from reading.
            log.warning("signin.visit_not_noted", error=type(error).__name__)

    async def open_session(self, person_id: UUID) -> str:
        """Sign a person in; the token is for `set_cookie`."""
        return await self.database.run(partial(_open, person_id=person_id, now=self.clock.now()))

    def set_cookie(self, response: Response, token: str) -> None:
        """Give the browser its session: out of reach of scripts and of other sites' forms."""
        response.set_cookie(
            self.cookie,
            token,
            max_age=LONGEST_SECONDS,
            httponly=True,
            samesite="lax",
            secure=self._is_secure,
        )

    def make_link(self, session: Session, person: Person, now: datetime, *, onward: str = "") -> str:
        """A link that signs a person in once, within a quarter of an hour."""
        token = secrets.token_urlsafe(32)
        old = (col(SignInLink.person_id) == person.id, col(SignInLink.made_at) < now - timedelta(days=1))
        session.execute(delete(SignInLink).where(*old))
        session.add(SignInLink(token_hash=hashed(token), person_id=person.id, made_at=now, expires_at=now + LINK_LIVES))
        query = f"?{urlencode({'next': onward})}" if onward not in ("", START) else ""
        return f"{self.settings.url}/signin/{token}{query}"

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
        posting = BackgroundTask(self._post_link, self.mailer, email, onward)
        query = urlencode({"sent": "1", "next": onward})
        return RedirectResponse(f"/signin?{query}", HTTPStatus.SEE_OTHER, background=posting)

    async def _post_link(self, mailer: Mailer, email: str, onward: str) -> None:
        letter = await self.database.run(partial(self._letter, email=email, onward=onward))
        if letter is None:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await _post(mailer, letter)
        except TimeoutError:
            log.warning("signin.letter_took_too_long")

    def _letter(self, session: Session, *, email: str, onward: str) -> Letter | None:
        person, now = by_email(session, email), self.clock.now()
        if person is None:
            return None
        # Held, so that many who ask at the same moment are counted one after the other.
        session.get(Person, person.id, with_for_update=True)
        if _links_made(session, person, since=now - timedelta(hours=1)) >= LINKS_PER_HOUR:
            return None
        lang = language(person.locale)
        link = self.make_link(session, person, now, onward=onward)
        return Letter(person.email, lang("Your link to sign in to workbot"), letter_text(lang, person, link))

    async def _show_link(self, request: Request) -> Response:
        token = request.path_params["token"]
        person = await self.database.read(partial(_invited, token=token, now=self.clock.now()))
        onward = own_path(request.query_params.get("next", ""))
        status = HTTPStatus.OK if person else HTTPStatus.GONE
        return self._page(request, "signin_link.html", status=status, person=person, onward=onward)

    async def _enter(self, request: Request) -> Response:
        # Read first: a form that cannot be read must not use the link up.
        form = await request.form(max_files=0)
        earlier, now = request.cookies.get(self.cookie, ""), self.clock.now()
        work = partial(_use_link, token=request.path_params["token"], earlier=earlier, now=now)
        token = await self.database.run(work)
        if token is None:
            return self._page(request, "signin_link.html", status=HTTPStatus.GONE, person=None, onward="")
        response = _go(own_path(str(form.get("next", ""))))
        self.set_cookie(response, token)
        return response

    async def _leave(self, request: Request) -> Response:
        await self.database.run(partial(_close, token=request.cookies.get(self.cookie, "")))
        response = _go("/signin")
        response.delete_cookie(self.cookie, httponly=True, samesite="lax", secure=self._is_secure)
        return response

    async def _choose_language(self, request: Request) -> Response:
        form = await request.form(max_files=0)
        locale, onward = language(str(form.get("locale", ""))).locale, own_path(str(form.get("next", "")))
        person = await self.person_of(request)
        if person is not None:
            await self.database.run(partial(_speak, person_id=person.id, locale=locale))
        response = _go(onward)
        response.set_cookie(LANGUAGE_COOKIE, locale, max_age=LONGEST_SECONDS, samesite="lax", secure=self._is_secure)
        return response

    @property
    def cookie(self) -> str:
        """The name of the session's cookie: with https one that no neighbouring site can set for us."""
        return f"__Host-{SESSION_COOKIE}" if self._is_secure else SESSION_COOKIE

    @property
    def _is_secure(self) -> bool:
        return self.settings.url.startswith("https:")

    def _page(self, request: Request, template: str, *, status: int = HTTPStatus.OK, **values: object) -> Response:
        person = values.get("person")
        lang = language(person.locale) if isinstance(person, Person) else visitor_language(request, self.settings)
        # The address of a link holds its token, so the frame is told where it leads instead.
        return PAGES.page(template, lang, status=status, frame=Frame("/signin"), **values)


def visitor_language(request: Request, settings: Settings) -> Language:
    """The language of someone signed out: their choice, else their browser's, else the house's."""
    if chosen := request.cookies.get(LANGUAGE_COOKIE):
        return language(chosen)
    wanted = [tag.partition(";")[0].strip() for tag in request.headers.get("accept-language", "").split(",")]
    return language(negotiate_locale(wanted, LOCALES, sep="-") or settings.locale)


def letter_text(lang: Language, person: Person, link: str) -> str:
    return lang(
        "Hello {name},\n\nopen this link and press the button to sign in:\n\n{link}\n\n"
        "It works once, for {minutes} minutes. If you did not ask for it, ignore this letter: "
        "nobody can sign in without it.",
        name=person.first_name,
        link=link,
        minutes=int(LINK_LIVES.total_seconds() // 60),
    )


def own_path(wanted: str) -> str:
    """Where to go next, if it is a page of ours and not another site's."""
    foreign = not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or not wanted.isprintable()
    return START if foreign else wanted


def hashed(token: str) -> str:
    # Tokens are 256 random bits: a plain hash cannot be searched, and needs no salt.
    return hashlib.sha256(token.encode()).hexdigest()


async def _post(mailer: Mailer, letter: Letter) -> None:
    """Send a letter now, or after some pauses where we were too fast; what is refused otherwise is logged."""
    for pause in (*PAUSES, None):
        try:
            return await mailer.post(letter)
        except DeliveryError as error:
            log.warning("signin.letter_refused", reason=error.reason)
            if pause is None or not error.throttled:
                return None
        await asyncio.sleep(pause)
    return None


def _go(path: str) -> Response:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def _live_session(session: Session, *, token: str, now: datetime) -> tuple[WebSession, Person] | None:
    return session.exec(LIVE, params={"token": hashed(token), "now": now}).first()


def _see(session: Session, *, token: str, now: datetime) -> None:
    found = _live_session(session, token=token, now=now)
    if found is not None:
        seen, _person = found
        seen.seen_at, seen.expires_at = now, min(now + IDLE, seen.created_at + LONGEST)


def _open(session: Session, *, person_id: UUID, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.execute(delete(WebSession).where(col(WebSession.person_id) == person_id, col(WebSession.expires_at) <= now))
    session.add(
        WebSession(token_hash=hashed(token), person_id=person_id, created_at=now, seen_at=now, expires_at=now + IDLE)
    )
    return token


def _close(session: Session, *, token: str) -> None:
    session.execute(delete(WebSession).where(col(WebSession.token_hash) == hashed(token)))


def _invited(session: Session, *, token: str, now: datetime) -> Person | None:
    """Whom a link would sign in now."""
    return session.exec(
        select(Person)
        .join(SignInLink)
        .where(
            SignInLink.token_hash == hashed(token),
            col(SignInLink.used_at).is_(None),
            SignInLink.expires_at > now,
            col(Person.active),
        )
    ).first()


def _use_link(session: Session, *, token: str, earlier: str, now: datetime) -> str | None:
    """Use a link up and open a session in place of the browser's earlier one; None when it cannot be."""
    link = col(SignInLink.token_hash) == hashed(token)
    usable = (link, col(SignInLink.used_at).is_(None), col(SignInLink.expires_at) > now)
    used = update(SignInLink).where(*usable).values(used_at=now).returning(col(SignInLink.person_id))
    person_id = session.execute(used).scalar_one_or_none()
    person = session.get(Person, person_id) if person_id else None
    if person is None or not person.active:
        return None
    welcome_home(session, person)
    _close(session, token=earlier)
    return _open(session, person_id=person.id, now=now)


def _links_made(session: Session, person: Person, *, since: datetime) -> int:
    made = select(func.count()).where(SignInLink.person_id == person.id, SignInLink.made_at > since)
    return session.exec(made).one()


def _speak(session: Session, *, person_id: UUID, locale: str) -> None:
    session.get_one(Person, person_id).locale = locale
