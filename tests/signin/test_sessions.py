"""Where one is signed in: seen on a page, ended one by one or all at once, and over for good when one leaves."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.signin.door import Door
from tests.talk import hire
from tests.visitor import Visitor
from workbot import plugins
from workbot.people import Person
from workbot.web.signin.sessions import browser_name

DATABASES = ("sqlite", "postgresql")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def signed_in(door: Door, person: Person, *, agent: str = FIREFOX, client: str = "203.0.113.9") -> Visitor:
    browser = door.browser(client=client, **{"user-agent": agent})
    browser.post(door.letter_to(person.email))
    return browser


def shown(page: str) -> list[str]:
    """The sessions on a page, by what their browsers are called."""
    return [" ".join(name.split()) for name in re.findall(r"<h2[^>]*>(.*?)(?:<span|</h2>)", page, re.S)]


def buttons(page: str) -> list[str]:
    return re.findall(r'name="session" value="([^"]+)"', page)


def test_the_page_names_the_programs_in_which_one_is_signed_in_too(
    door: Door, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(door, ada)

    assert "Dans ce navigateur aussi, dans Teams, ainsi que les liens" in browser.get("/sessions").text

    monkeypatch.setattr(plugins, "installed", dict)
    assert "Dans ce navigateur aussi, ainsi que les liens" in browser.get("/sessions").text


def test_the_page_shows_where_since_when_and_last_seen(door: Door, ada: Person) -> None:
    signed_in(door, ada, agent=SAFARI, client="198.51.100.7")
    door.clock.at += timedelta(hours=2)
    page = signed_in(door, ada).get("/sessions").text

    assert shown(page) == ["Firefox, Windows", "Safari, iPhone"]
    assert page.count("Ce navigateur") == 1
    assert page.index("Ce navigateur") < page.index("Safari, iPhone")
    assert "198.51.100.7" in page
    assert "09 h 00" in page.replace("\u00a0", " ") or "9 h" in page.replace("\u00a0", " ")


def test_somebody_who_is_signed_out_is_shown_the_way_in(door: Door) -> None:
    for answer in (door.browser().get("/sessions"), door.browser().post("/sessions", {"session": "all"})):
        assert answer.url.path == "/signin"
        assert answer.url.params["next"] == "/sessions"


def test_one_session_can_be_ended_from_another(door: Door, ada: Person) -> None:
    lost = signed_in(door, ada, agent=SAFARI)
    door.clock.at += timedelta(minutes=1)
    here = signed_in(door, ada)
    first, second, everywhere = buttons(here.get("/sessions").text)
    assert everywhere == "all"

    page = here.post("/sessions", {"session": second})

    assert page.url.path == "/sessions"
    assert buttons(page.text) == [first, "all"]
    assert here.get("/chat").text == str(ada.id)
    assert lost.get("/chat").text == "None"


def test_ending_this_session_leads_to_the_way_in(door: Door, ada: Person) -> None:
    here = signed_in(door, ada)

    assert here.post("/sessions", {"session": buttons(here.get("/sessions").text)[0]}).url.path == "/signin"


def test_nobody_ends_somebody_elses_session(door: Door, ada: Person) -> None:
    with door.database.session() as session:
        eve = hire(session, "Eve Poe")
    hers, adas = signed_in(door, eve), signed_in(door, ada)
    (key, _all) = buttons(adas.get("/sessions").text)

    for chosen in (key, "", "x", key.upper(), "0" * 32):
        hers.post("/sessions", {"session": chosen})

    assert adas.get("/chat").text == str(ada.id)


def test_sign_out_everywhere_is_everywhere(door: Door, ada: Person) -> None:
    browsers = [signed_in(door, ada) for _ in range(3)]
    unused = door.letter_to(ada.email)

    landed = browsers[0].post("/sessions", {"session": "all"})

    assert landed.url.path == "/signin"
    assert [browser.get("/chat").text for browser in browsers] == ["None"] * 3
    assert door.browser().post(unused).status_code == 410
    assert signed_in(door, ada).get("/chat").text == str(ada.id)


def test_a_session_of_somebody_who_left_stays_over_when_they_come_back(door: Door, ada: Person) -> None:
    browser = signed_in(door, ada)

    for active in (False, True):
        with door.database.session() as session:
            session.get_one(Person, ada.id).active = active

    assert browser.get("/chat").text == "None"
    assert shown(signed_in(door, ada).get("/sessions").text) == ["Firefox, Windows"]


def test_the_page_in_english_for_those_who_read_it(door: Door) -> None:
    with door.database.session() as session:
        bob = hire(session, "Bob Roy")

    page = signed_in(door, bob, agent="curl/8").get("/sessions").text

    assert shown(page) == ["A browser we do not know"]
    assert "Sign out everywhere" in page


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Windows"),
        (SAFARI, "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/142.0 Safari/537.36 Edg/142", "Edge, macOS"),
        ("Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36", "Chrome, ChromeOS"),
        (
            "Mozilla/5.0 (Linux; Android 15) SamsungBrowser/27 Chrome/125 Safari/537.36",
            "Samsung Internet, Android",
        ),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent: str, name: str) -> None:
    assert browser_name(agent) == name
