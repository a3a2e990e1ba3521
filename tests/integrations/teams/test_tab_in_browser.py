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
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.browser import ARGUMENTS, REQUIRED, chromium_path
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
        self, token: str, *, at: str = TEAMS, theme: str = "default", locale: str = "en-us", width: int = 1280
    ) -> Page:
        page = self.browser.new_page(viewport={"width": width, "height": 800}, ignore_https_errors=True)
        page.set_default_timeout(10_000)
        page.goto(f"{at}/?theme={theme}")
        page.evaluate(
            "([token, src]) => { window.token = token; frame().src = src; }",
            [token, f"{BASE}/teams/tab?locale={locale}"],
        )
        return page


def tab(page: Page) -> Frame:
    found = page.frame("tab")
    assert found is not None
    return found


@pytest.fixture
def ada(city: City) -> User:
    return city.hire("Ada Tremblay")


@pytest.fixture
def desk(city: City, tmp_path: Path) -> Iterator[Desk]:
    """Begun after the city, whose loop cannot run while the browser's does."""
    executable = chromium_path()
    if executable is None:
        missing = "no Chromium on this machine: install Debian's `chromium` to run the browser's tests"
        (pytest.fail if REQUIRED else pytest.skip)(missing)
    with ExitStack() as stack:
        sites = {BASE: city.app, TEAMS: teams(), EVIL: teams()}
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
