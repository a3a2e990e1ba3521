"""Every page of the console in a real browser: accessible, narrow and wide, light and dark, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

import pytest
from playwright.sync_api import expect

from tests.browser import NARROW, WIDE, Look, assert_accessible, assert_fits
from tests.console.town import MARKUP, Town
from tests.small_app import MONDAY, serving
from workbot.people import Person

LONG = "Accès au dossier partagé " + "x" * 120


@pytest.fixture
def url(town: Town) -> Iterator[str]:
    town.crowd(20)
    for moods in ((2, 3, 3, 4, 5, 5, 2) * 3, (4, 3, 3, 4, 5, 5, 4) * 3):
        town.closed_wave(*moods, comment=MARKUP)
    town.launch()
    town.set_aside("facilities")
    town.set_out(town.mei, date(2026, 11, 16))
    town.ask("it", LONG, description=MARKUP)
    town.campaign("news/2026:1", LONG, queued=9, sent=40, read=25, failed=3, unknown=2, withdrawn=1)
    town.pace("email", slowness=1.5)
    town.pace("slack:T0123456789", paused_until=MONDAY + timedelta(minutes=1), reason="too_many_requests " + "x" * 99)
    with serving(town) as address:
        yield address


def pages(town: Town) -> list[tuple[Person, str]]:
    return [
        (town.priya, "/console"),
        (town.priya, "/console/surveys"),
        (town.priya, "/console/surveys/weekly/launch"),
        (town.priya, "/console/surveys/weekly/2"),
        (town.priya, "/console/surveys/weekly/3"),
        (town.priya, "/console/surveys/weekly/3/close"),
        (town.priya, "/console/journeys"),
        (town.priya, "/console/journeys?show=cancelled"),
        (town.priya, "/console/journeys/start"),
        (town.priya, f"/console/journeys/{town.journeys()[0].id}"),
        (town.priya, "/console/campaigns"),
        (town.priya, "/console/nowhere"),
        (town.james, "/console/journeys"),
        (town.james, f"/console/journeys/{town.journeys()[0].id}"),
        (town.bea, "/console"),
        (town.bea, "/console/requests"),
        (town.bea, "/console/requests?show=done"),
        (town.bea, "/console/requests/IT-1"),
        (town.david, "/console"),
        (town.david, "/console/people"),
        (town.david, "/console/people?q=nobody"),
        (town.david, f"/console/people/{town.mei.id}"),
        (town.david, "/console/definitions"),
        (town.david, "/console/definitions/surveys/weekly"),
        (town.david, "/console/definitions/desks/facilities"),
    ]


@pytest.mark.parametrize(
    ("locale", "width", "dark"), [("en", WIDE, False), ("fr", NARROW, False), ("fr", WIDE, True), ("en", NARROW, True)]
)
def test_every_page_is_accessible_and_fits(
    town: Town, url: str, look: Look, locale: str, width: int, dark: bool
) -> None:
    with town.database.session() as session:
        for person in (town.priya, town.bea, town.david, town.james):
            session.get_one(Person, person.id).locale = locale

    for person, visits in groupby(pages(town), key=lambda visit: visit[0]):
        page = look(f"{url}/console", cookie=town.cookie(person), width=width, dark=dark)
        for _, path in visits:
            page.goto(url + path)
            assert page.locator("html").get_attribute("lang") == locale
            assert_accessible(page)
            assert_fits(page)
        page.context.close()


def test_a_request_is_worked_without_scripts(town: Town, url: str, look: Look) -> None:
    page = look(f"{url}/console/requests", cookie=town.cookie(town.bea), scripts=False)

    page.get_by_role("link", name=LONG).click()
    page.get_by_role("button", name="Take it").click()
    page.get_by_label("Reply to Mei").fill("I am on my way.")
    page.get_by_role("button", name="Send the reply").click()

    expect(page.get_by_text("I am on my way.")).to_be_visible()
    assert town.request("IT-1").state == "taken"


def test_a_refused_field_is_said_and_keeps_what_was_typed(town: Town, url: str, look: Look) -> None:
    page = look(f"{url}/console/requests/IT-1", cookie=town.cookie(town.bea), scripts=False)

    page.get_by_label("Internal note").fill("   ")
    page.get_by_role("button", name="Keep the note").click()

    assert page.get_by_label("Internal note").get_attribute("aria-invalid") == "true"
    expect(page.get_by_text("Write something first.")).to_be_visible()


def test_a_survey_is_closed_by_keyboard(town: Town, url: str, look: Look) -> None:
    page = look(f"{url}/console/surveys/weekly/3", cookie=town.cookie(town.priya))

    page.get_by_role("link", name="Close early").press("Enter")
    page.get_by_role("button", name="Close now").press("Enter")

    expect(page.get_by_role("status")).to_have_text("The survey is closed. Its results are below.")


def test_a_step_is_ticked_without_scripts(town: Town, url: str, look: Look) -> None:
    page = look(f"{url}/console/journeys", cookie=town.cookie(town.priya), scripts=False)

    page.get_by_role("link", name="Mei Lin").click()
    page.get_by_role("button", name="Tick off: Open the employee file").click()

    expect(page.get_by_role("button", name="Open again: Open the employee file")).to_be_visible()


def test_a_journey_that_cannot_start_says_first_what_is_wrong(town: Town, url: str, look: Look) -> None:
    page = look(f"{url}/console/journeys/start", cookie=town.cookie(town.priya))

    page.get_by_label("Whose journey?").fill("nobody@city.example")
    page.get_by_role("button", name="Start").click()

    expect(page.locator(".error-summary")).to_be_focused()
    assert page.get_by_label("Whose journey?").input_value() == "nobody@city.example"
    assert_accessible(page)
