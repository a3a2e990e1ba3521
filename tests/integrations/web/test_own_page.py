"""A person's own page: everything on it can be pressed, with scripts or without, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from sqlmodel import Session, select

from tests import sampler
from tests.browser import NARROW, WIDE, Look, assert_accessible, assert_fits
from tests.integrations.web.conftest import visit
from tests.integrations.web.reading import Element, fields, page
from tests.integrations.web.test_browser import WORDS, Site, fill, tab_to
from tests.integrations.web.test_contract import WebKit
from tests.sampler import HOSTILE, everything
from tests.small_app import App, serving
from tests.visitor import Visitor
from workbot.cards import Button, Buttons, Card, Text
from workbot.people import Person
from workbot.processed_turns import ProcessedTurn
from workbot.router import Router
from workbot.storage.database import Database
from workbot.turns import HomeOpened, Page, Press, Reply, Say

MINE = "/chat/mine"
SHOWN: dict[str, str] = {}


def router() -> Router:
    """The sample feature, with things of a person's own."""
    whole = Router()
    whole.include(sampler.ROUTER)

    @whole.on(HomeOpened, order=10)
    def things(session: Session, turn: HomeOpened, *, person: Person, now: datetime) -> Page:
        more = Buttons((Button("Open 7", "own.open", "7"), Button("Nothing", "own.nothing")))
        return Page((everything(person.locale, **SHOWN), Card("Another", (Text(HOSTILE), more))))

    @whole.on(Press, "own.open")
    def _open(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
        return Say(Card(f"This is {turn.value}", (Buttons((Button("Take it up", "sample.take", turn.value),)),)))

    @whole.on(Press, "own.nothing")
    def _nothing(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
        return None

    return whole


@pytest.fixture
def app(database: Database) -> App:
    SHOWN.clear()
    return App(database, router=router())


def cards(html: str) -> list[str]:
    """The text of each card of the page, in order."""
    return [section.text for section in page(html).all("section")]


def notice(html: str) -> Element | None:
    return next(iter(page(html).all("section", id="notice")), None)


def button(html: str, label: str) -> dict[str, str]:
    """What pressing the first button of a label sends."""
    for form in page(html).all("form", action=f"{MINE}/press#notice"):
        for one in form.all("button"):
            if one.text == label:
                return fields(form) | {one.attributes["name"]: one.attributes["value"]}
    raise AssertionError(f"there is no button {label!r}")


def press(visitor: Visitor, label: str, html: str = "") -> str:
    return visitor.post(f"{MINE}/press", button(html or visitor.get(MINE).text, label)).text


def asked(html: str) -> dict[str, str]:
    return fields(page(html).all("form", action=f"{MINE}/form#notice")[0])


FILLED = {"f-title": "No power", "f-device": "Laptop", "f-floor": "3", "f-people": "4"}


# What stands on it


def test_a_page_shows_a_card_for_each_thing(visitor: Visitor) -> None:
    shown = cards(visitor.get(MINE).text)

    assert [one.split("\n")[0] for one in shown] == ["Everything I can show", "Another"]
    assert HOSTILE.split(" ")[0] in shown[1]


def test_a_page_with_nothing_on_it_says_so_and_what_to_do(database: Database) -> None:
    empty = App(database)
    html = visit(empty, empty.hire("Ada Tremblay")).get(MINE).text

    (said,) = cards(html)
    assert "Nothing waits for you" in said
    assert page(html).all("a", href="/chat")[-1].text == "Write to workbot"


def test_the_page_is_one_step_from_the_chat(visitor: Visitor) -> None:
    links = page(visitor.get("/chat").text).all("nav")[0].all("a", href=MINE)
    here = page(visitor.get(MINE).text).all("nav")[0].all("a", href=MINE)

    assert [link.text for link in links] == ["My page"]
    assert "aria-current" not in links[0].attributes
    assert here[0].attributes["aria-current"] == "page"


def test_a_stranger_is_shown_the_way_and_comes_back(app: App) -> None:
    landed = Visitor(app.asgi(), "http://127.0.0.1").get(MINE)

    assert landed.url.path == "/signin"
    assert landed.url.params["next"] == MINE


def test_a_page_may_be_shown_by_nobody_within_theirs(visitor: Visitor) -> None:
    assert "frame-ancestors 'none'" in visitor.get(MINE).headers["content-security-policy"]


# What is pressed


def test_what_is_answered_stands_above_the_page_and_can_be_pressed(visitor: Visitor) -> None:
    answered = press(visitor, "Open 7")
    said = notice(answered)
    assert said is not None
    assert said.text.startswith("This is 7")
    assert len(cards(answered)) == 3

    taken = notice(press(visitor, "Take it up", answered))

    assert taken is not None
    assert "Ada Tremblay took 7" in taken.text


def test_the_title_begins_with_what_was_answered(visitor: Visitor) -> None:
    assert page(press(visitor, "Open 7")).all("title")[0].text == "This is 7 – My page · workbot"


@pytest.mark.parametrize("label", ["Take it", "Nothing"])
def test_what_changes_a_card_shows_the_page_anew(visitor: Visitor, label: str) -> None:
    landed = visitor.post(f"{MINE}/press", button(visitor.get(MINE).text, label))

    assert landed.url.path == MINE
    assert notice(landed.text) is None


def test_an_answer_that_is_loaded_again_shows_the_page(visitor: Visitor) -> None:
    for path in (f"{MINE}/press", f"{MINE}/form"):
        assert visitor.get(path).url.path == MINE


def test_a_press_sent_twice_is_one_turn(visitor: Visitor, app: App) -> None:
    pressed = button(visitor.get(MINE).text, "Open 7")

    first, second = (visitor.post(f"{MINE}/press", pressed).text for _ in range(2))

    assert notice(first)
    assert notice(second)
    with app.database.session() as session:
        assert len(session.exec(select(ProcessedTurn)).all()) == 1


def test_a_choice_is_taken(visitor: Visitor) -> None:
    form = page(visitor.get(MINE).text).all("form", action=f"{MINE}/press#notice")[0]
    high = next(option for option in form.all("option") if option.text == "High")

    said = notice(visitor.post(f"{MINE}/press", fields(form) | {"press": high.attributes["value"]}).text)

    assert said is not None
    assert "Priority high" in said.text


@pytest.mark.parametrize("at", ["", "https://evil.example", "card-1\r\nx: y", "notice"])
def test_where_one_goes_on_is_a_place_on_the_page(visitor: Visitor, at: str) -> None:
    landed = visitor.post(f"{MINE}/press", button(visitor.get(MINE).text, "Nothing") | {"at": at})

    assert landed.url.path == MINE
    assert landed.url.fragment == ""


def test_a_list_from_which_nothing_is_chosen_changes_nothing(visitor: Visitor) -> None:
    assert visitor.post(f"{MINE}/press", {"nonce": "n"}).url.path == MINE


def test_a_refusal_stands_above_the_page(visitor: Visitor) -> None:
    said = notice(press(visitor, "Cancel it"))

    assert said is not None
    assert "no longer available" in said.text


# Forms


def test_a_form_is_asked_on_a_page_of_its_own_and_answered_above(visitor: Visitor) -> None:
    form = press(visitor, "Describe it")
    assert page(form).all("a", href=MINE)[-1].text == "Cancel"

    said = notice(visitor.post(f"{MINE}/form", asked(form) | FILLED).text)

    assert said is not None
    assert "Thank you" in said.text
    assert "No power" in said.text


@pytest.mark.parametrize(("title", "people"), [("No power", "0"), ("bad", "4"), ("closed", "4")])
def test_what_was_typed_is_still_there_when_it_is_not_taken(visitor: Visitor, title: str, people: str) -> None:
    form = asked(press(visitor, "Describe it")) | FILLED | {"f-title": title, "f-people": people}

    again = visitor.post(f"{MINE}/form", form | {"f-more": "Since the storm."}).text

    typed = asked(again)
    assert typed["f-title"] == title
    assert typed["f-more"] == "Since the storm."
    assert page(again).all("div", role="alert")
    # And mended, it is taken.
    assert notice(visitor.post(f"{MINE}/form", typed | FILLED).text)


def test_a_form_that_was_sent_is_not_sent_twice_and_nothing_is_lost(visitor: Visitor) -> None:
    form = asked(press(visitor, "Describe it")) | FILLED
    visitor.post(f"{MINE}/form", form)

    said = notice(visitor.post(f"{MINE}/form", form).text)
    assert said is not None
    assert "This was sent already" in said.text

    back = visitor.post(f"{MINE}/form", form | {"f-more": "Since the storm."}).text
    assert "This was sent already" in page(back).all("form", action=f"{MINE}/form#notice")[0].text
    assert asked(back)["f-more"] == "Since the storm."
    assert "Since the storm." in (notice(visitor.post(f"{MINE}/form", asked(back) | FILLED).text) or said).text


# What a forger sends


@pytest.mark.parametrize("forged", ["x", "v" + "A" * 22 + "sample.take 7", "\0", "m" * 9000])
def test_a_button_that_is_not_ours_reaches_no_handler(visitor: Visitor, app: App, forged: str) -> None:
    refused = visitor.post(f"{MINE}/press", {"press": forged, "nonce": "n"})

    assert refused.status_code == 400
    assert "not one of ours" in refused.text
    with app.database.session() as session:
        assert session.exec(select(ProcessedTurn)).all() == []


def test_a_button_of_the_chat_is_none_of_the_page(visitor: Visitor) -> None:
    assert visitor.post(f"{MINE}/press", {"press": '["sample.take", "7"]', "nonce": "n"}).status_code == 400


def test_a_value_changed_on_its_way_is_refused(visitor: Visitor) -> None:
    sent = button(visitor.get(MINE).text, "Open 7")

    assert visitor.post(f"{MINE}/press", sent | {"press": sent["press"].replace("7", "8")}).status_code == 400


def test_a_form_that_was_asked_of_someone_else_is_refused(visitor: Visitor, app: App) -> None:
    form = asked(press(visitor, "Describe it")) | FILLED
    bob = visit(app, app.hire("Bob Lavoie"))

    refused = bob.post(f"{MINE}/form", form)

    assert refused.status_code == 400
    assert "someone else" in refused.text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_another_site_can_press_nothing(visitor: Visitor, app: App, origin: str) -> None:
    pressed = button(visitor.get(MINE).text, "Open 7")

    assert visitor.post(f"{MINE}/press", pressed, headers={"origin": origin}).status_code == 403
    assert visitor.post(f"{MINE}/press", pressed, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    with app.database.session() as session:
        assert session.exec(select(ProcessedTurn)).all() == []


def test_a_file_is_for_whom_its_card_was_drawn(visitor: Visitor, app: App) -> None:
    picture, document = WebKit(app).files()
    SHOWN.update(image=picture, file=document)
    html = page(visitor.get(MINE).text)
    shown, offered = html.all("img")[-1].attributes["src"], html.all("a", download="results.csv")[0].attributes["href"]
    bob = visit(app, app.hire("Bob Lavoie"))

    assert visitor.get(shown).headers["content-type"].startswith("image/")
    assert visitor.get(offered).headers["content-disposition"].startswith("attachment")
    for address in (shown, offered):
        assert bob.get(address).status_code == 404
        assert visitor.get(address[:-1]).status_code == 404
    assert visitor.get(f"{MINE}/files/{picture}").status_code == 404
    # Nor is what is sealed for one thing good for another.
    assert visitor.get(f"{MINE}/files/{button(visitor.get(MINE).text, 'Open 7')['press']}").status_code == 404


# In a browser


@pytest.fixture
def site(app: App, look: Look) -> Iterator[Site]:
    with serving(app) as url:
        yield Site(app, url, look)


@pytest.mark.parametrize("scripts", [True, False])
def test_everything_is_done_in_a_browser_with_scripts_or_without(site: Site, ada: Person, scripts: bool) -> None:
    page = site.visit(ada, "/chat", scripts=scripts)
    page.get_by_role("link", name="My page").click()

    page.get_by_role("button", name="Describe it").click()
    fill(page)
    page.locator("#f-people").fill("0")
    page.get_by_role("button", name="Send it").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("#f-more")).to_have_value("Since the storm.")
    page.locator("#f-people").fill("2")
    page.get_by_role("button", name="Send it").click()
    expect(page.locator("#notice")).to_contain_text("Thank you")
    expect(page.locator("#notice")).to_be_in_viewport()

    page.get_by_role("link", name="Close").click()
    expect(page.locator("#notice")).to_have_count(0)


def test_whoever_presses_by_keyboard_goes_on_from_the_answer(site: Site, ada: Person) -> None:
    page = site.visit(ada, MINE)
    tab_to(page, "Open 7")
    page.keyboard.press("Enter")

    expect(page.locator("#notice")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Take it up")).to_be_focused()


def test_whoever_changes_a_card_by_keyboard_goes_on_from_there(site: Site, ada: Person) -> None:
    page = site.visit(ada, MINE)
    tab_to(page, "Nothing")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{site.url}{MINE}#card-2")
    expect(page.locator("#card-2")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Open 7")).to_be_focused()


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize(("width", "dark"), [(NARROW, False), (NARROW, True), (WIDE, False), (WIDE, True)])
def test_the_page_keeps_nobody_out(site: Site, locale: str, width: int, dark: bool) -> None:
    picture, document = WebKit(site.app).files()
    SHOWN.update(image=picture, file=document)
    page = site.visit(site.app.hire("Étienne Gagnon", locale=locale), MINE, width=width, dark=dark)
    sound(page)

    page.get_by_role("button", name="Open 7").click()
    expect(page.locator("#notice")).to_contain_text("This is 7")
    sound(page)
    page.get_by_role("button", name="Décrire" if locale == "fr" else "Describe it").click()
    page.get_by_role("button", name=WORDS[locale]["send"]).click()
    page.locator(".error-summary").wait_for()
    sound(page)


def sound(page: Tab) -> None:
    assert_fits(page)
    assert_accessible(page)
