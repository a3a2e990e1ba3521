"""Chromium for tests: pages as a person sees them, at any width, signed in or not, with scripts or without.

A folder of tests imports the fixtures in its `conftest.py`: `from tests.browser import chromium, look`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Frame, Page, sync_playwright

from workbot.web.signin import SESSION_COOKIE

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
NARROW = 320
WIDE = 1280
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--no-first-run",
]
REQUIRED = os.environ.get("WORKBOT_REQUIRE_BROWSER") == "1"


class Look:
    """Opens pages: `look(url, cookie=..., width=320, scripts=False, dark=True)`."""

    def __init__(self, chromium: Browser) -> None:
        self.chromium = chromium
        self.opened: list[BrowserContext] = []
        self.complaints: list[str] = []

    def __call__(self, url: str, *, cookie: str = "", width: int = WIDE, **more: Any) -> Page:
        page = self._context(width, **more).new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: self._hear(page, said))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if cookie:
            # An address with a path would keep the cookie to that path.
            page.context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": urljoin(url, "/")}])
        page.goto(url)
        return page

    def _hear(self, page: Page, said: ConsoleMessage) -> None:
        # A page that answers 404 is no error on the page: tests go there on purpose.
        if said.type == "error" and said.location["url"] != page.url:
            self.complaints.append(said.text)

    def _context(self, width: int, *, scripts: bool = True, dark: bool = False) -> BrowserContext:
        context = self.chromium.new_context(
            viewport={"width": width, "height": 640 if width <= NARROW else 900},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        self.opened.append(context)
        return context


def chromium_path() -> str | None:
    """Where this machine keeps its Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Per module, since while it runs no other event loop can run in this thread."""
    executable = chromium_path()
    if executable is None:
        missing = "no Chromium on this machine: install Debian's `chromium` to run the browser's tests"
        (pytest.fail if REQUIRED else pytest.skip)(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def look(chromium: Browser) -> Iterator[Look]:
    """What opens pages for a test; no error may have reached the console of any."""
    look = Look(chromium)
    yield look
    for context in look.opened:
        context.close()
    assert not look.complaints, "\n".join(look.complaints)


def assert_accessible(page: Page | Frame) -> None:
    """No violation that axe-core finds, in the state in which the page is now."""
    # Evaluated by the debugger, and so past the page's own policy, which allows no script from elsewhere.
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {preload: false, resultTypes: ['violations']})")
    wrong = violations(found)
    assert not wrong, "\n".join(wrong)


def violations(found: dict[str, Any]) -> list[str]:
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:200]} {node['any'][0]['message'] if node['any'] else ''}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def assert_fits(page: Page | Frame) -> None:
    """Nothing makes the page scroll sideways."""
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"the page is {overflow} pixels wider than its window"
