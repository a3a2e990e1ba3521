"""A visitor without scripts: requests to an application in this process, with a browser's cookies."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from starlette.types import ASGIApp


class Visitor:
    """Follows redirects and keeps cookies, as a browser does; synchronous, for plain tests."""

    def __init__(
        self, app: ASGIApp, base_url: str = "https://bot.example", *, client: str = "127.0.0.1", **headers: str
    ) -> None:
        transport = httpx.ASGITransport(app, client=(client, 5000))
        self._client = httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers, follow_redirects=True)

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        return self.request("POST", path, data=data, **more)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._client.request(method, path, **more))
