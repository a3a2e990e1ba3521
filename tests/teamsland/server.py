"""The server: Bot Connector, log-in, keys and Graph at local addresses, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import jwt
from aiohttp import web

from tests.teamsland import connector, graph, tokens
from tests.teamsland.reading import Thing
from tests.teamsland.world import OPERATIONS, Refused, World

# The Bot Connector answers at an address for each tenant, and at one for all.
SITES = ("/amer/{tenant}", "/emea/{tenant}", "/teams")
CONNECTOR = (
    ("POST", "/v3/conversations", "create"),
    ("POST", "/v3/conversations/{conversation}/activities", "send"),
    ("POST", "/v3/conversations/{conversation}/activities/{activity}", "reply"),
    ("PUT", "/v3/conversations/{conversation}/activities/{activity}", "update"),
    ("DELETE", "/v3/conversations/{conversation}/activities/{activity}", "delete"),
    ("PUT", "/v3/conversations/{conversation}/activities/{activity}/reactions/{kind}", "react"),
    ("DELETE", "/v3/conversations/{conversation}/activities/{activity}/reactions/{kind}", "react-no-more"),
    ("GET", "/v3/conversations/{conversation}/members", "members"),
    ("GET", "/v3/conversations/{conversation}/pagedmembers", "paged-members"),
    ("GET", "/v3/conversations/{conversation}/members/{member}", "member"),
    ("GET", "/v3/teams/{team}", "team"),
    ("GET", "/v3/teams/{team}/conversations", "channels"),
)
GRAPH = (
    ("GET", "/users", "users"),
    ("GET", "/users/delta", "delta"),
    ("GET", "/users/{user}", "user"),
    ("GET", "/users/{user}/manager", "manager"),
    ("POST", "/users/{user}/teamwork/installedApps", "install"),
    ("GET", "/users/{user}/teamwork/installedApps", "installed"),
    ("GET", "/users/{user}/teamwork/installedApps/{installation}/chat", "chat"),
    ("GET", "/appCatalogs/teamsApps", "catalog"),
    ("GET", "/teams/{team}/channels", "graph-channels"),
    ("GET", "/organization", "organization"),
)
AUDIENCES = {
    "https://api.botframework.com/.default": tokens.CONNECTOR,
    "https://graph.microsoft.com/.default": tokens.GRAPH,
}
Answer = tuple[int, Any]


class Server:
    """Takes calls over HTTP, one after the other, and fails where it was told to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lock = threading.Lock()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=20_000_000)
        for site in SITES:
            for method, path, operation in CONNECTOR:
                app.router.add_route(method, site + path, self._serving(operation, self.connect))
        for method, path, operation in GRAPH:
            app.router.add_route(method, "/graph/v1.0" + path, self._serving(operation, self.look_up))
        app.router.add_post("/login/{tenant}/oauth2/v2.0/token", self._serving("token", self.log_in))
        # Whose keys they are is in each address; which ones count at the moment, in the world.
        keys = self._serving("keys", self.bot_framework_keys)
        app.router.add_get("/botframework/v1/.well-known/keys", keys)
        described = self._serving("openid", self.bot_framework)
        app.router.add_get("/botframework/v1/.well-known/openidconfiguration", described)
        app.router.add_get("/login/{tenant}/discovery/v2.0/keys", self._serving("entra-keys", self.entra_keys))
        app.router.add_get(
            "/login/{tenant}/v2.0/.well-known/openid-configuration", self._serving("entra-openid", self.entra)
        )
        return app

    def _serving(self, operation: str, work: Callable[..., Answer]) -> Any:
        assert operation in OPERATIONS, operation

        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(operation, work, request)

        return serve

    async def _serve(self, operation: str, work: Callable[..., Answer], request: web.Request) -> web.StreamResponse:
        body, misdeed = await request.read(), self.world.misdeed(operation)
        if misdeed == "timeout":
            await asyncio.sleep(3600)
        if misdeed == "reset":
            return _hung_up(request)
        headers: dict[str, str] = {}
        try:
            if misdeed[:3].isdigit():
                raise _refusal(misdeed)
            with self._lock:
                status, answer = work(operation, request, body)
        except Refused as refused:
            status, headers, answer = refused.status, refused.headers, refused.body
        except jwt.InvalidTokenError as error:
            status, answer = 401, {"error": {"code": "InvalidAuthenticationToken", "message": str(error)}}
        text = "" if answer is None else json.dumps(answer)
        made = web.Response(status=status, text=text, content_type="application/json", headers=headers)
        return await _after(misdeed, request, made)

    def connect(self, operation: str, request: web.Request, body: bytes) -> Answer:
        self.world.authorizations.add(request.headers.get("Authorization", ""))
        if not self.world.takes_unsigned:
            claims = tokens.opened(_token(request), tokens.CONNECTOR)
            if claims["appid"] != self.world.app.client_id:
                raise Refused(401, "BotNotRegistered", "No registration found for this bot.")
        if connector.too_big(body):
            raise Refused(413, "MessageSizeTooBig", "Message size too large.")
        tenant, site = request.match_info.get("tenant", ""), request.path.split("/")[1]
        asked = connector.Asked(tenant, request.match_info, request.query, _json(body), site=site)
        self.world.calls.append((operation, asked.body))
        return connector.call(self.world, operation, asked)

    def look_up(self, operation: str, request: web.Request, body: bytes) -> Answer:
        claims = tokens.opened(_token(request), tokens.GRAPH)
        tenant = self.world.tenants[claims["tid"]]
        wanted = graph.Wanted(tenant, claims.get("roles") or [], request.match_info, request.query, _json(body))
        self.world.calls.append((operation, dict(request.query) | wanted.body))
        return graph.call(self.world, operation, wanted)

    def log_in(self, operation: str, request: web.Request, body: bytes) -> Answer:
        """The client credentials grant: .../entra/identity-platform/v2-oauth2-client-creds-grant-flow"""
        asked = {name: value for name, value in _form(body).items() if name != "client_secret"}
        self.world.calls.append((operation, asked | {"tenant": request.match_info["tenant"]}))
        if asked.get("grant_type") != "client_credentials":
            raise _login_error(400, "unsupported_grant_type", "AADSTS70003")
        audience = AUDIENCES.get(asked.get("scope", ""))
        if audience is None:
            raise _login_error(400, "invalid_scope", "AADSTS70011")
        # A bot of one organisation logs in at its own tenant; one of many at this.
        tenant, app = request.match_info["tenant"], self.world.app
        if tenant not in self.world.tenants and tenant != "botframework.com":
            raise _login_error(400, "invalid_request", "AADSTS90002")
        if asked.get("client_id") != app.client_id:
            raise _login_error(400, "unauthorized_client", "AADSTS700016")
        if _form(body).get("client_secret") != app.secret:
            raise _login_error(401, "invalid_client", "AADSTS7000215")
        claims = tokens.for_an_app(tenant, app.client_id, audience, sorted(app.roles))
        lifetime = tokens.LIFETIME - 1
        return 200, {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": tokens.signed(claims, tokens.ENTRA),
        }

    def bot_framework(self, operation: str, request: web.Request, body: bytes) -> Answer:
        return 200, {
            "issuer": tokens.BOT_FRAMEWORK_ISSUER,
            "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": f"{self.world.base}/botframework/v1/.well-known/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }

    def bot_framework_keys(self, operation: str, request: web.Request, body: bytes) -> Answer:
        self.world.calls.append((operation, {}))
        return 200, tokens.key_document(*self.world.bot_framework_keys, endorsements=["msteams", "webchat"])

    def entra(self, operation: str, request: web.Request, body: bytes) -> Answer:
        tenant, login = request.match_info["tenant"], self.world.login
        return 200, {
            "issuer": f"{login}/{tenant}/v2.0",
            "token_endpoint": f"{login}/{tenant}/oauth2/v2.0/token",
            "authorization_endpoint": f"{login}/{tenant}/oauth2/v2.0/authorize",
            "jwks_uri": f"{login}/{tenant}/discovery/v2.0/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token"],
            "subject_types_supported": ["pairwise"],
        }

    def entra_keys(self, operation: str, request: web.Request, body: bytes) -> Answer:
        self.world.calls.append((operation, {}))
        return 200, tokens.key_document(tokens.ENTRA)


@contextmanager
def running(world: World) -> Iterator[Server]:
    """Serve a world; its address is `world.base`."""
    server, ready = Server(world), threading.Event()
    loop, stopped = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        runner = web.AppRunner(server.app(), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        world.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()
        await stopped.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(10)
        loop.close()


async def _after(misdeed: str, request: web.Request, answer: web.Response) -> web.StreamResponse:
    match misdeed:
        case "timeout-after":
            await asyncio.sleep(3600)
        case "reset-after":
            return _hung_up(request)
        case "garbage":
            answer.text = "{"
        case "truncated":
            return await _broken_off(request, answer)
    return answer


async def _broken_off(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """An answer whose second half never comes."""
    whole = (answer.text or "").encode()
    response = web.StreamResponse(status=answer.status, headers={"Content-Length": str(len(whole))})
    response.content_type = "application/json"
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    _hung_up(request)
    return response


def _refusal(misdeed: str) -> Refused:
    """What a planned status looks like."""
    status, _, code = misdeed.partition(":")
    words = {
        "412": ("PreconditionFailed", "Precondition failed, please try again."),
        "429": ("Throttled", "Too many requests."),
    }
    known, message = words.get(status[:3], ("ServiceError", "Something went wrong."))
    headers = {"Retry-After": "2"} if status == "429" else {}
    return Refused(int(status[:3]), code or known, message, headers=headers)


def _login_error(status: int, error: str, code: str) -> Refused:
    body = {"error": error, "error_description": f"{code}: refused.", "error_codes": [int(code.removeprefix("AADSTS"))]}
    return Refused(status, error, body=body)


def _token(request: web.Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Refused(401, "Unauthorized", "Authorization has been denied for this request.")
    return token


def _json(body: bytes) -> Thing:
    if not body:
        return {}
    try:
        asked = json.loads(body)
    except ValueError as error:
        raise Refused(400, "BadSyntax", "Malformed JSON") from error
    if not isinstance(asked, dict):
        raise Refused(400, "BadSyntax", "Must be an object")
    return asked


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode()))


def _hung_up(request: web.Request) -> web.StreamResponse:
    """No answer at all."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
