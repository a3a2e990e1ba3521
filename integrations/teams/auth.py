"""The one address that Teams calls: who calls is asked first, and nothing that is not Teams' comes further.

It is the SDK's HTTP server adapter (`HttpServerAdapter`), so that what lies behind sees plain dictionaries. The order
of the checks is that of what they cost whoever calls without a right to: a token before a byte of the body, the body's
size before its content, and where it wants to be answered before anything is answered.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.teams.clouds import Cloud, is_local
from integrations.teams.names import MESSAGES
from integrations.teams.sdk import HttpMethod, HttpRequest, HttpRouteHandler
from integrations.teams.settings import TeamsSettings
from integrations.teams.tokens import Callers
from workbot.i18n import LOCALES, language
from workbot.texts import cleaned
from workbot.web.bodies import body

# Teams' largest activities are some tens of kilobytes; a form of ours may hold a few long texts.
LONGEST_BODY = 1_000_000
# No activity is so deep, and what reads one goes as deep as it is.
DEEPEST = 60
# What is one thing, or a list of things, wherever it stands in an activity.
THINGS = ("from", "recipient", "conversation")
LISTS = ("attachments", "entities", "membersAdded", "membersRemoved", "reactionsAdded", "reactionsRemoved")

# What proxies, tunnels and balancers add to what they pass on. (Pages of others' are refused by the app.)
FORWARDED = ("x-forwarded", "x-original-", "x-envoy-", "x-azure-", "x-arr-", "x-amz", "x-appengine-", "cf-", "ngrok-")
FORWARDING = frozenset(
    {
        *("forwarded", "via", "cdn-loop", "x-real-ip", "x-client-ip", "client-ip", "true-client-ip", "x-remote-ip"),
        *("fastly-client-ip", "fly-client-ip", "do-connecting-ip", "x-cluster-client-ip", "x-proxyuser-ip"),
        *("x-remote-addr", "x-host", "x-forwarder-for", "x-nginx-proxy"),
    }
)

log = structlog.get_logger(__name__)
Activity = Mapping[str, Any]


class Auth:
    """Lets in what the Bot Connector sends for our app, from tenants of ours, to be answered at addresses of Teams'."""

    def __init__(
        self,
        settings: TeamsSettings,
        cloud: Cloud,
        ready: Callable[[], Awaitable[None]],
        can_read: Callable[[Activity], bool],
    ) -> None:
        self.settings = settings
        self.cloud = cloud
        self.ready = ready
        self.can_read = can_read
        self.callers = Callers(cloud, settings.client_id)
        self._handlers: dict[str, HttpRouteHandler] = {}

    def routes(self) -> Sequence[BaseRoute]:
        return [Route(MESSAGES, self._take, methods=["POST"]), Route(MESSAGES, self._say, methods=["GET"])]

    def register_route(self, method: HttpMethod, path: str, handler: HttpRouteHandler) -> None:
        """What the SDK calls to be behind the door."""
        self._handlers[path] = handler

    def serve_static(self, path: str, directory: str) -> None:
        raise RuntimeError("pages are served by workbot")

    async def start(self, port: int) -> None:
        raise RuntimeError("workbot has its own server")

    async def stop(self) -> None:
        return None

    async def _say(self, request: Request) -> Response:
        """What somebody sees who looks whether anybody is there: tools do before they send, and people do."""
        words = [
            lang("This is where Microsoft Teams reaches workbot. Write to workbot in Teams.")
            for lang in map(language, LOCALES)
        ]
        return PlainTextResponse("\n".join(words))

    async def _take(self, request: Request) -> Response:
        claims = await self._claims(request)
        if claims is None:
            return _refused(HTTPStatus.UNAUTHORIZED, "Only Teams may call this.")
        raw = await body(request, LONGEST_BODY)
        if raw is None:
            return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is larger than anything of Teams'.")
        activity = parsed(raw)
        if activity is None:
            return _refused(HTTPStatus.BAD_REQUEST, "This is no activity.")
        if (status := self._judge(claims, activity)) is not None:
            return _refused(status, "This is not from a tenant or service that I know.")
        await self.ready()
        return await self._handed_on(activity, request)

    async def _handed_on(self, activity: Activity, request: Request) -> Response:
        """What those behind the door answer. They fail alike at what they cannot read and at what goes wrong in them,
        and their own logs are silent: which it was is asked when it happens, since to read twice costs much."""
        handler = self._handlers[MESSAGES]
        answer = await handler(HttpRequest(body=dict(activity), headers=dict(request.headers)))
        content, status = answer["body"], answer["status"]
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            if not self.can_read(activity):
                return _refused(_because("shape", HTTPStatus.BAD_REQUEST), "This is no activity.")
            log.error("teams.failed", kind=str(activity["type"])[:40])
        return Response(status_code=status) if content is None else JSONResponse(content, status)

    async def _claims(self, request: Request) -> Mapping[str, Any] | None:
        if self.settings.allow_unsigned:
            if is_forwarded(request.headers):
                log.warning("teams.refused", check="forwarded")
                return None
            return {}
        return await self.callers.connector(request.headers.get("authorization", ""))

    def _judge(self, claims: Mapping[str, Any], activity: Activity) -> HTTPStatus | None:
        """Why an activity is not let in, or None. Whoever reads the log learns which of the checks it was."""
        service_url = activity.get("serviceUrl")
        if not isinstance(service_url, str) or not service_url:
            return _because("no service url", HTTPStatus.FORBIDDEN)
        if self.settings.allow_unsigned:
            # Tools that play Teams on this machine have an address on it, and made-up tenants.
            return None if is_local(service_url) else _because("service url", HTTPStatus.FORBIDDEN)
        claimed = claims.get("serviceurl")
        if not isinstance(claimed, str) or claimed.rstrip("/") != service_url.rstrip("/"):
            return _because("service url is not the token's", HTTPStatus.UNAUTHORIZED)
        if not self.cloud.is_ours(service_url):
            return _because("service url", HTTPStatus.FORBIDDEN)
        if activity.get("channelId") != "msteams":
            return _because("channel", HTTPStatus.FORBIDDEN)
        named = tenants(activity)
        if not named or not named <= self.settings.allowed:
            return _because("tenant", HTTPStatus.FORBIDDEN)
        return None


def is_forwarded(headers: Headers) -> bool:
    """Whether a request came by way of another program, rather than from a tool on this machine."""
    return any(name in FORWARDING or name.startswith(FORWARDED) for name in headers)


def tenants(activity: Activity) -> frozenset[str]:
    """Every tenant that an activity names: of the conversation, of its channel, and of who acted."""
    channel_data, conversation = activity.get("channelData"), activity.get("conversation")
    found = [
        (channel_data.get("tenant") or {}) if isinstance(channel_data, dict) else {},
        {"id": conversation.get("tenantId")} if isinstance(conversation, dict) else {},
        {"id": activity["from"].get("tenantId")} if isinstance(activity.get("from"), dict) else {},
    ]
    return frozenset(str(one["id"]).lower() for one in found if isinstance(one, dict) and one.get("id"))


def parsed(raw: bytes) -> Activity | None:
    """The activity in a body, with nothing in it that no database takes; None when it is none."""
    try:
        read = json.loads(raw.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict) or _is_deeper(read, DEEPEST) or not _is_shaped(read):
        return None
    return cleaned(read) if b"\\u" in raw else read


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _is_shaped(activity: Activity) -> bool:
    """Whether an activity is made as those are that the libraries read; of others they would make an error of ours."""
    things = (activity.get(name) or {} for name in THINGS)
    lists = [activity.get(name) or [] for name in LISTS]
    return (
        isinstance(activity.get("type"), str)
        and all(isinstance(thing, dict) for thing in things)
        and all(isinstance(some, list) and all(isinstance(one, dict) for one in some) for some in lists)
    )


def _is_deeper(value: object, room: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return room == 0 or any(_is_deeper(one, room - 1) for one in inside)


def _because(check: str, status: HTTPStatus) -> HTTPStatus:
    log.warning("teams.refused", check=check)
    return status


def _refused(status: HTTPStatus, words: str) -> Response:
    return JSONResponse({"error": words}, status)
