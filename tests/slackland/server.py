"""The server: Slack's Web API, uploads, answers and Socket Mode at a local address, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web

from tests.slackland import methods
from tests.slackland.blocks import message_problems
from tests.slackland.world import ANSWER_SECONDS, Refused, Thing, Workspace, World

# What travels as JSON inside a form.
NESTED = {"blocks", "metadata", "view", "unfurls", "files", "source_json"}
# What answers are called where they are to fail.
ANSWER = "response_url"
# How Slack says no besides `ok: false`.
STATUS = {"ratelimited": 429}


class Server:
    """Takes calls over HTTP, and keeps the sockets of apps in Socket Mode."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sockets: list[web.WebSocketResponse] = []
        self.acknowledged: list[Thing] = []
        # The server's own loop, for those who send through a socket from elsewhere.
        self.loop = asyncio.new_event_loop()
        self._lock = threading.Lock()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=20_000_000)
        app.router.add_route("*", "/api/{method}", self.call)
        app.router.add_post("/upload/{file}", self.upload)
        app.router.add_post("/actions/{key}", self.answer)
        app.router.add_get("/socket", self.socket)
        return app

    async def call(self, request: web.Request) -> web.StreamResponse:
        name, asked = request.match_info["method"], await _asked(request)
        misdeed = self.world.misdeed(name)
        if refused := await self._before(misdeed, request):
            return refused
        with self._lock:
            answer, status = self._answer(name, request, asked)
        if misdeed == "reset-after":
            _hang_up(request)
        if misdeed == "garbage":
            return web.Response(text="{", content_type="application/json")
        headers = {"x-oauth-scopes": answer.pop("x-oauth-scopes", "")}
        if status == 429:
            headers["Retry-After"] = "1"
        return web.json_response(answer, status=status, headers=headers)

    async def _before(self, misdeed: str, request: web.Request) -> web.StreamResponse | None:
        match misdeed:
            case "429":
                return web.json_response(
                    {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "2"}
                )
            case word if word.startswith("429-after-"):
                after = {"Retry-After": word.removeprefix("429-after-")}
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=after)
            case "429-without-header":
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429)
            case "held":
                self.world.held.set()
                await asyncio.to_thread(self.world.let_go.wait, 10)
            case "500":
                return web.Response(status=500, text="oops")
            case "redirect":
                return web.Response(status=307, headers={"Location": f"{self.world.api}elsewhere"})
            case "404":
                return web.Response(status=404, text="<html>Not found</html>", content_type="text/html")
            case "405" if request.method == "GET":
                return web.Response(status=405, text="GET is not taken here")
            case "html":
                return web.Response(text="<html>Sign in to the guest network</html>", content_type="text/html")
            case "text":
                return web.Response(text="OK")
            case word if word.startswith("json:"):
                return web.Response(text=word.removeprefix("json:"), content_type="application/json")
            case "reset":
                _hang_up(request)
            case word if word.startswith("error:"):
                return web.json_response({"ok": False, "error": word.removeprefix("error:")})
        return None

    def _answer(self, name: str, request: web.Request, asked: Thing) -> tuple[Thing, int]:
        world = self.world
        world.calls.append((name, asked))
        try:
            if name == "oauth.v2.access":
                return {"ok": True, **methods.access(world, asked)}, 200
            if name == "apps.connections.open":
                if not str(_token(request, asked)).startswith("xapp-"):
                    raise Refused("not_allowed_token_type")
                return {"ok": True, "url": f"ws://{urlsplit(world.api).netloc}/socket"}, 200
            workspace = _workspace(world, _token(request, asked))
            answer = methods.call(world, name, workspace, asked)
        except Refused as refused:
            return {"ok": False, "error": refused.error, **refused.more}, STATUS.get(refused.error, 200)
        scopes = ",".join(sorted(workspace.scopes)) if workspace else ""
        # What is answered is a picture of now, whatever becomes of it.
        return json.loads(json.dumps({"ok": True, "x-oauth-scopes": scopes, **answer})), 200

    async def upload(self, request: web.Request) -> web.Response:
        file = self.world.files[request.match_info["file"]]
        file["content"] = await request.read()
        return web.Response(text=f"OK - {len(file['content'])}")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """A `response_url`: a message more, or another in place of the one that was acted on."""
        known, said = self.world.answers.get(request.match_info["key"]), await request.json()
        if refused := await self._before(self.world.misdeed(ANSWER), request):
            return refused
        if known is None or self.world.monotonic() - known["at"] > ANSWER_SECONDS:
            return web.Response(status=404, text="expired_url")
        if known["left"] <= 0:
            return web.Response(status=404, text="used_url")
        known["left"] -= 1
        if found := message_problems(said):
            self.world.complaints += found
            return web.Response(status=400, text=f"invalid_blocks: {found}")
        with self._lock:
            self._show(known, said)
        return web.Response(text="ok")

    def _show(self, known: Thing, said: Thing) -> None:
        shown = {key: said[key] for key in ("text", "blocks") if said.get(key)}
        if said.get("replace_original"):
            whispers = [whisper for whisper in self.world.whispers if whisper.get("ts") == known["ts"]]
            posts = [post for post in self.world.posts[known["channel"]] if post["ts"] == known["ts"]]
            for one in [*whispers, *posts]:
                one |= shown
        elif said.get("response_type") == "in_channel":
            workspace = self.world.workspaces[self.world.channels[known["channel"]]["team"]]
            self.world.post(known["channel"], shown | {"user": workspace.bot_user, "bot_id": "B1"})
        else:
            whisper = shown | {"user": known["user"], "channel": known["channel"], "ts": self.world.ts()}
            self.world.whispers.append(whisper)

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0001"}})
        self.sockets.append(socket)
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                self.acknowledged.append(json.loads(message.data))
        self.sockets.remove(socket)
        return socket


@contextmanager
def running(world: World) -> Iterator[Server]:
    """Serve a world; its address is `world.api`."""
    server, ready = Server(world), threading.Event()
    loop = server.loop

    async def serve() -> None:
        runner = web.AppRunner(server.app(), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        world.api = f"http://127.0.0.1:{port}/api/"
        ready.set()
        await stopped.wait()
        await runner.cleanup()

    stopped = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(10)
        loop.close()


async def _asked(request: web.Request) -> Thing:
    """The arguments of a call, in a form or as JSON."""
    if request.content_type == "application/json":
        asked: Any = await request.json()
    else:
        asked = {**request.query, **await request.post()}
    for name in NESTED & asked.keys():
        if isinstance(asked[name], str):
            asked[name] = json.loads(asked[name])
    return {key: _plain(value) for key, value in asked.items()}


def _plain(value: Any) -> Any:
    return (
        {"true": True, "false": False, "1": True, "0": False}.get(value, value) if value in ("true", "false") else value
    )


def _token(request: web.Request, asked: Thing) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ") or str(asked.get("token", ""))


def _workspace(world: World, token: str) -> Workspace | None:
    return next((one for one in world.workspaces.values() if one.token == token), None)


def _hang_up(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()
