"""Microsoft's SDK, taken in without what it does by itself.

When it is imported it loads `.env` from the working directory into the environment, and warns of previews of its own.
All else of ours imports it from here.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

DISABLED = "PYTHON_DOTENV_DISABLED"


@contextmanager
def _undisturbed() -> Iterator[None]:
    before = os.environ.get(DISABLED)
    os.environ[DISABLED] = "1"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if before is None:
            del os.environ[DISABLED]
        else:
            os.environ[DISABLED] = before


with _undisturbed():
    from microsoft_teams.api import InvokeResponse
    from microsoft_teams.api.auth import cloud_environment
    from microsoft_teams.api.auth.cloud_environment import CloudEnvironment
    from microsoft_teams.apps import App
    from microsoft_teams.apps.auth.token_validator import JWT_LEEWAY_SECONDS, TokenValidator
    from microsoft_teams.apps.events import CoreActivity
    from microsoft_teams.apps.http.adapter import HttpMethod, HttpRequest, HttpResponse, HttpRouteHandler
    from microsoft_teams.botbuilder import BotBuilderAdapter

__all__ = [
    "JWT_LEEWAY_SECONDS",
    "App",
    "BotBuilderAdapter",
    "CloudEnvironment",
    "CoreActivity",
    "HttpMethod",
    "HttpRequest",
    "HttpResponse",
    "HttpRouteHandler",
    "InvokeResponse",
    "TokenValidator",
    "cloud_environment",
]
