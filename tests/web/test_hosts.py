"""Only what is meant for us is answered: a name that another site leads here gets nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.small_app import App
from workbot.settings import Settings
from workbot.storage.database import Database

PUBLIC: dict[str, Any] = {"base_url": "https://bot.city.example", "host": "0.0.0.0"}
LOOPBACK: dict[str, Any] = {"base_url": "https://bot.city.example"}
QUICK: dict[str, Any] = {"host": "0.0.0.0"}
QUICK_HERE: dict[str, Any] = {}
MORE: dict[str, Any] = PUBLIC | {"allowed_hosts": "server-1, [fd00::1]:8080 bot.other.example:444"}


def ask(database: Database, settings: dict[str, Any], *hosts: str, path: str = "/signin") -> httpx.Response:
    app = App(database)
    app.settings = Settings.model_validate({"secret_key": "s" * 32} | settings)

    async def asked() -> httpx.Response:
        request = httpx.Request("GET", f"http://x{path}", headers=[("host", host) for host in hosts])
        return await httpx.ASGITransport(app.asgi()).handle_async_request(request)

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        (PUBLIC, "bot.city.example"),
        (PUBLIC, "BOT.city.example."),
        (PUBLIC, "bot.city.example:8443"),
        (LOOPBACK, "127.0.0.1:8080"),
        (LOOPBACK, "localhost:8080"),
        (LOOPBACK, "[::1]:8080"),
        (QUICK, "192.0.2.7:8080"),
        (QUICK, "[fd00::7]:8080"),
        (QUICK_HERE, "127.0.0.1:8080"),
        (QUICK_HERE, "localhost"),
        (MORE, "server-1:8080"),
        (MORE, "[fd00::1]:8080"),
        (MORE, "bot.other.example"),
    ],
)
def test_we_answer_to_our_own_names(database: Database, settings: dict[str, Any], host: str) -> None:
    assert ask(database, settings, host).status_code == 200


@pytest.mark.parametrize(
    ("settings", "hosts"),
    [
        (PUBLIC, ["evil.example"]),
        (PUBLIC, ["bot.city.example.evil.example"]),
        (PUBLIC, ["bot.city.example@evil.example"]),
        (PUBLIC, ["127.0.0.1:8080"]),
        (PUBLIC, ["192.0.2.7"]),
        (PUBLIC, ["bot.city.example", "evil.example"]),
        (PUBLIC, [""]),
        (PUBLIC, []),
        (LOOPBACK, ["evil.example:8080"]),
        (LOOPBACK, ["127.0.0.1.evil.example"]),
        (LOOPBACK, ["localhost.evil.example"]),
        (QUICK, ["evil.example"]),
        (QUICK_HERE, ["evil.example"]),
        (MORE, ["server-2"]),
    ],
)
def test_by_other_names_there_is_nothing(database: Database, settings: dict[str, Any], hosts: list[str]) -> None:
    for path in ("/signin", "/chat", "/readyz", "/metrics", "/static/workbot.css", "/"):
        assert ask(database, settings, *hosts, path=path).status_code == 421


def test_a_probe_asks_whether_we_are_up_by_any_name(database: Database) -> None:
    assert ask(database, PUBLIC, "10.1.2.3:8080", path="/healthz").status_code == 200
    assert ask(database, PUBLIC, path="/healthz").status_code == 200
