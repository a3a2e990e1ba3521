"""Signing in: a link that works once for the person it was sent to, and tells a stranger nothing."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlmodel import select

from tests.signin.door import Door
from workbot.cards import plain_text
from workbot.errors import DeliveryError
from workbot.people import Account, Person
from workbot.storage.database import Database
from workbot.web.signin import SignInLink, WebSession, letters, own_path

DATABASES = ("sqlite", "postgresql")


def test_a_link_signs_its_person_in(door: Door, ada: Person) -> None:
    browser = door.browser()
    link = door.letter_to("ada.tremblay@city.example")

    assert "Ada" in browser.get(link).text
    landed = browser.post(link)

    assert landed.url.path == "/chat"
    assert landed.text == str(ada.id)


def test_opening_a_link_does_not_use_it_up(door: Door, ada: Person) -> None:
    link = door.letter_to(ada.email)

    for _ in range(3):
        assert door.browser().get(link).status_code == 200
        assert door.browser().request("HEAD", link).status_code == 200

    assert door.browser().post(link).text == str(ada.id)


def test_a_form_that_cannot_be_read_does_not_use_a_link_up(door: Door, ada: Person) -> None:
    link = door.letter_to(ada.email)

    broken = door.browser().post(link, files={"next": ("next.txt", b"/chat")})

    assert broken.status_code == 400
    assert door.browser().post(link).text == str(ada.id)


def test_two_who_use_a_link_at_the_same_moment_are_one(door: Door, ada: Person) -> None:
    link = door.letter_to(ada.email)
    gate = Barrier(6)

    def use(_: int) -> int:
        gate.wait()
        return door.browser().post(link).status_code

    with ThreadPoolExecutor(6) as threads:
        statuses = sorted(threads.map(use, range(6)))

    assert statuses == [200, *[410] * 5]


@pytest.mark.parametrize("email", ["\0", "ada.tremblay@city.example\0", "x" * 100_000, "a@b\r\nBcc: eve@evil.example"])
def test_any_address_gets_the_same_answer(door: Door, ada: Person, email: str) -> None:
    assert door.browser().post("/signin", data={"email": email}).status_code == 200
    assert {letter.to for letter in door.post.letters} <= {ada.email}


def test_a_link_works_once(door: Door, ada: Person) -> None:
    link = door.letter_to(ada.email)
    door.browser().post(link)

    second = door.browser().post(link)

    assert second.status_code == 410
    assert door.sign_in.cookie not in second.cookies
    assert door.browser().get(link).status_code == 410


def test_a_link_works_for_ten_minutes(door: Door, ada: Person) -> None:
    link = door.letter_to(ada.email)

    door.clock.at += timedelta(minutes=10)

    assert door.browser().post(link).status_code == 410


def test_a_made_up_link_is_refused(door: Door, ada: Person) -> None:
    assert door.browser().post("/signin/" + "x" * 43).status_code == 410


def test_a_stranger_gets_the_same_answer_as_a_colleague(door: Door, ada: Person) -> None:
    known = door.browser().post("/signin", data={"email": ada.email})
    unknown = door.browser().post("/signin", data={"email": "nobody@city.example"})

    assert (known.status_code, known.text, known.url) == (unknown.status_code, unknown.text, unknown.url)
    assert [letter.to for letter in door.post.letters] == [ada.email]


def test_an_address_is_known_whatever_its_case(door: Door, ada: Person) -> None:
    assert door.letter_to("  ADA.Tremblay@City.Example ")


def test_a_letter_is_in_the_language_of_its_reader(door: Door, ada: Person) -> None:
    door.letter_to(ada.email)

    assert "Bonjour Ada" in plain_text(door.post.letters[0].card)
    assert door.post.letters[0].locale == "fr"


def test_nobody_is_flooded_with_links(door: Door, ada: Person) -> None:
    for _ in range(8):
        door.letter_to(ada.email)
    assert len(door.post.letters) == 5

    door.clock.at += timedelta(hours=1, seconds=1)
    door.letter_to(ada.email)
    assert len(door.post.letters) == 6


def test_nobody_is_flooded_by_many_who_ask_at_the_same_moment(door: Door, ada: Person) -> None:
    gate = Barrier(12)

    def ask(_: int) -> None:
        gate.wait()
        door.browser().post("/signin", data={"email": ada.email})

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(ask, range(12)))

    assert len(door.post.letters) == 5


@pytest.mark.parametrize(
    ("refusals", "arrives"),
    [
        ([DeliveryError("too many connections", throttled=True)] * 3, True),
        ([DeliveryError("too many connections", throttled=True)] * 99, False),
        ([DeliveryError("the answer was lost", doubtful=True)], False),
        ([DeliveryError("no such user", permanent=True)], False),
    ],
    ids=["too fast", "too fast for long", "perhaps taken", "refused for good"],
)
def test_a_letter_is_tried_again_for_a_while_where_we_were_too_fast_and_changes_no_answer(
    door: Door, ada: Person, monkeypatch: pytest.MonkeyPatch, refusals: list[DeliveryError], arrives: bool
) -> None:
    monkeypatch.setattr(letters, "PAUSES", (0, 0, 0))
    door.post.refusals = list(refusals)

    assert door.browser().post("/signin", data={"email": ada.email}).status_code == 200
    assert [letter.to for letter in door.post.letters] == [ada.email] * arrives


def test_a_letter_that_nobody_takes_is_given_up(door: Door, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(door.post, "post", lambda _letter: asyncio.sleep(30))

    assert door.browser().post("/signin", data={"email": ada.email}).status_code == 200


def test_neither_link_nor_session_is_stored(door: Door, ada: Person) -> None:
    browser = door.browser()
    link = door.letter_to(ada.email)
    browser.post(link)

    with door.database.session() as session:
        stored = f"{session.exec(select(SignInLink)).all()} {session.exec(select(WebSession)).all()}"
    assert link.rsplit("/", 1)[1].partition("?")[0] not in stored
    assert browser.cookies[door.sign_in.cookie] not in stored


def test_signing_in_again_replaces_the_session(door: Door, ada: Person) -> None:
    browser = door.browser()
    browser.post(door.letter_to(ada.email))
    first = browser.cookies[door.sign_in.cookie]

    browser.post(door.letter_to(ada.email))

    assert browser.cookies[door.sign_in.cookie] != first
    assert door.browser(cookie=f"{door.sign_in.cookie}={first}").get("/chat").text == "None"


def test_signing_out_ends_the_session_everywhere_the_cookie_went(door: Door, ada: Person) -> None:
    browser = door.browser()
    browser.post(door.letter_to(ada.email))
    copied = browser.cookies[door.sign_in.cookie]

    browser.post("/signout")

    assert browser.get("/chat").text == "None"
    assert door.browser(cookie=f"{door.sign_in.cookie}={copied}").get("/chat").text == "None"


def test_a_leaver_is_signed_out(door: Door, ada: Person) -> None:
    browser = door.browser()
    browser.post(door.letter_to(ada.email))

    with door.database.session() as session:
        session.get_one(Person, ada.id).active = False

    assert browser.get("/chat").text == "None"


def test_a_leaver_cannot_use_a_link_they_still_have(door: Door, ada: Person) -> None:
    link = door.letter_to(ada.email)

    with door.database.session() as session:
        session.get_one(Person, ada.id).active = False

    assert door.browser().post(link).status_code == 410


def test_a_session_ends_after_two_weeks_without_a_visit(door: Door, ada: Person) -> None:
    browser = door.browser()
    browser.post(door.letter_to(ada.email))

    for _ in range(3):
        door.clock.at += timedelta(days=13)
        assert browser.get("/chat").text == str(ada.id)

    door.clock.at += timedelta(days=14)
    assert browser.get("/chat").text == "None"


def test_a_session_ends_after_three_months_in_any_case(door: Door, ada: Person) -> None:
    browser = door.browser()
    browser.post(door.letter_to(ada.email))

    for _ in range(10):
        door.clock.at += timedelta(days=9)
        browser.get("/chat")

    assert browser.get("/chat").text == "None"


def test_a_session_is_out_of_reach_of_scripts_and_plain_http(door: Door, ada: Person) -> None:
    given = door.browser().post(door.letter_to(ada.email), follow_redirects=False).headers["set-cookie"]

    assert {"HttpOnly", "SameSite=lax", "Secure"} <= set(given.split("; "))


def test_a_neighbouring_site_cannot_sign_a_browser_in(door: Door, ada: Person) -> None:
    """It can set a cookie for the whole domain, but none whose name begins with `__Host-`."""
    theirs = door.sign_in.cookie.removeprefix("__Host-")
    given = door.browser().post(door.letter_to(ada.email), follow_redirects=False).headers["set-cookie"]
    token = given.partition("=")[2].partition(";")[0]

    assert given.startswith("__Host-")
    assert "Path=/" in given
    assert "Domain" not in given
    assert door.browser(cookie=f"{theirs}={token}").get("/chat").text == "None"


def test_a_machine_of_ones_own_needs_no_https(database: Database, ada: Person) -> None:
    door = Door(database, "http://127.0.0.1:8080")

    assert door.browser().post(door.letter_to(ada.email)).text == str(ada.id)


def test_whoever_signs_in_has_an_account_here(door: Door, ada: Person) -> None:
    door.browser().post(door.letter_to(ada.email))

    with door.database.session() as session:
        account = session.exec(select(Account).where(Account.platform == "web")).one()
    assert account.user == str(ada.id)


def test_without_mail_the_page_says_so(door: Door, ada: Person) -> None:
    door.sign_in.mailer = None

    page = door.browser().post("/signin", data={"email": ada.email})

    assert "Ask your administrator" in page.text
    assert "<input id" not in page.text


def test_a_form_of_another_site_signs_nobody_in(door: Door, ada: Person) -> None:
    link = door.letter_to(ada.email)

    assert door.browser(**{"sec-fetch-site": "cross-site"}).post(link).status_code == 403


def test_one_lands_where_one_wanted_to_go(door: Door, ada: Person) -> None:
    door.browser().post("/signin", data={"email": ada.email, "next": "/chat?thread=1"})

    assert door.link().endswith("?next=%2Fchat%3Fthread%3D1")
    assert 'value="/chat?thread=1"' in door.browser().get(door.link()).text


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\r\nb"]
)
def test_no_other_site_is_ever_where_one_lands(wanted: str) -> None:
    assert own_path(wanted) == "/chat"


def test_a_visitor_is_spoken_to_in_their_browsers_language(door: Door) -> None:
    french = door.browser(**{"accept-language": "fr-CA,fr;q=0.9,en;q=0.8"})

    assert '<html lang="fr">' in french.get("/signin").text
    assert '<html lang="en">' in door.browser(**{"accept-language": "de"}).get("/signin").text


def test_a_visitors_own_choice_of_language_comes_first(door: Door) -> None:
    browser = door.browser(**{"accept-language": "fr-CA"})

    landed = browser.post("/language", data={"locale": "en", "next": "/signin"})

    assert '<html lang="en">' in landed.text


def test_the_language_chosen_when_signed_in_is_kept_with_the_person(door: Door, ada: Person) -> None:
    browser = door.browser()
    browser.post(door.letter_to(ada.email))

    browser.post("/language", data={"locale": "en"})

    with door.database.session() as session:
        assert session.get_one(Person, ada.id).locale == "en"
