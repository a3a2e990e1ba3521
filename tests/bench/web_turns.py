"""A line written in the web chat, over real HTTP, against a bare handler that reads the same form.

Ours signs the person in, stores the line and the reply in one durable transaction and renders both.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.measure import compare, report
from workbot import migrate
from workbot.db import Database
from workbot.main import House
from workbot.people import Person, welcome_home
from workbot.settings import Settings
from workbot.signin import SESSION_COOKIE

CALLS = 40


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


async def run(folder: Path) -> None:
    """Serve both, measure, and print the result."""
    environment = {
        "DATABASE_URL": f"sqlite:///{folder / 'web.db'}",
        "WORKBOT_SECRET_KEY": "k" * 40,
        "WORKBOT_BASE_URL": "http://127.0.0.1",
    }
    cookie = await _somebody_signed_in(environment)
    async with (
        _line("tests.bench.web_turns:app", environment, cookie) as ours,
        _line("tests.bench.bare:app", {}, "") as bare,
    ):
        measured = await compare(("a turn in the web chat", ours.say), ("a bare handler", bare.say), calls=CALLS)
    print(report("A full web turn on SQLite, against a bare Starlette handler", *measured))


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
async def _line(application: str, environment: dict[str, str], cookie: str) -> AsyncIterator[Line]:
    """A connection to an application in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    factory = ["--factory"] if environment else []
    command = [sys.executable, "-m", "uvicorn", application, *factory, "--port", str(port), "--log-level", "warning"]
    server = subprocess.Popen([*command, "--no-access-log"], env=os.environ | environment)  # noqa: ASYNC220
    try:
        reader, writer = await _connected(port)
        yield Line(reader, writer, cookie)
        writer.close()
    finally:
        server.terminate()
        server.wait()


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(300):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.1)
    raise TimeoutError("the server did not start")


def app() -> object:
    """The whole house, as `workbot serve` runs it."""
    return House(Settings()).app()
