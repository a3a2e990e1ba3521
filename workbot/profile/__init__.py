"""Finding one's way, one's own settings, and which accounts are one's own."""

from workbot.profile import claims, handlers
from workbot.profile.claims import ask_owner
from workbot.profile.helping import help_about
from workbot.router import Router

ROUTER = Router()
ROUTER.include(handlers.ROUTER)
ROUTER.include(claims.ROUTER)

__all__ = ["ROUTER", "ask_owner", "help_about"]
