"""Applications in processes of their own, and kept connections to them with only as much HTTP as a benchmark needs."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass
class Line:
    """One kept connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def post(self, head: str, body: bytes) -> None:
        """Send a request whose head lacks only its length, and read the answer."""
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert answer.startswith("http/1.1 200"), answer
        length = next((line for line in answer.splitlines() if line.startswith("content-length:")), "content-length: 0")
        await self.reader.readexactly(int(length.partition(":")[2]))


class Lines:
    """Kept connections, each of which says one thing at a time."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines

    async def post(self, head: str, body: bytes) -> None:
        line = self.lines.pop()
        await line.post(head, body)
        self.lines.append(line)


@asynccontextmanager
async def served(application: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[int]:
    """An application in a process of its own; with an environment it is made by a factory. Its port."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    factory = ["--factory"] if environment is not None else []
    command = [sys.executable, "-m", "uvicorn", application, *factory, "--port", str(port), "--log-level", "warning"]
    options = ["--no-access-log", "--timeout-keep-alive", "600"]
    known = os.environ | dict(environment or {})
    server = subprocess.Popen([*command, *options], env=known, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        yield port
    finally:
        server.terminate()
        server.wait()


async def lines(port: int, count: int) -> Lines:
    return Lines([Line(*await _connected(port)) for _ in range(count)])


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(300):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.1)
    raise TimeoutError("the server did not start")
