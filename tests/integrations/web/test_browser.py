"""The chat in a real browser: by keyboard, by ear, on a small screen, in both languages, and live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import NARROW, WIDE, Look, assert_accessible, assert_fits
from tests.integrations.web.test_contract import WebKit
from tests.sampler import HOSTILE, everything
from tests.small_app import App, serving
from workbot.cards import Button, Buttons, Card, Text
from workbot.people import Person

WORDS = {
    "en": {"form": "form", "all": "everything", "send": "Send it", "say": "Send", "title": "In short"},
    "fr": {"form": "formulaire", "all": "tout", "send": "Envoyer", "say": "Envoyer", "title": "En bref"},
}


@dataclass
class Site:
    app: App
    url: str
    look: Look

    def visit(self, person: Person | None, path: str = "/chat", **more: Any) -> Page:
        return self.look(self.url + path, cookie=self.app.cookie(person) if person else "", **more)


@pytest.fixture
def site(app: App, look: Look) -> Iterator[Site]:
    with serving(app) as url:
        yield Site(app, url, look)


def say(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def fill(page: Page) -> None:
    page.locator("#f-title").fill("No power")
    page.locator("#f-more").fill("Since the storm.")
    page.locator("#f-device").check()
    page.locator("#f-floor").select_option("3")
    page.locator("#f-people").fill("4")


# Without a reload


def test_words_and_their_answer_appear_without_a_reload(site: Site, ada: Person) -> None:
    page = site.visit(ada)
    page.evaluate("window.stayed = true")

    say(page, "help")

    expect(page.locator("article")).to_have_count(2)
    expect(page.locator("article").last).to_contain_text("What I can do")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("")
    assert page.evaluate("window.stayed")


def test_a_button_changes_its_card_in_place(site: Site, ada: Person) -> None:
    site.app.tell(ada, everything("en"), "all")
    page = site.visit(ada)

    page.get_by_role("button", name="Take it").click()

    expect(page.locator("article")).to_have_count(1)
    expect(page.locator("article")).to_contain_text("Ada Tremblay took 7")


def test_a_choice_is_sent_with_its_button(site: Site, ada: Person) -> None:
    site.app.tell(ada, everything("en"), "all")
    page = site.visit(ada)

    page.get_by_label("Priority").select_option(label="High")
    page.get_by_role("button", name="Choose").click()

    expect(page.locator("article").last).to_contain_text("Priority high")


def test_two_people_see_each_other_live(site: Site) -> None:
    site.app.open_place("it", "IT desk", "agent:it")
    bob, eve = (site.app.hire(name, "agent:it") for name in ("Bob Lavoie", "Eve Morin"))
    bobs, eves = site.visit(bob, "/chat/p/it"), site.visit(eve, "/chat/p/it")

    say(bobs, "Who has the keys?")
    expect(eves.locator("article")).to_contain_text("Who has the keys?")

    site.app.tell_place("it", everything("en"), "new")
    bobs.get_by_role("button", name="Take it").click()
    expect(eves.locator("article").last).to_contain_text("Bob Lavoie took 7")


def test_replies_are_counted_live(site: Site, ada: Person) -> None:
    site.app.tell(ada, Card("IT-1", replies="Reply"), "one", subject="note:1")
    page, thread = site.visit(ada), site.visit(ada)
    thread.get_by_role("link", name="Reply").click()

    say(thread, "It is the cable")

    expect(thread.locator("article").last).to_contain_text("It is the cable under note:1")
    expect(page.get_by_role("link", name="replies")).to_have_text("2 replies")


def test_a_card_drawn_again_keeps_the_focus_and_a_choice_half_made(site: Site, ada: Person) -> None:
    site.app.tell(ada, everything("en"), "one", subject="thing")
    page = site.visit(ada)
    page.get_by_label("Priority").select_option(label="High")
    page.get_by_role("button", name="Describe it").focus()

    site.app.tell(ada, Card("Again", everything("en").body), "two", subject="thing")

    expect(page.get_by_role("heading", name="Again")).to_be_visible()
    expect(page.get_by_role("button", name="Describe it")).to_be_focused()
    assert "high" in page.get_by_label("Priority").input_value()


def test_who_reads_further_up_is_told_rather_than_moved(site: Site, ada: Person) -> None:
    for number in range(30):
        site.app.tell(ada, Card(f"Message {number}", (Text("…"),)), f"m{number}")
    page = site.visit(ada)
    expect(page.locator("article").last).to_be_in_viewport()
    page.evaluate("window.scrollTo(0, 0)")

    site.app.tell(ada, Card("The newest"), "new")

    told = page.get_by_role("button", name="New messages below")
    expect(told).to_be_visible()
    assert page.evaluate("window.scrollY") == 0
    told.click()
    expect(page.get_by_role("heading", name="The newest")).to_be_in_viewport()


def test_what_cannot_be_sent_is_said_and_still_there(site: Site, ada: Person, look: Look) -> None:
    page = site.visit(ada)
    page.route("**/chat/say", lambda route: route.fulfill(status=500, body=""))

    say(page, "Precious words")

    expect(page.get_by_role("alert")).to_contain_text("your text is still here")
    expect(page.locator("#text")).to_have_value("Precious words")
    page.unroute("**/chat/say")
    page.locator("#text").press("Enter")
    expect(page.locator("article").first).to_contain_text("Precious words")
    look.complaints.clear()  # of the failure that was asked for


# Forms in a dialog


def test_a_form_opens_over_the_page_and_is_answered(site: Site, ada: Person) -> None:
    page = site.visit(ada)
    say(page, "form")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("#f-title")).to_be_focused()

    fill(page)
    page.get_by_role("button", name="Send it").click()

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("article").last).to_contain_text("Since the storm.")
    expect(page.locator("#text")).to_be_focused()


def test_errors_are_read_first_and_everything_typed_is_still_there(site: Site, ada: Person) -> None:
    page = site.visit(ada)
    say(page, "form")
    fill(page)
    page.locator("#f-people").fill("0")
    page.get_by_role("button", name="Send it").click()

    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("cannot be less than 1")
    expect(page.locator("#f-more")).to_have_value("Since the storm.")
    expect(page.locator("#f-people")).to_have_attribute("aria-invalid", "true")
    assert_accessible(page)

    summary.get_by_role("link").press("Enter")
    expect(page.locator("#f-people")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator("article").last).to_contain_text("Thank you")


def test_a_refusal_stands_over_the_form_with_everything_still_typed(site: Site, ada: Person) -> None:
    page = site.visit(ada)
    say(page, "form")
    fill(page)
    page.locator("#f-title").fill("closed")
    page.get_by_role("button", name="Send it").click()

    expect(page.locator(".refusal")).to_be_focused()
    expect(page.locator("#f-more")).to_have_value("Since the storm.")


def test_escape_closes_an_untouched_form_and_the_focus_goes_back(site: Site, ada: Person) -> None:
    site.app.tell(ada, everything("en"), "all")
    page = site.visit(ada)
    opener = page.get_by_role("button", name="Describe it")
    opener.click()
    expect(page.locator("#f-title")).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_touched_form_asks_before_it_closes(site: Site, ada: Person) -> None:
    page = site.visit(ada)
    asked: list[str] = []
    page.on("dialog", lambda question: (asked.append(question.message), question.dismiss()))
    say(page, "form")
    page.locator("#f-title").fill("Half a story")

    page.keyboard.press("Escape")

    assert asked == ["Close the form? What you typed will be lost."]
    expect(page.locator("#f-title")).to_have_value("Half a story")


# By keyboard, without scripts


def test_everything_can_be_done_by_keyboard(site: Site, ada: Person) -> None:
    site.app.tell(ada, Card("Tick", (Buttons((Button("Done", "sample.take", "1", "primary"),)),)), "one")
    page = site.visit(ada)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "Done")
    page.keyboard.press("Enter")
    expect(page.locator("article")).to_contain_text("Ada Tremblay took 1")

    tab_to(page, "Write to workbot")
    page.keyboard.type("one line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("another")
    page.keyboard.press("Enter")
    expect(page.locator("article").nth(1)).to_contain_text("another")


def test_the_menu_opens_and_closes_by_keyboard(site: Site, ada: Person) -> None:
    page = site.visit(ada)
    summary = page.locator("details.menu > summary")
    summary.focus()

    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(summary).to_be_focused()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what has this name."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "document.activeElement.labels?.[0]?.textContent || document.activeElement.textContent || ''"
        )
        if focused.strip() == name:
            return
    raise AssertionError(f"{name!r} cannot be reached with the Tab key")


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_everything_works_without_scripts(site: Site, ada: Person, width: int) -> None:
    page = site.visit(ada, scripts=False, width=width)

    page.locator("#text").fill("everything")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Describe it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Describe the problem")
    fill(page)
    page.locator("#f-people").fill("0")
    page.get_by_role("button", name="Send it").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("#f-more")).to_have_value("Since the storm.")
    page.locator("#f-people").fill("2")
    page.get_by_role("button", name="Send it").click()
    expect(page.locator("article").last).to_contain_text("Thank you")
    expect(page.locator("article").last).to_be_in_viewport()

    page.get_by_role("button", name="Take it").click()
    expect(page.locator("article").nth(1)).to_contain_text("Ada Tremblay took 7")
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page).to_have_url(site.url + "/signin")


# For everyone, on every screen


@pytest.fixture
def furnished(site: Site) -> Site:
    """An app in which every kind of page has something on it."""
    site.app.open_place("it", "IT desk", "agent:it")
    return site


def resident(site: Site, locale: str) -> Person:
    person = site.app.hire("Étienne Gagnon", "agent:it", locale=locale)
    picture, document = WebKit(site.app).files()
    app = site.app
    app.tell(person, Card("IT-12", (Text(HOSTILE),), "good", replies="Reply"), "one", subject="note:1")
    app.tell(person, Card("Bob", (Text("Have you tried turning it off?"),), "warn"), "two", thread="note:1")
    app.tell(person, everything(locale, image=picture, file=document), "all")
    app.tell_place("it", Card("IT-13", (Text("x" * 300),), "bad", replies="Reply"), "it")
    return person


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize(("width", "dark"), [(NARROW, False), (NARROW, True), (WIDE, False), (WIDE, True)])
def test_no_page_keeps_anyone_out(furnished: Site, locale: str, width: int, dark: bool) -> None:
    words = WORDS[locale]
    page = furnished.visit(resident(furnished, locale), width=width, dark=dark)

    say(page, words["all"])
    expect(page.locator("article").last).to_contain_text("8")
    sound(page)
    page.locator("details.menu > summary").click()
    sound(page)

    say(page, words["form"])
    page.get_by_role("dialog").wait_for()
    sound(page)
    page.get_by_role("dialog").get_by_role("button", name=words["send"]).click()
    page.locator(".error-summary").wait_for()
    sound(page)

    page.goto(f"{furnished.url}/chat/p/it")
    sound(page)
    page.locator(".thread-link a").click()
    page.wait_for_url("**/chat/t/*")
    sound(page)
    page.goto(f"{furnished.url}/chat/t/nowhere")
    sound(page)
    page.context.clear_cookies()
    page.goto(f"{furnished.url}/signin")
    sound(page)
    page.goto(f"{furnished.url}/signin/unknown")
    sound(page)


def sound(page: Page) -> None:
    assert_fits(page)
    assert_accessible(page)
