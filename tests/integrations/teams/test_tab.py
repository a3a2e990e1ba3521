"""Teams' personal tab: who gets a session, what it is good for, and how little anybody else can do with it."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from itsdangerous import URLSafeSerializer
from sqlalchemy import delete, func
from sqlmodel import select

from integrations.teams.clouds import PUBLIC
from integrations.teams.tab import LIVES, OWN_PAGE
from integrations.web import own_page
from tests.integrations.teams.city import BASE, City
from tests.integrations.teams.tabs import TabWindow, opened
from tests.integrations.web.reading import fields, page
from tests.teamsland import tokens
from tests.teamsland.things import Person as User
from workbot.people import Account, Person
from workbot.processed_turns import ProcessedTurn

COOKIE = "__Host-workbot_tab"
Claims = dict[str, Any]


@pytest.fixture
def ada(city: City) -> User:
    return city.hire("Ada Tremblay")


@pytest.fixture
def tab(city: City, ada: User) -> TabWindow:
    return opened(city, ada)


def claims(city: City, user: User) -> Claims:
    who = {"name": user.name, "oid": user.id, "upn": user.upn}
    return tokens.for_a_tab(city.world.login, user.tenant.id, city.world.app.client_id, who)


def turns(city: City) -> int:
    with city.app.database.session() as session:
        return session.exec(select(func.count()).select_from(ProcessedTurn)).one()


def button(html: str, label: str) -> dict[str, str]:
    """What pressing a button of the page sends."""
    for form in page(html).all("form", action=f"{OWN_PAGE}/press#notice"):
        for one in form.all("button"):
            if one.text == label:
                return fields(form) | {one.attributes["name"]: one.attributes["value"]}
    raise AssertionError(f"there is no button {label!r}")


# Coming in


def test_whoever_teams_vouches_for_sees_their_own_page(tab: TabWindow) -> None:
    shown = tab.get(OWN_PAGE)

    assert shown.status_code == 200
    assert page(shown.text).all("h1")[0].text == "My page"
    assert "You have not asked for anything yet." in page(shown.text).text


def test_a_page_in_teams_has_nothing_of_ours_around_it(tab: TabWindow) -> None:
    shown = page(tab.get(OWN_PAGE).text)

    assert shown.all("nav") == []
    assert shown.all("header") == []
    assert [one.attributes["src"].partition("?")[0] for one in shown.all("script")] == [
        "/static/htmx.min.js",
        "/static/workbot.js",
        "/static/teams.min.js",
        "/static/teams.js",
    ]


def test_the_page_speaks_the_language_of_its_person(city: City) -> None:
    shown = opened(city, city.hire("Étienne Gagnon", locale="fr")).get(OWN_PAGE)

    assert shown.headers["content-language"] == "fr"
    assert page(shown.text).all("h1")[0].text == "Ma page"


@pytest.mark.parametrize(("asked", "title"), [("fr-ca", "Ma page"), ("en-us", "My page"), ("", "My page")])
def test_the_tab_begins_in_the_language_of_teams(city: City, asked: str, title: str) -> None:
    shown = city.request("GET", f"/teams/tab?locale={asked}")

    assert page(shown.text).all("title")[0].text == f"{title} · workbot"


def test_the_session_is_kept_in_a_window_within_another_site_and_by_no_script(city: City, ada: User) -> None:
    given = TabWindow(city).enter(city.driver.tab_token(ada)).headers["set-cookie"]

    name, *attributes = [part.strip() for part in given.split(";")]
    assert name.startswith(f"{COOKIE}=")
    assert {"Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"} <= set(attributes)
    assert not any(attribute.lower().startswith("domain") for attribute in attributes)


def test_a_request_is_opened_written_and_followed_in_the_tab(tab: TabWindow) -> None:
    desks = tab.post(f"{OWN_PAGE}/press", button(tab.get(OWN_PAGE).text, "New request")).text
    form = page(tab.post(f"{OWN_PAGE}/press", button(desks, "Facilities")).text)
    asked = form.all("form", action=f"{OWN_PAGE}/form#notice")[0]
    written = {"f-title": "The heating is off", "f-place": "City Hall, 2nd floor"}
    assert written.keys() <= fields(asked).keys()

    sent = tab.post(f"{OWN_PAGE}/form", fields(asked) | written)

    (said,) = page(sent.text).all("section", id="notice")
    assert "Your request FAC-1 is with the desk" in said.text
    assert "FAC-1 · The heating is off" in page(tab.get(OWN_PAGE).text).text


# Who does not come in

FORGED: dict[str, Callable[[City, User], str]] = {
    "nothing": lambda city, ada: "",
    "garbage": lambda city, ada: "x.y.z",
    "no token at all": lambda city, ada: "é" * 40,
    "nobody's signature": lambda city, ada: tokens.unsigned(claims(city, ada), tokens.ENTRA),
    "a stranger's key": lambda city, ada: tokens.signed(claims(city, ada), tokens.ENTRA, key=tokens.key("stranger")),
    "a key that nobody publishes": lambda city, ada: tokens.signed(claims(city, ada), "stranger"),
    "bot framework's key": lambda city, ada: tokens.signed(claims(city, ada), city.world.bot_framework_keys[0]),
    "the public key as a secret": lambda city, ada: confused(claims(city, ada)),
    "a token of the connector": lambda city, ada: tokens.signed(
        tokens.for_the_bot(city.world.app.client_id, city.world.base), city.world.bot_framework_keys[0]
    ),
    "a token of an app": lambda city, ada: tokens.signed(
        tokens.for_an_app(ada.tenant.id, city.world.app.client_id, city.world.app.client_id, ["access_as_user"])
        | {"oid": ada.id},
        tokens.ENTRA,
    ),
    "a changed letter": lambda city, ada: changed(city.driver.tab_token(ada)),
    "another issuer": lambda city, ada: city.driver.tab_token(ada, iss=f"https://evil.example/{ada.tenant.id}/v2.0"),
    "another audience": lambda city, ada: city.driver.tab_token(ada, aud="00000003-0000-0000-c000-000000000000"),
    "another host's audience": lambda city, ada: city.driver.tab_token(
        ada, aud=f"api://evil.example/{city.world.app.client_id}"
    ),
    "another scope": lambda city, ada: city.driver.tab_token(ada, scp="User.Read openid"),
    "no scope": lambda city, ada: city.driver.tab_token(ada, scp=None),
    "an end that has come": lambda city, ada: city.driver.tab_token(ada, exp=int(time.time()) - 600),
    "a beginning to come": lambda city, ada: city.driver.tab_token(ada, nbf=int(time.time()) + 3600),
    "no end": lambda city, ada: tokens.signed(
        {name: value for name, value in claims(city, ada).items() if name != "exp"}, tokens.ENTRA
    ),
    "nobody": lambda city, ada: city.driver.tab_token(ada, oid=None),
    "an empty name": lambda city, ada: city.driver.tab_token(ada, oid=""),
    "several": lambda city, ada: city.driver.tab_token(ada, oid=[ada.id]),
    "no tenant": lambda city, ada: city.driver.tab_token(ada, tid=None),
    "another tenant's name": lambda city, ada: city.driver.tab_token(ada, tid=city.world.add_tenant().id),
    "another tenant's issuer": lambda city, ada: city.driver.tab_token(
        ada, iss=f"{city.world.login}/{city.world.add_tenant().id}/v2.0"
    ),
    "a tenant that is an address": lambda city, ada: city.driver.tab_token(ada, tid="../common"),
}


def confused(known: Claims) -> str:
    """A token that is signed with our public key as if it were a secret (the confusion of RS256 with HS256)."""
    public = tokens.key(tokens.ENTRA).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = [{"alg": "HS256", "typ": "JWT", "kid": tokens.ENTRA}, known]
    said = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
    return f"{said}.{_encoded(hmac.digest(public, said.encode(), 'sha256'))}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def changed(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


@pytest.mark.parametrize("forged", FORGED)
def test_a_token_that_is_not_right_is_given_nothing(city: City, ada: User, forged: str) -> None:
    embed_session = TabWindow(city)

    refused = embed_session.enter(FORGED[forged](city, ada))

    assert refused.status_code == 401
    assert "set-cookie" not in refused.headers
    assert embed_session.get(OWN_PAGE).url.path == "/signin"


@pytest.mark.parametrize("scheme", ["", "Basic ", "Bearer"])
def test_a_token_is_brought_as_a_bearers(city: City, ada: User, scheme: str) -> None:
    right = city.driver.tab_token(ada)

    assert TabWindow(city).enter("", authorization=f"{scheme}{right}").status_code == 401


def test_a_token_of_a_tenant_that_we_do_not_serve_is_given_nothing(city: City) -> None:
    eve = city.world.add_person(city.world.add_tenant(), "Eve", "eve@elsewhere.example", locale="en-CA")

    assert TabWindow(city).enter(city.driver.tab_token(eve)).status_code == 401


def test_a_token_with_our_own_address_as_its_audience_is_right(city: City, ada: User) -> None:
    named = f"api://bot.city.example/{city.world.app.client_id}"

    assert TabWindow(city).enter(city.driver.tab_token(ada, aud=named)).status_code == 204


def test_a_stranger_with_a_right_token_is_told_and_given_nothing(city: City) -> None:
    eve = city.world.add_person(city.tenant, "Eve Morin", "eve@city.example", locale="en-CA")

    refused = TabWindow(city).enter(city.driver.tab_token(eve))

    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


def test_somebody_who_has_left_is_a_stranger(city: City, ada: User) -> None:
    leave(city, ada)

    assert TabWindow(city).enter(city.driver.tab_token(ada)).status_code == 403


def leave(city: City, user: User) -> None:
    with city.app.database.session() as session:
        session.merge(city.person(user)).active = False


# How long it lasts, and for whom


def test_a_session_ends_and_the_tab_begins_anew(city: City, tab: TabWindow) -> None:
    city.clock.move_to(city.clock.now() + LIVES - timedelta(minutes=1))
    assert tab.get(OWN_PAGE).url.path == OWN_PAGE

    city.clock.move_to(city.clock.now() + timedelta(minutes=1))

    assert tab.get(OWN_PAGE).url.path == "/teams/tab"


def test_whoever_leaves_is_out_at_once(city: City, ada: User, tab: TabWindow) -> None:
    leave(city, ada)

    assert tab.get(OWN_PAGE).url.path == "/teams/tab"


def test_whoever_signs_out_everywhere_is_out_here_too(city: City, ada: User, tab: TabWindow) -> None:
    sign_in = city.app.sign_in
    browser = TabWindow(city)
    browser.client.cookies.set(sign_in.cookie, city.do(sign_in.open_session(city.person(ada).id)))

    assert browser.post("/sessions", {"session": "all"}).url.path == "/signin"
    assert tab.get(OWN_PAGE).url.path == "/teams/tab"
    assert opened(city, ada).get(OWN_PAGE).url.path == OWN_PAGE


def test_whoever_comes_back_does_not_find_it_open(city: City, ada: User, tab: TabWindow) -> None:
    key = city.person(ada).id
    leave(city, ada)
    with city.app.database.session() as session:
        session.get_one(Person, key).active = True

    assert tab.get(OWN_PAGE).url.path == "/teams/tab"


def test_an_account_that_is_nobodys_any_more_is_out_at_once(city: City, ada: User, tab: TabWindow) -> None:
    with city.app.database.session() as session:
        session.execute(delete(Account).where(Account.platform == "teams"))  # type: ignore[arg-type]

    assert tab.get(OWN_PAGE).url.path == "/teams/tab"


@pytest.mark.parametrize("path", ["/chat", "/chat/t/x", "/chat/live", "/chat/files/x", "/console", "/console/people"])
def test_the_session_is_good_for_the_one_page(tab: TabWindow, path: str) -> None:
    assert tab.get(path).url.path == "/signin"


@pytest.mark.parametrize("path", ["/chat/say", "/chat/press", "/chat/form", "/console/journeys/start"])
def test_nothing_else_can_be_done_with_it(city: City, tab: TabWindow, path: str) -> None:
    before = turns(city)

    assert tab.post(path, {"text": "request it Steal the safe", "nonce": "n"}).url.path == "/signin"
    assert turns(city) == before


def test_a_session_that_was_altered_or_made_elsewhere_is_none(city: City, ada: User, tab: TabWindow) -> None:
    real = tab.client.cookies[COOKIE]
    claimed = [ada.tenant.id, ada.id, "2099-01-01T00:00:00+00:00"]
    forged = [
        real[:-1] + ("A" if real[-1] != "A" else "B"),
        str(URLSafeSerializer("another secret", salt="workbot.teams.tab").dumps(claimed)),
        str(URLSafeSerializer(city.app.settings.secret, salt="workbot.chat.form").dumps(claimed)),
        str(URLSafeSerializer(city.app.settings.secret, salt="workbot.teams.tab").dumps({"a": 1})),
        "x",
    ]

    for cookie in forged:
        embed_session = TabWindow(city)
        embed_session.client.cookies.set(COOKIE, cookie)
        assert embed_session.get(OWN_PAGE).url.path == "/teams/tab", cookie


def test_a_browser_in_which_somebody_signed_in_needs_no_tab(city: City, ada: User, tab: TabWindow) -> None:
    bob = city.person(city.hire("Bob Lavoie"))
    tab.client.cookies.set(city.app.sign_in.cookie, city.do(city.app.sign_in.open_session(bob.id)))

    shown = page(tab.get(OWN_PAGE).text)

    assert "Bob Lavoie" in shown.text
    assert shown.all("nav")


# What other sites can make of it

FOREIGN = {
    "another site": {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    "a neighbour": {"sec-fetch-site": "same-site", "origin": "https://evil.city.example"},
    "a person, so they say": {"sec-fetch-site": "none"},
    "another origin": {"origin": "https://evil.example"},
    "no origin": {"origin": "null"},
    "our name without its lock": {"origin": BASE.replace("https", "http")},
    "a browser that says nothing": {},
}


@pytest.mark.parametrize("whence", FOREIGN)
def test_another_site_can_press_nothing(city: City, tab: TabWindow, whence: str) -> None:
    pressed = button(tab.get(OWN_PAGE).text, "New request")
    before = turns(city)

    tab.request("POST", f"{OWN_PAGE}/press", data=pressed, headers=FOREIGN[whence])

    assert turns(city) == before
    # The very same is taken of our own page.
    tab.post(f"{OWN_PAGE}/press", pressed)
    assert turns(city) == before + 1


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_is_shown_nothing(tab: TabWindow, site: str) -> None:
    assert tab.request("GET", OWN_PAGE, headers={"sec-fetch-site": site}).url.path == "/teams/tab"


def test_a_window_of_its_own_is_no_other_site(tab: TabWindow) -> None:
    assert tab.request("GET", OWN_PAGE, headers={"sec-fetch-site": "none"}).url.path == OWN_PAGE


def test_a_token_is_taken_from_our_own_page_only(city: City, ada: User) -> None:
    right = {"authorization": f"Bearer {city.driver.tab_token(ada)}"}

    for whence in ("another site", "a neighbour", "another origin", "no origin"):
        refused = TabWindow(city).request("POST", "/teams/tab/enter", headers=FOREIGN[whence] | right)
        assert refused.status_code == 403


# Who may show it


@pytest.mark.parametrize("path", ["/teams/tab", "/teams/tab?locale=fr", OWN_PAGE, f"{OWN_PAGE}/files/x"])
def test_teams_and_nobody_else_may_show_the_page(tab: TabWindow, path: str) -> None:
    assert ancestors(tab.get(path)) == PUBLIC.frames


@pytest.mark.parametrize("path", ["/", "/chat", "/signin", "/console", "/chat/mined", "/teams/tabs", "/healthz"])
def test_all_other_pages_stand_alone(tab: TabWindow, path: str) -> None:
    assert ancestors(tab.get(path)) == "'none'"


def ancestors(answer: Any) -> str:
    rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
    return str(rules["frame-ancestors"])


def test_the_answer_to_a_press_may_be_shown_too(tab: TabWindow) -> None:
    answered = tab.post(f"{OWN_PAGE}/press", button(tab.get(OWN_PAGE).text, "New request"))

    assert ancestors(answered) == PUBLIC.frames


def test_no_page_in_teams_runs_what_stands_in_it(tab: TabWindow) -> None:
    shown = tab.get("/teams/tab")

    assert "script-src 'self';" in shown.headers["content-security-policy"]
    assert all("src" in script.attributes and not script.children for script in page(shown.text).all("script"))


def test_the_tab_and_the_web_chat_mean_the_same_page() -> None:
    assert own_page.HERE == OWN_PAGE
