"""What those who watch over an app ask for: whether it is up, whether it can work and why not, and figures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from http import HTTPStatus

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from workbot.errors import DatabaseAway
from workbot.tokens import METRICS, Bearers
from workbot.web.clients import is_local
from workbot.web.served import Served

log = structlog.get_logger(__name__)


class Health:
    """The addresses of those who watch. Reasons and figures are for this machine, or for a token of that scope."""

    def __init__(self, app: Served) -> None:
        self.app = app
        self.bearers = Bearers(app.database, app.clock)

    def routes(self) -> Sequence[BaseRoute]:
        return [Route("/healthz", healthz), Route("/readyz", self.readyz), Route("/metrics", self.metrics)]

    async def readyz(self, request: Request) -> Response:
        """Whether work can be taken: the database reachable and migrated, every platform usable."""
        reasons = [reason async for reason in obstacles(self.app)]
        told: dict[str, object] = {"ready": not reasons}
        if await self._may_look(request):
            told["reasons"] = reasons
            if warnings := self.app.readiness.warnings():
                told["warnings"] = warnings
        return JSONResponse(told, status_code=503 if reasons else 200, headers={"Cache-Control": "no-store"})

    async def metrics(self, request: Request) -> Response:
        """What this process counted, and what all of them share; without the database, only the former."""
        if not await self._may_look(request):
            words = "Figures are for this machine, or for a token of the scope `metrics`: see `workbot token --help`.\n"
            return PlainTextResponse(words, HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
        told = generate_latest()
        try:
            told += generate_latest(Told.registry(await self.app.metrics()))
        except Exception as error:  # noqa: BLE001  # whatever the driver raises, what was counted here is still told
            log.warning("metrics.database", error=repr(error))
        return Response(told, media_type=CONTENT_TYPE_LATEST)

    async def _may_look(self, request: Request) -> bool:
        return is_local(request) or await self.bearers.may(request, METRICS)


async def healthz(request: Request) -> Response:
    """The process is up."""
    return PlainTextResponse("ok")


async def obstacles(app: Served) -> AsyncIterator[str]:
    """What stands in the way of taking work, in plain words."""
    async for reason in app.readiness.obstacles():
        yield reason
    for platform in app.platforms.values():
        # One that asks the database hears what was said of it above.
        with suppress(DatabaseAway):
            if reason := await platform.check():
                yield f"{platform.name}: {reason}"


class Told(Collector):
    """Figures that were read from elsewhere, for the exporter."""

    def __init__(self, figures: Iterable[Metric]) -> None:
        self.figures = figures

    def collect(self) -> Iterable[Metric]:
        return self.figures

    @classmethod
    def registry(cls, figures: Iterable[Metric]) -> CollectorRegistry:
        registry = CollectorRegistry()
        registry.register(cls(figures))
        return registry
