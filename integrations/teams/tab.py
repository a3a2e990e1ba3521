"""The personal tab: a person's own page of the web chat, in a window of Teams, signed in by Teams.

The tab's page asks Teams for a token of whoever looks at it and gives it to us
(https://learn.microsoft.com/microsoftteams/platform/tabs/how-to/authentication/tab-sso-overview). What it gets for it
is a session of its own, good for half a working day and for that one page. Since the browser sends the session along
from within another site's window, it counts only for what our own pages ask for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jwt
import structlog
from itsdangerous import BadSignature
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.teams.clouds import Cloud, origin
from integrations.teams.manifest import audience
from integrations.teams.names import NAME, TAB
from integrations.teams.settings import TeamsSettings
from integrations.teams.tokens import ODD, Callers
from workbot.i18n import language
from workbot.people import person_of
from workbot.platforms import EmbedSession, Host
from workbot.seals import serializer
from workbot.turns import Sender
from workbot.web.pages import Frame, Pages

ENTER = f"{TAB}/enter"
# What the tab shows in the end.
OWN_PAGE = "/chat/mine"
SCRIPTS = ("teams.min.js", "teams.js")
COOKIE = "workbot_tab"
LIVES = timedelta(hours=4)
# The cookie outlives its session, to tell that a window was Teams': there one begins anew without a link by e-mail.
REMEMBERED_SECONDS = int(timedelta(days=30).total_seconds())
READING = ("GET", "HEAD")

PAGES = Pages(Path(__file__).parent / "templates")

log = structlog.get_logger(__name__)


class Tab:
    """The page with which a tab begins, and whose a window of Teams is."""

    def __init__(self, host: Host, settings: TeamsSettings, cloud: Cloud, callers: Callers) -> None:
        self.host = host
        self.settings = settings
        self.frame_ancestors = cloud.frames
        self.callers = callers
        self.seal = serializer(host.settings.secrets, "teams.tab")

    def routes(self) -> Sequence[BaseRoute]:
        return [Route(TAB, self._show, methods=["GET"]), Route(ENTER, self._enter, methods=["POST"])]

    def embeds(self, path: str) -> bool:
        return path == TAB or f"{path}/".startswith(f"{OWN_PAGE}/")

    def embed_session(self, request: Request) -> EmbedSession | None:
        """A window of Teams is known by its cookie, and its account by what is sealed in that."""
        sealed = request.cookies.get(self._cookie)
        if not sealed:
            return None
        opened = self._opened(sealed) if is_own(request, origin(self.host.settings.url)) else None
        sender, generation = opened or (None, 0)
        return EmbedSession(sender, TAB, SCRIPTS, generation)

    async def _show(self, request: Request) -> Response:
        # Teams puts its language into the address, as the app package asks it to.
        lang = language(request.query_params.get("locale") or self.host.settings.locale)
        frame = Frame(TAB, is_within=True, scripts=SCRIPTS)
        return PAGES.page("tab.html", lang, frame=frame, enter=ENTER, onward=OWN_PAGE)

    async def _enter(self, request: Request) -> Response:
        """Give a session for a token of somebody whom we know."""
        sender = await self._vouched_for(request.headers.get("authorization", ""))
        if sender is None:
            return _refused(HTTPStatus.UNAUTHORIZED, "This is no token that Teams gave for this app.")
        person = await self.host.database.read(partial(person_of, sender=sender))
        if person is None:
            log.info("teams.tab_of_stranger", tenant=sender.tenant)
            return _refused(HTTPStatus.FORBIDDEN, "This account is not in our list of people.")
        response = Response(status_code=HTTPStatus.NO_CONTENT)
        self._let_in(response, sender, person.session_generation)
        return response

    async def _vouched_for(self, authorization: str) -> Sender | None:
        """The account that a token was given to, if Entra gave it in a tenant of ours and for our tab."""
        tenant = named_tenant(authorization)
        if tenant not in self.settings.allowed:
            return None
        wanted = audience(self.host.settings.url, self.settings.client_id)
        claims = await self.callers.person(authorization, tenant, wanted)
        user = claims.get("oid") if claims else None
        return Sender(NAME, user.lower(), tenant) if isinstance(user, str) and user else None

    def _let_in(self, response: Response, sender: Sender, generation: int) -> None:
        until = self.host.clock.now() + LIVES
        sealed = self.seal.dumps([sender.tenant, sender.user, until.isoformat(), generation])
        # In a window within another site only such a cookie is kept (https://developer.mozilla.org/docs/Web/Privacy/
        # Guides/Privacy_sandbox/Partitioned_cookies); Python's own maker of cookies knows `Partitioned` from 3.14 on.
        kept = "Secure; SameSite=None; Partitioned" if self._is_secure else "SameSite=Lax"
        cookie = f"{self._cookie}={sealed!s}; Path=/; Max-Age={REMEMBERED_SECONDS}; HttpOnly; {kept}"
        response.headers.append("Set-Cookie", cookie)

    def _opened(self, sealed: str) -> tuple[Sender, int] | None:
        """The account of a session that has not ended, and the generation of its person's sessions."""
        try:
            tenant, user, until, generation = self.seal.loads(sealed)
            is_over = datetime.fromisoformat(until) <= self.host.clock.now()
        except (BadSignature, ValueError, TypeError):
            return None
        return None if is_over or tenant not in self.settings.allowed else (Sender(NAME, user, tenant), generation)

    @property
    def _cookie(self) -> str:
        return f"__Host-{COOKIE}" if self._is_secure else COOKIE

    @property
    def _is_secure(self) -> bool:
        return self.host.settings.url.startswith("https:")


def is_own(request: Request, own: str) -> bool:
    """Whether a request was made by a page of ours (at the origin `own`), or in a window of its own by a person.

    The tab's cookie goes along with whatever a browser is made to ask for, so that a request has to show where it
    comes from: without `Sec-Fetch-Site`, which all browsers send since 2023, one that changes something is taken only
    with our own `Origin`.
    """
    site, is_reading = request.headers.get("sec-fetch-site"), request.method in READING
    if site is not None:
        return site == "same-origin" or (site == "none" and is_reading)
    return is_reading or request.headers.get("origin") == own


def named_tenant(authorization: str) -> str:
    """The tenant that a token names, before anything of it is believed."""
    try:
        claims: Mapping[str, Any] = jwt.decode(authorization.partition(" ")[2], options={"verify_signature": False})
        return str(claims.get("tid", "")).lower()
    except ODD:
        return ""


def _refused(status: HTTPStatus, words: str) -> Response:
    return JSONResponse({"error": words}, status)
