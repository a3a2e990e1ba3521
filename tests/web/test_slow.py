"""Senders that take for ever are hung up on, and hold up nobody meanwhile."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from workbot.settings import Settings
from workbot.web import guards, server
from workbot.web.answers import Sentences
from workbot.web.failures import Failures
from workbot.web.guards import Careful

PATIENCE_SECONDS = 60.0


async def length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def unread(request: Request) -> PlainTextResponse:
    return PlainTextResponse("not read")


def application() -> Starlette:
    sentences = Sentences(Settings.model_validate({"secret_key": "s" * 32}))
    routes = [Route("/", length, methods=["GET", "POST"]), Route("/unread", unread, methods=["POST"])]
    guarding = [Middleware(Careful), Middleware(Failures, sentences)]
    return Starlette(routes=routes, middleware=guarding, exception_handlers={HTTPException: sentences.exception})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server that is less patient than usual, in a process's own thread."""
    import threading

    monkeypatch.setattr(server, "HEAD_SECONDS", 1.0)
    monkeypatch.setattr(guards, "BODY_SECONDS", 1.0)
    listener = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(server.configured(application(), timeout_keep_alive=30))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not running.started:
        thread.join(0.01)
    yield listener.getsockname()[1]
    running.should_exit = True
    thread.join(PATIENCE_SECONDS)
    listener.close()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)


def heard(line: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    parts = []
    try:
        while part := line.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def trickled(port: int, start: bytes, drop: bytes) -> bytes:
    """What is answered to somebody who goes on in small drops for as long as the server listens."""
    with closing(connected(port)) as line:
        line.sendall(start)
        line.settimeout(0.1)
        parts = []
        for _ in range(int(PATIENCE_SECONDS * 10)):
            try:
                line.sendall(drop)
                if not (part := line.recv(65536)):
                    return b"".join(parts)
                parts.append(part)
            except TimeoutError:
                continue
            except OSError:
                return b"".join(parts)
    raise AssertionError("the server never hung up")


def test_whoever_says_nothing_is_hung_up_on(port: int) -> None:
    with closing(connected(port)) as line:
        assert heard(line) == b""


@pytest.mark.parametrize("start", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"], ids=["at all", "in headers"])
def test_a_head_in_drops_is_not_waited_for(port: int, start: bytes) -> None:
    assert trickled(port, start, b"X-Drop: 1\r\n" if start else b"G") == b""


def test_the_next_head_on_a_line_that_is_kept_is_not_waited_for_either(port: int) -> None:
    answered = trickled(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"X")

    assert answered.startswith(b"HTTP/1.1 200")


def test_a_body_in_drops_is_not_waited_for(port: int) -> None:
    answered = trickled(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", b"x")

    assert answered.startswith(b"HTTP/1.1 408")
    assert b"Check your connection" in answered


def test_nor_one_that_nobody_reads(port: int) -> None:
    answered = trickled(port, b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", b"x")

    assert answered.startswith(b"HTTP/1.1 200")


def test_others_are_served_meanwhile(port: int) -> None:
    lines = [connected(port) for _ in range(100)]
    for line in lines:
        line.sendall(b"GET / HTTP/1.1\r\n")

    with closing(connected(port)) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        assert heard(line).endswith(b"5")

    for line in lines:
        line.close()
