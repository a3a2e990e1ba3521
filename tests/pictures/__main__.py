"""The pictures of the README, taken in a made-up city: `python -m tests.pictures`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import ARGUMENTS, chromium_path
from tests.demo.city import City, serving
from workbot import demo

HERE = Path(__file__).parent
ASK = {"en": "request it Laptop will not start", "fr": "demande it Mon portable ne démarre pas"}


def chat(page: Page, locale: str) -> None:
    """A survey in progress, and a request under way."""
    question = page.locator("article", has_text="1 of 3" if locale == "en" else "1 sur 3")
    question.get_by_role("button", name="4 ·").click()
    page.locator("#text").fill(ASK[locale])
    page.locator("#text").press("Enter")
    form = page.get_by_role("dialog")
    form.locator("input[value=broken]").check()
    form.locator("input[value=blocked]").check()
    form.locator("button.primary").click()
    page.locator("article", has_text="IT-").last.wait_for()


def desk(page: Page, locale: str) -> None:
    page.goto(page.url.replace("/chat", "/chat/p/it"))


def survey(page: Page, locale: str) -> None:
    page.goto(page.url.replace("/chat", "/console/surveys/weekly/12"))


def journeys(page: Page, locale: str) -> None:
    page.goto(page.url.replace("/chat", "/console/journeys"))


# What is taken, and as whom in each language.
PICTURES: dict[str, tuple[Callable[[Page, str], None], dict[str, str]]] = {
    "chat": (chat, {"en": "noor.karim", "fr": "amelie.tremblay"}),
    "desk": (desk, {"en": "bea.novak", "fr": "felix.lavoie"}),
    "survey": (survey, {"en": "priya.nair", "fr": "etienne.gagnon"}),
    "journeys": (journeys, {"en": "priya.nair", "fr": "etienne.gagnon"}),
}


def take(browser: Browser, city: City, name: str, locale: str) -> None:
    act, people = PICTURES[name]
    context = browser.new_context(viewport={"width": 1120, "height": 840}, reduced_motion="reduce")
    page = context.new_page()
    page.request.post(f"{city.url}/demo/be/{people[locale]}@rivermont.example")
    page.goto(f"{city.url}/chat")
    if page.locator("html").get_attribute("lang") != locale:
        page.request.post(f"{city.url}/language", form={"locale": locale, "next": "/chat"})
        page.reload()
    act(page, locale)
    # Fonts, pictures and the last animation.
    page.wait_for_timeout(1500)
    page.screenshot(path=HERE / f"{name}-{locale}.png")
    context.close()


def main(folder: Path) -> None:
    demo.make(folder, 8080, lambda share: print(f"\r{share:.0%}", end="", flush=True))
    with serving(folder) as city, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        for name in PICTURES:
            for locale in ("en", "fr"):
                take(browser, city, name, locale)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(scratch) / "demo")
