"""What the application asks of the app."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Protocol
from uuid import UUID

from prometheus_client import Metric
from starlette.requests import Request

from workbot.clock import Clock
from workbot.i18n import Language
from workbot.people import Person
from workbot.platforms import EmbedSession, Platform
from workbot.readiness import Readiness
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.web.pages import Frame


class Served(Protocol):
    """An app that can be served."""

    settings: Settings
    database: Database
    clock: Clock
    readiness: Readiness
    platforms: dict[str, Platform]

    def running(self) -> AbstractAsyncContextManager[None]: ...

    async def metrics(self) -> Iterable[Metric]: ...

    def frame_ancestors(self, path: str) -> str: ...

    async def signed_in(self, request: Request) -> Person | None: ...

    async def frame(self, person_id: UUID | None, path: str, lang: Language) -> Frame: ...

    def embed_session(self, request: Request) -> EmbedSession | None: ...
