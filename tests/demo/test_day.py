"""A day in the demo, as its visitor has it: everything in a real browser, by reading what is on the page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import NARROW, WIDE, Look, assert_accessible, assert_fits
from tests.demo.city import City, serving

PATIENCE = 60_000


@dataclass
class PageContext:
    """Somebody at the demo, who can be one person of the town in each window."""

    city: City
    look: Look

    def be(self, name: str, **more: object) -> Page:
        page = self.look(f"{self.city.url}/demo", **more)  # type: ignore[arg-type]
        page.get_by_role("button", name=f"Be {name}", exact=True).first.click()
        expect(page.get_by_role("log")).to_be_visible()
        return page

    def forward(self, page: Page, span: str) -> None:
        """Move the clock, and wait until the page is back where it was."""
        back = page.url
        page.get_by_role("button", name=span).click()
        page.wait_for_url(back, timeout=PATIENCE)


@pytest.fixture
def visit(city: City, look: Look) -> PageContext:
    return PageContext(city, look)


def say(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def send(page: Page) -> None:
    """Send the form that is open."""
    page.get_by_role("dialog").locator("button.primary").click()


def test_a_request_is_asked_taken_answered_resolved_and_opened_again(visit: PageContext) -> None:
    amelie, bea = visit.be("Amélie"), visit.be("Bea")

    say(amelie, "demande it Mon portable ne démarre pas")
    form = amelie.get_by_role("dialog")
    form.get_by_label("Quelque chose ne fonctionne pas").check()
    send(amelie)
    expect(form.locator(".error-summary")).to_contain_text("Une réponse est nécessaire ici.")
    form.get_by_label("Je ne peux pas travailler").check()
    send(amelie)
    expect(amelie.locator("article").last).to_contain_text("En attente d’un agent")
    reference = amelie.locator("article").last.get_by_role("heading").inner_text().split(" ")[0]

    bea.get_by_role("link", name="IT Service Desk").click()
    request = bea.locator("article", has_text=reference)
    request.get_by_role("button", name="Take it").click()
    expect(request).to_contain_text("Bea Novak")
    expect(amelie.locator("article", has_text=f"{reference} ·")).to_contain_text("Bea Novak")

    bea.locator("div.message, li, article", has_text=reference).last.locator("xpath=..").get_by_role(
        "link", name="Reply to Amélie"
    ).last.click()
    say(bea, "Which model is it?")
    amelie.get_by_role("link", name=f"Nouveau sous « {reference}").click()
    expect(amelie.locator("article").last).to_contain_text("Which model is it?")
    say(amelie, "Le modèle gris.")
    expect(bea.locator("article").last).to_contain_text("Le modèle gris.")

    bea.get_by_role("button", name="Resolve").first.click()
    send(bea)
    expect(amelie.locator("article").first).to_contain_text("Résolue")
    amelie.get_by_role("button", name="Rouvrir").first.click()
    expect(bea.locator("article").first).to_contain_text("Being worked on")


def test_a_survey_is_answered_in_the_message_and_a_week_later_hr_reads_the_report(visit: PageContext) -> None:
    noor, priya = visit.be("Noor"), visit.be("Priya")

    asked = noor.locator("article", has_text="Question 1 of 3")
    asked.get_by_role("button", name="4 · Rather well").click()
    noor.locator("article", has_text="Question 2 of 3").get_by_role("button", name="2 ·").click()
    noor.locator("article", has_text="Question 3 of 3").get_by_role("button", name="Write a comment").click()
    noor.get_by_role("dialog").get_by_role("textbox").fill("=1+1 <b>More light</b> \u202e please")
    send(noor)
    expect(noor.locator("article").last).to_contain_text("Thank you! That is all.")

    visit.forward(priya, "1 week")
    expect(priya.locator("article", has_text="Results: Weekly pulse, no. 3").locator("figure img")).to_be_visible()

    priya.get_by_role("link", name="Mailbox").click()
    priya.get_by_role("link", name="Results: Weekly pulse, no. 3").first.click()
    letter = priya.frame_locator("iframe")
    expect(letter.locator("img").first).to_be_visible()
    attached = priya.get_by_role("link", name="Attached: weekly-3").get_attribute("href")
    table = priya.request.get(f"{visit.city.url}{attached}").text()
    assert "How did your last week at work go?" in table

    priya.goto(f"{visit.city.url}/console/surveys/weekly/3")
    expect(priya.get_by_role("heading", level=1)).to_contain_text("Weekly pulse")
    expect(priya.locator("main")).to_contain_text("response rate")


def test_a_step_is_ticked_in_the_message_and_hr_sees_the_board_move(visit: PageContext) -> None:
    noor, priya = visit.be("Noor"), visit.be("Priya")
    priya.get_by_role("link", name="Journeys").click()
    before = priya.locator(".card, li, article", has_text="Noor Karim").last.inner_text()

    say(noor, "onboarding")
    journey = noor.locator("article", has_text="Your journey").last
    steps = journey.get_by_role("progressbar")
    done = int(str(steps.get_attribute("value")))
    journey.get_by_role("button", name="Done").first.click()
    expect(noor.locator("article", has_text="Your journey").last.get_by_role("progressbar")).to_have_attribute(
        "value", str(done + 1)
    )

    priya.reload()
    assert priya.locator(".card, li, article", has_text="Noor Karim").last.inner_text() != before


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_the_pages_of_the_demo_keep_nobody_out(visit: PageContext, locale: str, width: int) -> None:
    page = visit.be("Priya", width=width)
    page.request.post(f"{visit.city.url}/language", form={"locale": locale, "next": "/chat"})
    for path in ("/chat", "/demo", "/demo/mail", "/demo/mail/1"):
        page.goto(visit.city.url + path)
        expect(page.locator("html")).to_have_attribute("lang", locale)
        assert_fits(page)
        assert_accessible(page)
    page.goto(f"{visit.city.url}/demo")
    page.locator("details:not(.menu) > summary").click()
    assert_fits(page)
    assert_accessible(page)
    page.request.post(f"{visit.city.url}/language", form={"locale": "en", "next": "/chat"})


def test_what_came_before_is_still_there_at_the_next_start(folder: Path, look: Look) -> None:
    with serving(folder) as city:
        page = PageContext(city, look).be("James")
        say(page, "request facilities The lift is stuck")
        page.get_by_role("dialog").get_by_label("Where", exact=False).fill("City Hall")
        send(page)
        expect(page.locator("article").last).to_contain_text("The lift is stuck")
        page.context.close()
    with serving(folder) as city:
        page = PageContext(city, look).be("James")
        expect(page.locator("article").last).to_contain_text("The lift is stuck")
        page.context.close()
