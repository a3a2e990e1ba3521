"""Signing in to the web pages: a one-use link by e-mail, then a session in a cookie.

Of links and sessions only hashes are stored. A mail scanner that opens a link uses nothing up:
only pressing the button on its page does.
"""

from workbot.web.signin.links import LINK_LIVES
from workbot.web.signin.models import SignInAsk, SignInLink, WebSession
from workbot.web.signin.pages import SignIn, own_path
from workbot.web.signin.sessions import SESSION_COOKIE

__all__ = [
    "LINK_LIVES",
    "SESSION_COOKIE",
    "SignIn",
    "SignInAsk",
    "SignInLink",
    "WebSession",
    "own_path",
]
