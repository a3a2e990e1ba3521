"""How much one person may ask for at once, in words and in pages that are live."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx
import pytest

from integrations.web.allowance import Allowance, LivePages
from tests.integrations.web.conftest import visit
from tests.integrations.web.reading import messages
from tests.small_app import App, serving
from tests.visitor import Visitor
from workbot.errors import TooMuch
from workbot.people import Person

BROWSER = {"accept": "text/html"}


class Watch:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_turns_at_once_then_as_many_again_within_a_minute() -> None:
    watch, ada, bob = Watch(), uuid4(), uuid4()
    allowance = Allowance(6, watch)

    for _ in range(6):
        allowance.take(ada)
    with pytest.raises(TooMuch) as refused:
        allowance.take(ada)
    allowance.take(bob)

    assert refused.value.after.total_seconds() == 10
    watch.now += 10
    allowance.take(ada)
    with pytest.raises(TooMuch):
        allowance.take(ada)
    watch.now += 3600
    for _ in range(6):
        allowance.take(ada)


def test_without_a_limit_there_is_none() -> None:
    allowance, ada = Allowance(0), uuid4()

    for _ in range(1000):
        allowance.take(ada)

    assert allowance._left == {}, "nobody is remembered either"


def test_those_who_have_been_quiet_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.web.allowance.REMEMBERED", 10)
    watch = Watch()
    allowance = Allowance(6, watch)

    for _ in range(100):
        watch.now += 60
        allowance.take(uuid4())

    assert len(allowance._left) <= 10


def test_whoever_writes_too_fast_keeps_their_words(app: App, ada: Person, visitor: Visitor) -> None:
    def say(number: int) -> httpx.Response:
        typed = {"text": f"help {number}", "nonce": f"n{number}", "place": "", "thread": ""}
        return visitor.post("/chat/say", typed, headers=BROWSER)

    app.settings = app.settings.model_copy(update={"turns_per_minute": 3})
    app.web.inbound.interactions.allowance.per_minute = 3
    said = [say(number).status_code for number in range(3)]
    refused = say(3)

    assert said == [200] * 3
    assert refused.status_code == 429
    assert 'name="text"' in refused.text
    assert "help 3</textarea>" in refused.text
    assert "wait a moment" in refused.text
    assert len(messages(visitor.get("/chat").text)) == 6


def test_in_french_too_and_on_ones_own_page(app: App) -> None:
    amelie = app.hire("Amélie Roy", locale="fr")
    app.web.inbound.own_page.allowance.per_minute = 1
    visitor = visit(app, amelie)
    visitor.post("/chat/mine/press", {"press": "x"})

    refused = visitor.post("/chat/mine/form", {"f-more": "Depuis la tempête"}, headers=BROWSER)

    assert refused.status_code == 429
    assert "Depuis la tempête" in refused.text
    assert "Veuillez patienter un instant" in refused.text


def test_nobody_watches_from_everywhere(app: App, ada: Person) -> None:
    bob = app.hire("Bob Roy")

    async def open_many(url: str) -> tuple[list[int], int, int]:
        async with httpx.AsyncClient(base_url=url, timeout=30, limits=httpx.Limits(max_connections=50)) as client:
            cookies = app.sign_in.cookie
            pages = [await live(client, f"{cookies}={cookie}") for cookie in [hers] * 22]
            others = await live(client, f"{cookies}={his}")
            for page in pages[:5]:
                await page.aclose()
            await asyncio.sleep(0.5)
            again = await live(client, f"{cookies}={hers}")
            statuses = [page.status_code for page in pages], others.status_code, again.status_code
            for page in (*pages, others, again):
                await page.aclose()
            return statuses

    hers, his = app.cookie(ada), app.cookie(bob)
    with serving(app) as url:
        first, others, again = asyncio.run(open_many(url))

    assert first == [200] * 20 + [429] * 2
    assert others == again == 200


async def live(client: httpx.AsyncClient, cookie: str) -> httpx.Response:
    """A page that goes on being live, at its first words."""
    request = client.build_request("GET", "/chat/live", headers={"cookie": cookie})
    answer = await client.send(request, stream=True)
    if answer.status_code == 200:
        # Kept, since who lets go of the words lets go of the page.
        answer.extensions["words"] = words = answer.aiter_bytes()
        await anext(words)
    return answer


def test_pages_that_were_closed_make_room() -> None:
    pages, ada = LivePages(2), uuid4()

    with pages.one(ada), pages.one(ada), pytest.raises(TooMuch):
        pages.admit(ada)
    pages.admit(ada)


def test_who_is_not_signed_in_keeps_no_page_live(app: App, ada: Person) -> None:
    visitor = Visitor(app.asgi(), "http://127.0.0.1")

    for _ in range(30):
        refused = visitor.get("/chat/live", follow_redirects=False)
        assert refused.status_code in (303, 401)
        assert "event-stream" not in refused.headers.get("content-type", "")
    assert not app.web.inbound.live_pages._open
