"""Cookies: how those of a session are named and kept, and whether a browser keeps any."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from workbot.settings import Settings
from workbot.web.clients import LANGUAGE_COOKIE
from workbot.web.signin.sessions import LONGEST, SESSION_COOKIE

LONGEST_SECONDS = int(LONGEST.total_seconds())
# Given before a link is used up, to see whether the browser gives back what it is given.
PROBE = "workbot_cookies"
PROBE_SECONDS = 3600


class Cookies:
    """Gives cookies and finds them again."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def session(self) -> str:
        """The name of the session's cookie."""
        return self._named(SESSION_COOKIE)

    def token(self, request: Request) -> str:
        """What a browser shows of its session."""
        return request.cookies.get(self.session, "")

    def give_session(self, response: Response, token: str) -> None:
        """Out of reach of scripts and of other sites' forms."""
        self._give(response, SESSION_COOKIE, token, LONGEST_SECONDS)

    def end_session(self, response: Response) -> None:
        response.delete_cookie(self.session, httponly=True, samesite="lax", secure=self.settings.is_secure)

    def probe(self, response: Response) -> None:
        """Give what every browser gives back that will keep a session."""
        self._give(response, PROBE, "1", PROBE_SECONDS)

    def are_kept(self, request: Request) -> bool:
        return self._named(PROBE) in request.cookies

    def speak(self, response: Response, locale: str) -> None:
        """Have pages know the language of somebody who is signed out, or cannot be looked up."""
        secure = self.settings.is_secure
        response.set_cookie(LANGUAGE_COOKIE, locale, max_age=LONGEST_SECONDS, samesite="lax", secure=secure)

    def _named(self, name: str) -> str:
        """A cookie's name: with https one that no neighbouring site can set for us."""
        return f"__Host-{name}" if self.settings.is_secure else name

    def _give(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            self._named(name), value, max_age=seconds, httponly=True, samesite="lax", secure=self.settings.is_secure
        )
