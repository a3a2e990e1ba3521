"""The one web application: health, metrics, static files, and a careful frame around every page."""

from starlette.routing import BaseRoute

from workbot.web.application import application, watch
from workbot.web.guards import LARGEST_BODY, Careful

__all__ = ["LARGEST_BODY", "BaseRoute", "Careful", "application", "watch"]
