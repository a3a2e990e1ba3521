"""Whoever writes a survey is told where its questions are others than before, before they launch it."""

from __future__ import annotations

from tests.console.town import Town
from workbot import definitions, pulse

QUESTION = "How did your last week at work go?"
WARNING = "asked these in other words"


def turn_round(town: Town) -> None:
    """Publish the weekly survey with the labels of its first question turned round."""
    with town.database.session() as session:
        survey, _version = definitions.current(session, pulse.KIND, "weekly")
        content = survey.model_dump(mode="json")
        content["questions"][0]["points"].reverse()
        changed = pulse.SurveyDefinition.model_validate(content)
        definitions.publish(session, pulse.KIND, changed, now=town.clock.now())


def test_a_version_says_which_questions_the_one_before_asked_in_other_words(town: Town) -> None:
    turn_round(town)
    page = "/console/definitions/surveys/weekly"

    newest = town.visit(town.david).get(page).text
    first = town.visit(town.david).get(f"{page}?version=1").text

    assert f"Version 1 {WARNING}" in newest
    assert f"<li>{QUESTION}</li>" in newest
    assert WARNING not in first


def test_a_launch_says_first_what_will_not_be_compared(town: Town) -> None:
    hr = town.visit(town.priya)
    town.closed_wave(2, 3, 3, 4, 4, 5, 5)
    assert WARNING not in hr.get("/console/surveys/weekly/launch").text

    turn_round(town)

    page = hr.get("/console/surveys/weekly/launch").text
    assert f"The last wave {WARNING}" in page
    assert f"<li>{QUESTION}</li>" in page


def test_the_pages_say_that_it_is_not_compared(town: Town) -> None:
    town.closed_wave(2, 3, 3, 4, 4, 5, 5)
    turn_round(town)
    number = town.closed_wave(5, 5, 4, 4, 4, 4, 3)
    hr = town.visit(town.priya)

    for address in (f"/console/surveys/weekly/{number}", "/console"):
        page = hr.get(address).text
        assert "asked in other words last time, so not compared" in page, address
        assert page.count("since last time") == 1, address
