"""Chromium for tests: pages as a person sees them, at any width, signed in or not, with scripts or without.

A folder of tests imports the fixtures in its `conftest.py`: `from tests.browser import chromium, look`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from workbot.signin import SESSION_COOKIE

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
NARROW = 320
WIDE = 1280
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
REQUIRED = os.environ.get("WORKBOT_REQUIRE_BROWSER") == "1"

Look = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Per module, since while it runs no other event loop can run in this thread."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        missing = "no Chromium on this machine: install Debian's `chromium` to run the browser's tests"
        (pytest.fail if REQUIRED else pytest.skip)(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def look(chromium: Browser) -> Iterator[Look]:
    """Open a page: `look(url, cookie=..., width=320, scripts=False, dark=True)`; no error may reach its console."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(url: str, *, cookie: str = "", width: int = WIDE, scripts: bool = True, **more: Any) -> Page:
        dark = "dark" if more.pop("dark", False) else "light"
        size = {"width": width, "height": more.pop("height", 900 if width > NARROW else 640)}
        context = chromium.new_context(
            viewport=size, java_script_enabled=scripts, color_scheme=dark, reduced_motion="reduce", **more
        )
        opened.append(context)
        if cookie:
            context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": url}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert complaints == []


def assert_accessible(page: Page) -> None:
    """No violation that axe-core finds, in the state in which the page is now."""
    # Evaluated by the debugger, and so past the page's own policy, which allows no script from elsewhere.
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert violations(found) == []


def violations(found: dict[str, Any]) -> list[str]:
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:200]} {node['any'][0]['message'] if node['any'] else ''}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def assert_fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"the page is {overflow} pixels wider than its window"
