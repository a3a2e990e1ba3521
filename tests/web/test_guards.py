"""The frame around every page: no oversized body, no form of another site, and strict browsers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from workbot.web.guards import LARGEST_BODY, Careful

CHUNK = b"x" * 100_000


async def length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


APP = Starlette(
    routes=[Route("/", length, methods=["GET", "POST"])],
    middleware=[Middleware(Careful)],
)


def ask(method: str = "POST", content: bytes | AsyncIterator[bytes] = b"", **headers: str) -> httpx.Response:
    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="https://bot.example") as client:
            return await client.request(method, "/", content=content, headers=headers)

    return asyncio.run(asked())


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield CHUNK


def test_a_body_of_the_largest_size_is_taken() -> None:
    assert ask(content=b"x" * LARGEST_BODY).text == str(LARGEST_BODY)


def test_a_larger_body_is_refused() -> None:
    assert ask(content=b"x" * (LARGEST_BODY + 1)).status_code == 413


def test_a_body_that_does_not_say_its_length_is_measured() -> None:
    """`Transfer-Encoding: chunked` has no Content-Length."""
    assert ask(content=chunks(20)).text == str(LARGEST_BODY)
    assert ask(content=chunks(21)).status_code == 413


def test_a_body_longer_than_it_said_is_refused() -> None:
    assert ask(content=chunks(21), **{"content-length": "5"}).status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://bot.example"}, 403),
        ({"origin": "https://bot.example"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://bot.example.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 200),
    ],
)
def test_a_form_of_another_site_is_refused(headers: dict[str, str], status: int) -> None:
    assert ask(**headers).status_code == status


def test_a_link_from_another_site_is_followed() -> None:
    assert ask("GET", **{"sec-fetch-site": "cross-site"}).status_code == 200


def test_browsers_are_told_to_be_strict() -> None:
    given = ask("GET").headers

    policy = dict(part.strip().split(" ", 1) for part in given["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert given["x-content-type-options"] == "nosniff"
    assert given["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("is_secure", [True, False])
def test_browsers_are_told_to_stay_with_https_where_we_are_reached_by_it(is_secure: bool) -> None:
    app = Starlette(routes=[Route("/", length)], middleware=[Middleware(Careful, is_secure=is_secure)])

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://bot.example") as client:
            return await client.get("/")

    said = asyncio.run(asked()).headers.get("strict-transport-security", "")
    assert said.startswith("max-age=") is is_secure
