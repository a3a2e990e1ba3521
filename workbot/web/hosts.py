"""Under which names we may be called: a page of another site that leads a name of its own to us gets nothing."""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from workbot.settings import Settings
from workbot.web.clients import host_name, host_of, is_loopback
from workbot.web.guards import Refuse

# Probes ask for it by whatever address they found us at, and learn nothing.
OPEN_PATHS = ("/healthz",)

log = structlog.get_logger(__name__)


class Hosts:
    """Let through what is meant for us: by the base URL's host, one that the settings add, or on this machine."""

    def __init__(self, app: ASGIApp, settings: Settings, refuse: Refuse) -> None:
        self.app = app
        self.refuse = refuse
        self.known = {urlsplit(settings.url).hostname or "", *map(host_name, settings.hosts)}
        self.is_on_loopback = is_loopback(settings.host)
        # Nobody has said what we are called yet; an address cannot be made to lead elsewhere.
        self.takes_addresses = not settings.base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        host = host_of(request.headers)
        if host and self._is_ours(host):
            await self.app(scope, receive, send)
            return
        log.warning("web.unknown_host", host=host[:100])
        response = await self.refuse(request, HTTPStatus.MISDIRECTED_REQUEST)
        await response(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        if host in self.known or (self.is_on_loopback and is_loopback(host)):
            return True
        return self.takes_addresses and _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
