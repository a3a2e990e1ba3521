"""However a request ends, people get a page of ours in their language, and programs a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from tests.small_app import App
from tests.visitor import Visitor
from workbot.errors import DatabaseAway, TooMuch
from workbot.people import Person
from workbot.storage.database import Database
from workbot.web.application import application

BASE = "http://127.0.0.1"
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FULL = OperationalError("INSERT", {}, Exception("database or disk is full"))


async def mistaken(request: Request) -> Response:
    raise ZeroDivisionError("a mistake of ours")


async def full(request: Request) -> Response:
    raise FULL


async def hurried(request: Request) -> Response:
    raise TooMuch("Please wait a moment, then try again.")


async def greedy(request: Request) -> Response:
    await request.body()
    return Response()


class Site(App):
    """The small app with pages that fail, each in its own way."""

    def asgi(self) -> Starlette:
        both = ["GET", "POST"]
        pages = [Route(f"/{page.__name__}", page, methods=both) for page in (mistaken, full, hurried, greedy)]
        return application(self, [*self.sign_in.routes(), *self.web.routes(), *pages])


@pytest.fixture
def site(database: Database) -> Site:
    return Site(database)


@pytest.fixture
def amelie(site: Site) -> Person:
    return site.hire("Amélie Roy", locale="fr")


def visit(site: Site, person: Person | None = None, **headers: str) -> Visitor:
    visitor = Visitor(site.asgi(), BASE, **headers)
    visitor.cookies.update(site.cookies(person) if person else {})
    return visitor


def too_large(visitor: Visitor) -> httpx.Response:
    return visitor.request("POST", "/greedy", content=b"x" * 2_000_001)


def from_elsewhere(visitor: Visitor) -> httpx.Response:
    return visitor.post("/signout", headers={"sec-fetch-site": "cross-site"})


def by_another_name(visitor: Visitor) -> httpx.Response:
    return visitor.get("/chat", headers={"host": "evil.example"})


def post_to_a_page(visitor: Visitor) -> httpx.Response:
    return visitor.post("/chat")


def get(path: str) -> Callable[[Visitor], httpx.Response]:
    return lambda visitor: visitor.get(path)


WAYS: dict[str, tuple[Callable[[Visitor], httpx.Response], int, str, str]] = {
    "no such page": (get("/nowhere"), 404, "There is nothing here", "Il n’y a rien ici"),
    "a static file that is not there": (get("/static/nothing.css"), 404, "There is nothing here", "Il n’y a rien ici"),
    "another method": (
        lambda visitor: visitor.post("/chat"),
        405,
        "That cannot be done here",
        "Cela ne se fait pas ici",
    ),
    "a form of another site": (from_elsewhere, 403, "another site", "un autre site"),
    "a large body": (too_large, 413, "At most 2 MB", "au plus 2 Mo"),
    "another host": (by_another_name, 421, "Open http://127.0.0.1 instead", "Ouvrez plutôt http://127.0.0.1"),
    "too much": (get("/hurried"), 429, "wait a moment", "patienter un instant"),
    "a mistake of ours": (get("/mistaken"), 500, "our mistake", "L’erreur vient de nous"),
    "a full disk": (get("/full"), 503, "cannot save anything", "ne peux rien enregistrer"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("language", "words"), [("en", 2), ("fr", 3)])
def test_a_visitor_gets_a_page_of_ours_in_the_language_of_their_browser(
    site: Site, way: str, language: str, words: int
) -> None:
    ask, status, *_ = WAYS[way]

    answer = ask(visit(site, **BROWSER, **{"accept-language": language}))

    assert answer.status_code == status
    assert f'<html lang="{language}">' in answer.text
    assert WAYS[way][words] in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("way", [way for way in WAYS if way != "another host"])
def test_whoever_is_signed_in_gets_their_own_language_and_the_way_on(site: Site, amelie: Person, way: str) -> None:
    ask, status, _, words = WAYS[way]

    answer = ask(visit(site, amelie, **BROWSER, **{"accept-language": "en"}))

    assert answer.status_code == status
    assert words in answer.text
    assert "Ma page" in answer.text


@pytest.mark.parametrize("way", WAYS)
def test_programs_get_a_sentence(site: Site, way: str) -> None:
    ask, status, words, _ = WAYS[way]

    plain, as_json = ask(visit(site)), ask(visit(site, accept="application/json"))

    assert plain.status_code == as_json.status_code == status
    assert plain.headers["content-type"].startswith("text/plain")
    assert "<" not in plain.text
    if way not in ("no such page", "a static file that is not there", "another method"):
        assert words in plain.text
    assert as_json.json() == {"error": re.sub(r"[0-9a-f]{8}", "…", plain.text)} or "our mistake" in plain.text


@pytest.mark.parametrize("way", ["too much", "a full disk"])
def test_what_may_work_later_says_when(site: Site, way: str) -> None:
    assert int(WAYS[way][0](visit(site, **BROWSER)).headers["retry-after"]) >= 1


def test_a_method_that_is_not_taken_names_those_that_are(site: Site) -> None:
    assert "GET" in visit(site, **BROWSER).post("/chat").headers["allow"]


def test_our_own_mistake_has_a_number_by_which_it_is_found_in_the_log(site: Site) -> None:
    with capture_logs() as logs:
        answer = visit(site, **BROWSER).get("/mistaken")

    (line,) = [line for line in logs if line["event"] == "web.failed"]
    assert line["incident"] in answer.text
    assert line["page"] == "/mistaken"
    assert isinstance(line["exc_info"], ZeroDivisionError)
    assert "ZeroDivisionError" not in answer.text


def test_the_log_of_a_failure_bears_no_link_to_sign_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.database, "read", away)

    with capture_logs() as logs:
        answer = visit(site, **BROWSER).get("/signin/secret-of-a-link")

    assert answer.status_code == 503
    assert logs
    assert "secret-of-a-link" not in json.dumps(logs, default=repr)


async def away(*_: Any, **__: Any) -> None:
    raise FULL


@pytest.mark.parametrize("failing", ["/full", "/mistaken", "/hurried"])
def test_what_was_typed_comes_back_and_can_be_sent_again(site: Site, failing: str) -> None:
    typed = {"text": "No <power>\r\nsince the storm", "place": "it", "f-floor": "3", "email": ""}

    answer = visit(site, **BROWSER).post(failing, typed)

    assert f'<form method="post" action="{failing}">' in answer.text
    assert "No &lt;power&gt;\r\nsince the storm</textarea>" in answer.text.replace("\n", "\r\n").replace("\r\r", "\r")
    assert '<input id="f-floor" name="f-floor" value="3"' in answer.text
    assert '<input type="hidden" name="place" value="it">' in answer.text
    assert '<input type="hidden" name="email" value="">' in answer.text
    assert "What you typed is still here." in answer.text


def test_what_another_site_sent_is_not_offered_again(site: Site) -> None:
    answer = visit(site, **BROWSER, **{"sec-fetch-site": "cross-site"}).post("/full", {"text": "Give Eve the keys"})

    assert answer.status_code == 403
    assert "Give Eve the keys" not in answer.text


def test_a_page_that_cannot_be_read_can_be_loaded_again_where_it_was(site: Site) -> None:
    assert 'href="/full?page=2&amp;q=a"' in visit(site, **BROWSER).get("/full?page=2&q=a").text


def test_a_script_of_ours_gets_a_sentence_for_the_page_it_stands_on(site: Site) -> None:
    answer = visit(site, **BROWSER).post("/full", {"text": "Hello"}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/plain; charset=utf-8")
    assert answer.text.startswith("I cannot save anything at the moment")


@pytest.mark.parametrize("error", [FULL, DatabaseAway("not reachable")], ids=["as the driver says", "given up"])
@pytest.mark.parametrize("path", ["/chat/say", "/chat/mine/form", "/signin"])
def test_words_are_kept_where_the_database_cannot_even_say_whose_they_are(
    site: Site, amelie: Person, monkeypatch: pytest.MonkeyPatch, error: Exception, path: str
) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise error

    visitor = visit(site, amelie, **BROWSER, **{"accept-language": "fr"})
    site.sign_in.mailer = site  # type: ignore[assignment]  # nothing is posted here
    for way in ("read", "run", "run_batched"):
        monkeypatch.setattr(site.database, way, fails)

    answer = visitor.post(path, {"text": "Plus d’eau au sous-sol", "email": "amelie@city.example"})

    assert answer.status_code == 503
    assert "Plus d’eau au sous-sol</textarea>" in answer.text
    assert 'name="email" value="amelie@city.example"' in answer.text
    assert "ne peux rien enregistrer" in answer.text
