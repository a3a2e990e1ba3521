"""The post office as a platform: one aiohttp session, every trouble of the network told apart."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import httpx
from starlette.routing import BaseRoute

from workbot.cards import plain_text
from workbot.errors import DeliveryError
from workbot.platforms import Limits, Outgoing


class PostOffice:
    """A platform that shows a message as often as it is sent, and can be asked what it has."""

    name = "post"
    takes_once = False

    def __init__(self, url: str, limits: Limits | None = None, *, seconds: float = 5.0) -> None:
        self.url = url
        self.limits = limits or Limits()
        self.seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    def routes(self) -> Sequence[BaseRoute]:
        return ()

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self.seconds)
            self._session = aiohttp.ClientSession(self.url, timeout=timeout)
        return self._session

    async def deliver(self, outgoing: Outgoing) -> str:
        body = {
            "key": outgoing.key,
            "address": outgoing.address,
            "text": plain_text(outgoing.card),
            "reference": outgoing.reference,
        }
        try:
            async with self.session.post("/send", json=body) as answer:
                return await _reference(answer)
        except aiohttp.ClientConnectorError as error:
            raise DeliveryError(f"no connection: {error}") from error
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise DeliveryError(f"the answer was lost: {type(error).__name__}", doubtful=True) from error

    async def find(self, outgoing: Outgoing) -> str | None:
        try:
            async with self.session.get("/find", params={"key": outgoing.key}) as answer:
                return (await answer.json())["reference"] or None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DeliveryError(f"cannot look: {error}") from error

    async def check(self) -> str:
        return ""

    async def close(self) -> None:
        if self._session:
            await self._session.close()


async def _reference(answer: aiohttp.ClientResponse) -> str:
    if answer.status == 429:
        after = answer.headers.get("Retry-After")
        wait = timedelta(seconds=float(after)) if after else None
        raise DeliveryError("too fast", throttled=True, retry_after=wait)
    if answer.status >= 500:
        raise DeliveryError(f"the post office answered {answer.status}")
    said: dict[str, Any] = await answer.json()
    if not said["ok"]:
        raise DeliveryError(said["error"], permanent=True)
    return str(said["reference"])


class Counter:
    """What a test asks a running post office."""

    def __init__(self, url: str) -> None:
        self.url = url

    def stats(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.url}/stats", timeout=30).json())

    def keys(self) -> dict[str, int]:
        return dict(httpx.get(f"{self.url}/keys", timeout=30).json())

    def be(self, *moods: str) -> None:
        """Answer the next requests in these ways."""
        httpx.post(f"{self.url}/mood", json={"moods": moods}, timeout=30).raise_for_status()


@contextmanager
def open_office(*, per_second: int = 0, per_conversation: int = 0) -> Iterator[Counter]:
    """A post office in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "tests.postoffice.server", *map(str, (port, per_second, per_conversation))]
    process = subprocess.Popen(command)
    counter = Counter(f"http://127.0.0.1:{port}")
    try:
        asyncio.run(_answers(port))
        yield counter
    finally:
        process.kill()
        process.wait()


async def _answers(port: int) -> None:
    for _ in range(200):
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise TimeoutError("the post office did not open")
