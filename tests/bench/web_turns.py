"""A line written in the web chat, over real HTTP, against a bare handler that reads the same form.

Ours signs the person in, stores the turn, the line and the reply in one durable transaction and renders the page's
parts; alone, and with many people writing at once, whose commits are shared.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.measure import compare, report
from workbot import log, migrate
from workbot.db import Database
from workbot.main import House
from workbot.people import Person, welcome_home
from workbot.settings import Settings
from workbot.signin import SESSION_COOKIE

CALLS = 40
MANY = 32


class Line:
    """One kept connection that says the same thing again and again; only as much HTTP as that needs."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cookie: str) -> None:
        self.reader = reader
        self.writer = writer
        self.head = (
            f"POST /chat/say HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {SESSION_COOKIE}={cookie}\r\nHX-Request: true\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
        )

    async def say(self, number: int) -> None:
        body = urlencode({"nonce": f"n{number}", "place": "", "thread": "", "text": "help"})
        self.writer.write(f"{self.head}{len(body)}\r\n\r\n{body}".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert head.startswith("http/1.1 200"), head
        length = next(line for line in head.splitlines() if line.startswith("content-length:"))
        await self.reader.readexactly(int(length.partition(":")[2]))


class Lines:
    """Kept connections, each of which says one thing at a time."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines

    async def say(self, number: int) -> None:
        line = self.lines.pop()
        await line.say(number)
        self.lines.append(line)


async def run(folder: Path) -> None:
    """Serve both, measure, and print the results."""
    environment = {
        "DATABASE_URL": f"sqlite:///{folder / 'web.db'}",
        "WORKBOT_SECRET_KEY": "k" * 40,
        "WORKBOT_BASE_URL": "http://127.0.0.1",
    }
    cookie = await _somebody_signed_in(environment)
    async with AsyncExitStack() as serving:
        port = await serving.enter_async_context(_served("tests.bench.web_turns:app", environment))
        bare_port = await serving.enter_async_context(_served("tests.bench.bare:app", {}))
        for at_once in (1, MANY):
            ours = await _lines(port, cookie, at_once)
            bare = await _lines(bare_port, "", at_once)
            sides = ("a turn in the web chat", ours.say), ("a bare handler", bare.say)
            measured = await compare(*sides, calls=CALLS * at_once, at_once=at_once)
            people = "one person" if at_once == 1 else f"{at_once} connections"
            print(report(f"A full web turn on SQLite, {people}, against a bare Starlette handler", *measured))


async def _somebody_signed_in(environment: dict[str, str]) -> str:
    settings = Settings.model_validate(environment)
    migrate.upgrade(settings.database)
    house = House(settings, database=Database(settings.database))
    person = Person(email="ada@city.example", name="Ada Roy", timezone="UTC", locale="en")

    def hire(session: object) -> None:
        session.add(person)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        welcome_home(session, person)  # type: ignore[arg-type]

    house.database.run_here(hire)
    cookie = await house.sign_in.open_session(person.id)
    house.database.close()
    return cookie


@asynccontextmanager
async def _served(application: str, environment: dict[str, str]) -> AsyncIterator[int]:
    """An application in a process of its own; its port."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    factory = ["--factory"] if environment else []
    command = [sys.executable, "-m", "uvicorn", application, *factory, "--port", str(port), "--log-level", "warning"]
    options = ["--no-access-log", "--timeout-keep-alive", "600"]
    server = subprocess.Popen([*command, *options], env=os.environ | environment, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        yield port
    finally:
        server.terminate()
        server.wait()


async def _lines(port: int, cookie: str, count: int) -> Lines:
    return Lines([Line(*await _connected(port), cookie) for _ in range(count)])


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(300):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.1)
    raise TimeoutError("the server did not start")


def app() -> object:
    """The whole house, as `workbot serve` runs it."""
    log.configure(as_json=True)
    return House(Settings()).app()
