"""The tab in a real browser: framed by another site that speaks TeamsJS' language, with cookies as browsers keep them.

Both sites have their real names and certificates of their own making; the browser is told to find both on this machine.
What Teams' window answers stands in `tests/teamsland/host.html`: no live Teams was asked.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, Page, expect, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from integrations.teams.tab import LIVES
from tests.browser import ARGUMENTS, NARROW, REQUIRED, WIDE, assert_accessible, assert_fits, chromium_path
from tests.integrations.teams.city import BASE, City
from tests.teamsland import tokens
from tests.teamsland.things import Person as User

TEAMS, EVIL = "https://teams.microsoft.com", "https://evil.example"
HOST_PAGE = Path(tokens.__file__).with_name("host.html")


@dataclass
class Desk:
    """A desktop with Teams on it: a browser whose window is Teams', and the tab in it."""

    browser: Browser

    def open(
        self, token: str, *, at: str = TEAMS, locale: str = "en-us", theme: str = "default", width: int = WIDE
    ) -> Page:
        """Teams with the tab in it, to which it gives a token."""
        page = self.page(width)
        page.goto(f"{at}/?theme={theme}")
        tab = f"{BASE}/teams/tab?locale={locale}"
        page.evaluate("([given, tab]) => { window.token = given; frame().src = tab; }", [token, tab])
        return page

    def page(self, width: int = WIDE) -> Page:
        page = self.browser.new_page(viewport={"width": width, "height": 800}, ignore_https_errors=True)
        page.set_default_timeout(10_000)
        return page


def said_to_teams(page: Page, what: str) -> list[list[str]]:
    """What the tab has told Teams' window under a name."""
    heard: list[list[str]] = page.evaluate("heard")
    return [arguments for name, *arguments in heard if name == what]


@pytest.fixture
def ada(city: City) -> User:
    return city.hire("Ada Tremblay")


@pytest.fixture
def zoe(city: City) -> User:
    return city.hire("Zoé Roy", locale="fr")


@pytest.fixture
def desk(city: City, tmp_path: Path) -> Iterator[Desk]:
    """Begun after the city, whose loop cannot run while the browser's does."""
    executable = chromium_path()
    if executable is None:
        missing = "no Chromium on this machine: install Debian's `chromium` to run the browser's tests"
        (pytest.fail if REQUIRED else pytest.skip)(missing)
    with ExitStack() as stack:
        sites = {BASE: city.asgi, TEAMS: teams(), EVIL: teams()}
        ports = {name: stack.enter_context(serving(app, name, tmp_path)) for name, app in sites.items()}
        rules = ", ".join(f"MAP {host(name)} 127.0.0.1:{port}" for name, port in ports.items())
        playwright = stack.enter_context(sync_playwright())
        # Teams' name is pinned to real certificates, which the context's own option does not lift.
        more = [f"--host-resolver-rules={rules}, MAP * ~NOTFOUND", "--ignore-certificate-errors"]
        browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS, *more])
        yield Desk(browser)
        browser.close()


def teams() -> Starlette:
    """Any site that shows the tab as Teams does."""

    def show(request: Request) -> Response:
        return HTMLResponse(HOST_PAGE.read_text())

    return Starlette(routes=[Route("/", show)])


@contextmanager
def serving(app: ASGIApp, name: str, folder: Path) -> Iterator[int]:
    """A server with https for a name; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    key, certificate = own_certificate(host(name), folder)
    config = uvicorn.Config(app, log_level="warning", lifespan="off", ssl_keyfile=key, ssl_certfile=certificate)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def own_certificate(name: str, folder: Path) -> tuple[Path, Path]:
    """The files of a key and of a certificate that nobody but us vouches for."""
    key, now = tokens.key("https"), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{name}.key", folder / f"{name}.pem"
    files[0].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    files[1].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return files


def host(origin: str) -> str:
    return origin.partition("://")[2]


def test_a_person_works_on_their_page_within_teams(city: City, ada: User, desk: Desk) -> None:
    page = desk.open(city.driver.tab_token(ada))
    shown = page.frame_locator("iframe")
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)

    shown.get_by_role("button", name="New request").click()
    shown.locator("#notice").get_by_role("button", name="Facilities").click()
    shown.locator("#f-title").fill("The heating is off")
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator(".error-summary")).to_be_visible()
    shown.locator("#f-place").fill("City Hall, 2nd floor")
    shown.get_by_role("button", name="Send").click()

    expect(shown.locator("#notice")).to_contain_text("Your request FAC-1 is with the desk")
    expect(shown.locator("main")).to_contain_text("FAC-1 · The heating is off")
    assert page.url.startswith(TEAMS)
    # TeamsJS has a list of Microsoft's hosts with it, and would like a newer one: no page of ours asks another server.
    assert refused
    assert all("https://res.cdn.office.net/" in said for said in refused)


def test_the_session_of_the_tab_stays_in_teams(city: City, ada: User, desk: Desk) -> None:
    page = desk.open(city.driver.tab_token(ada))
    expect(page.frame_locator("iframe").get_by_role("heading", name="My page")).to_be_visible()

    page.goto(f"{BASE}/chat/mine")

    expect(page).to_have_url(f"{BASE}/signin?next=%2Fchat%2Fmine")


def test_a_stranger_is_told_kindly_what_to_do(city: City, desk: Desk) -> None:
    eve = city.world.add_person(city.tenant, "Eve Morin", "eve@city.example", locale="en-CA")

    page = desk.open(city.driver.tab_token(eve))

    shown = page.frame_locator("iframe")
    expect(shown.get_by_role("heading")).to_have_text("Hello! We have not met")
    shown.get_by_role("link", name="Open my page in the browser").click()
    page.wait_for_function("heard.some(([name]) => name === 'executeDeepLink')")
    assert said_to_teams(page, "executeDeepLink") == [[f"{BASE}/signin?next=/chat/mine"]]


def test_it_is_said_when_teams_gives_no_token(desk: Desk) -> None:
    shown = desk.open("", locale="fr-ca").frame_locator("iframe")

    expect(shown.get_by_role("heading")).to_have_text("Teams ne nous a pas dit qui vous êtes")


def test_it_is_said_when_the_token_is_not_right(city: City, ada: User, desk: Desk) -> None:
    shown = desk.open(city.driver.tab_token(ada, aud="another")).frame_locator("iframe")

    expect(shown.get_by_role("heading")).to_have_text("Teams did not let us know who you are")


def test_it_is_said_when_the_browser_keeps_no_cookie(city: City, ada: User, desk: Desk) -> None:
    page = desk.open("")
    page.route("**/teams/tab/enter", lambda route: route.fulfill(status=204))
    page.evaluate("([given]) => { window.token = given; frame().src += ''; }", [city.driver.tab_token(ada)])

    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("This window keeps no session")


def test_it_is_said_when_we_cannot_be_reached(city: City, ada: User, desk: Desk) -> None:
    page = desk.open("")
    page.route("**/teams/tab/enter", lambda route: route.abort())
    page.evaluate("([given]) => { window.token = given; frame().src += ''; }", [city.driver.tab_token(ada)])

    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("workbot cannot be reached")


def test_a_session_that_has_ended_begins_anew_by_itself(city: City, ada: User, desk: Desk) -> None:
    page = desk.open(city.driver.tab_token(ada))
    shown = page.frame_locator("iframe")
    expect(shown.get_by_role("button", name="New request")).to_be_visible()

    city.clock.move_to(city.clock.now() + LIVES)
    shown.get_by_role("button", name="New request").click()

    page.wait_for_function("heard.filter(([name]) => name === 'authentication.getAuthToken').length === 2")
    expect(shown.get_by_role("heading", name="My page")).to_be_visible()


def test_outside_of_teams_the_tab_leads_to_the_usual_way_in(desk: Desk) -> None:
    page = desk.page()
    page.goto(f"{BASE}/teams/tab")

    page.get_by_role("link", name="Open my page in the browser").click()

    expect(page).to_have_url(f"{BASE}/signin?next=/chat/mine")


def test_a_link_that_leads_elsewhere_opens_in_the_browser(city: City, ada: User, desk: Desk) -> None:
    page = desk.open(city.driver.tab_token(ada))
    shown = page.frame_locator("iframe")
    shown.get_by_role("button", name="New request").click()
    expect(shown.locator("#notice")).to_be_visible()

    shown.locator("main").evaluate("main => main.insertAdjacentHTML('beforeend', '<a href=/chat/t/1>The thread</a>')")
    shown.get_by_role("link", name="The thread").click()
    page.wait_for_function("heard.some(([name]) => name === 'executeDeepLink')")
    shown.get_by_role("link", name="Close").click()

    expect(shown.locator("#notice")).to_have_count(0)
    assert said_to_teams(page, "executeDeepLink") == [[f"{BASE}/chat/t/1"]]


def test_the_tab_wears_the_theme_of_teams(city: City, ada: User, desk: Desk) -> None:
    page = desk.open(city.driver.tab_token(ada), theme="dark")
    shown = page.frame_locator("iframe")
    expect(shown.get_by_role("heading", name="My page")).to_be_visible()
    expect(shown.locator("html")).to_have_css("background-color", "rgb(16, 21, 28)")
    shown.get_by_role("button", name="New request").click()
    expect(shown.locator("#notice")).to_be_visible()
    expect(shown.locator("html")).to_have_css("background-color", "rgb(16, 21, 28)")

    page.evaluate("change('default')")

    expect(shown.locator("html")).to_have_css("background-color", "rgb(245, 246, 248)")


def test_another_site_cannot_show_the_tab(city: City, ada: User, desk: Desk) -> None:
    page = desk.open(city.driver.tab_token(ada), at=EVIL)

    page.wait_for_function("frame().contentWindow.length === 0 && heard.length === 0")
    page.wait_for_timeout(500)

    assert page.frames[1].url.startswith("chrome-error:")
    assert page.evaluate("heard") == []


def test_another_site_cannot_press_in_somebodys_name(city: City, ada: User, desk: Desk) -> None:
    page = desk.open(city.driver.tab_token(ada))
    shown = page.frame_locator("iframe")
    pressed = shown.get_by_role("button", name="New request").get_attribute("value")
    nonce = shown.locator("[name=nonce]").first.get_attribute("value")

    # In the same browser, and even with all that stands on the person's own page.
    page.goto(EVIL)
    with page.expect_response(f"{BASE}/chat/mine/press") as answered:
        page.evaluate(
            """([action, press, nonce]) => {
              const form = Object.assign(document.createElement("form"), { action, method: "post", target: "tab" });
              for (const [name, value] of Object.entries({ press, nonce })) {
                form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
              }
              document.body.append(form);
              form.submit();
            }""",
            [f"{BASE}/chat/mine/press", pressed, nonce],
        )

    assert answered.value.status == 403


@pytest.mark.parametrize("theme", ["default", "dark", "contrast"])
def test_no_page_in_teams_keeps_anyone_out(city: City, zoe: User, desk: Desk, theme: str) -> None:
    stranger = city.world.add_person(city.tenant, "Eve Morin", "eve@city.example", locale="en-CA")

    for user, title in ((stranger, "Hello! We have not met"), (zoe, "Ma page")):
        page = desk.open(city.driver.tab_token(user), theme=theme, width=NARROW)
        expect(page.frame_locator("iframe").get_by_role("heading", name=title)).to_be_visible()
        sound(page)

    page.frame_locator("iframe").get_by_role("button", name="Nouvelle demande").click()
    expect(page.frame_locator("iframe").locator("#notice")).to_be_visible()
    sound(page)


def sound(page: Page) -> None:
    assert_fits(page.frames[1])
    assert_accessible(page.frames[1])
