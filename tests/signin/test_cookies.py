"""A browser that keeps no cookies uses no link up, and is told what it lacks."""

from __future__ import annotations

import httpx
import pytest

from tests.signin.door import Door
from tests.visitor import Visitor
from workbot.people import Person
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")


class Nothing(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        return None


class Forgetful(Visitor):
    """A browser that gives back no cookie."""

    def __init__(self, door: Door, **headers: str) -> None:
        super().__init__(door.app, door.base_url, **headers)
        self._client._cookies = Nothing()


def test_without_cookies_a_link_stays_good_and_the_page_says_what_is_missing(door: Door, ada: Person) -> None:
    link = door.letter_to(ada.email)
    browser = Forgetful(door)

    assert browser.get(link).status_code == 200
    for _ in range(3):
        refused = browser.post(link, {"next": "/chat"})
        assert refused.status_code == 400
        assert "Votre navigateur ne garde aucun témoin" in refused.text
        assert "<button" in refused.text

    assert door.browser().post(link).text == str(ada.id)


def test_once_they_are_allowed_the_same_page_goes_on(door: Door, ada: Person) -> None:
    link = door.letter_to(ada.email)
    refused = Forgetful(door).post(link)
    path = link.removeprefix(door.base_url)
    assert f'action="{path}"' in refused.text

    assert door.browser().post(path, {"next": "/chat"}).text == str(ada.id)


def test_a_browser_that_never_saw_the_links_page_is_tried_first(door: Door, ada: Person) -> None:
    """An opened page may be left over from before cookies were cleared."""
    answer = door.browser().post(door.letter_to(ada.email), follow_redirects=False)

    assert answer.status_code == 307
    assert answer.headers["set-cookie"].startswith("__Host-workbot_cookies=")


def test_a_page_opened_without_https_leads_to_the_one_with_it(door: Door, ada: Person) -> None:
    link = door.letter_to(ada.email)

    refused = Forgetful(door, origin=door.base_url.replace("https", "http")).post(link, {"next": "/chat?thread=1"})

    assert refused.status_code == 400
    assert "Ouvrez cette page en https" in refused.text
    assert f'href="{link}?next=%2Fchat%3Fthread%3D1"' in refused.text
    assert door.browser().post(link).text == str(ada.id)


def test_a_link_asked_for_in_one_browser_opens_in_another(door: Door, ada: Person) -> None:
    asking, other = door.browser(), door.browser()
    asking.post("/signin", data={"email": ada.email})

    assert other.get(door.link()).status_code == 200
    assert other.post(door.link()).text == str(ada.id)
    assert asking.get("/chat").text == "None"


def test_a_link_that_is_over_is_said_to_be_whatever_the_browser_keeps(door: Door, ada: Person) -> None:
    link = door.letter_to(ada.email)
    door.browser().post(link)

    assert Forgetful(door).post(link).status_code == 410


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8080", "https://bot.example"])
def test_with_cookies_nothing_is_noticed(database: Database, ada: Person, base_url: str) -> None:
    door = Door(database, base_url)
    browser = door.browser()
    link = door.letter_to(ada.email)

    browser.get(link)
    landed = browser.post(link, {"next": "/chat"}, follow_redirects=False)

    assert (landed.status_code, landed.headers["location"]) == (303, "/chat")


@pytest.mark.parametrize(
    ("locale", "words"), [("fr", "Votre navigateur ne garde aucun témoin"), ("en", "Your browser keeps no cookies")]
)
def test_a_language_that_cannot_be_kept_is_not_forgotten_in_silence(door: Door, locale: str, words: str) -> None:
    refused = Forgetful(door).post("/language", {"locale": locale, "next": "/signin?next=/chat"})

    assert refused.status_code == 400
    assert words in refused.text
    assert f'<html lang="{locale}">' in refused.text
    assert 'href="/signin?next=/chat"' in refused.text


def test_a_language_is_kept_by_a_browser_that_had_no_cookie_yet(door: Door) -> None:
    browser = door.browser()

    landed = browser.post("/language", {"locale": "fr", "next": "/signin"})

    assert landed.status_code == 200
    assert '<html lang="fr">' in landed.text
    assert '<html lang="fr">' in browser.get("/signin").text
