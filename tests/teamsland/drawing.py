"""Cards as Microsoft's own renderer draws them, in Chromium, in the looks of Teams: a picture and what is to be seen.

A folder of tests imports the fixtures in its `conftest.py`:

    from tests.browser import chromium
    from tests.teamsland.drawing import easel
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.teamsland.reading import Thing

HERE = Path(__file__).parent
VENDOR = HERE.parent / "vendor"
INTER = HERE.parent.parent / "workbot" / "web" / "static" / "inter-latin.woff2"
# A card in a phone's chat, and in one on a desk.
PHONE, DESKTOP = 360, 640
GREY = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="320" style="background: #ccc"/>'


@dataclass(frozen=True)
class Drawing:
    """A card as it was drawn.

    `problems` is what the renderer has against it, `cut` the texts that do not fit, `pictures` the words for those who
    cannot see them.
    """

    problems: tuple[str, ...]
    text: str
    pictures: tuple[str, ...]
    links: tuple[str, ...]
    buttons: tuple[str, ...]
    cut: tuple[str, ...]
    png: bytes


class Easel:
    """Draws one card after the other, on one page for each width."""

    def __init__(self, chromium: Browser) -> None:
        self.chromium = chromium
        # Pictures by address; nothing else is to be had from outside, and a grey field stands for any other picture.
        self.files: dict[str, bytes] = {}
        self._pages: dict[int, Page] = {}

    def draw(self, card: Thing, *, width: int = DESKTOP, dark: bool = False, picture: bool = True) -> Drawing:
        """Draw a card; without a picture of it many times as fast."""
        page = self.page(width)
        seen: Thing = page.evaluate("([card, theme]) => draw(card, theme)", [card, "dark" if dark else "light"])
        png = page.screenshot(full_page=True) if picture else b""
        lists: dict[str, Any] = {name: tuple(value) for name, value in seen.items() if name != "text"}
        return Drawing(text=seen["text"], png=png, **lists)

    def page(self, width: int = DESKTOP) -> Page:
        """The page of a width, as the last card on it left it: to press something, or to have it examined."""
        if width not in self._pages:
            page = self.chromium.new_page(viewport={"width": width, "height": 400}, device_scale_factor=1)
            page.route("**/*", self._fetch)
            page.set_content(self._whole())
            self._pages[width] = page
        return self._pages[width]

    def close(self) -> None:
        for page in self._pages.values():
            page.close()

    def _whole(self) -> str:
        """The page with the libraries and the typeface in it, so that it needs no address."""
        libraries = [(VENDOR / name).read_text() for name in ("adaptivecards.min.js", "markdown-it.min.js")]
        assert not any("</script" in library for library in libraries), "would end before its end"
        inlined = "".join(f"<script>{library}</script>" for library in libraries)
        page = (HERE / "easel.html").read_text().replace("INTER", b64encode(INTER.read_bytes()).decode())
        return page.replace('<div id="card">', f'{inlined}<div id="card">')

    def _fetch(self, route: Route) -> None:
        if content := self.files.get(route.request.url):
            route.fulfill(body=content)
        elif route.request.resource_type == "image":
            route.fulfill(body=GREY, content_type="image/svg+xml")
        else:
            route.abort()


@pytest.fixture(scope="module")
def easel(chromium: Browser) -> Iterator[Easel]:
    made = Easel(chromium)
    yield made
    made.close()
