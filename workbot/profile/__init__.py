"""Finding one's way, and one's own settings."""

from workbot.profile.handlers import ROUTER
from workbot.profile.helping import help_about

__all__ = ["ROUTER", "help_about"]
