"""Numbers from outside, however long and in whatever digits: what names nothing is not found, and nothing breaks."""

from __future__ import annotations

import pytest

from tests.console.town import Town
from workbot.storage.database import Database
from workbot.texts import whole_number

DATABASES = ("sqlite", "postgresql")
LONG = ("9" * 5000, "9" * 4300, "9" * 19, "1" + "0" * 400)
NUMBERED = (
    "/console/surveys/weekly/{}",
    "/console/surveys/weekly/{}/report.csv",
    "/console/surveys/weekly/{}/close",
    "/console/requests/IT-{}",
    "/console/requests/{}",
    "/console/people/{}",
    "/console/journeys/{}",
)
QUERIES = (
    "/console/people?page={}",
    "/console/people?q={}",
    "/console/requests?desk={}",
    "/console/journeys?show={}",
    "/console/journeys/start?person={}",
)


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


@pytest.mark.parametrize("path", NUMBERED)
def test_a_number_that_is_too_long_names_nothing(town: Town, path: str) -> None:
    for person in (town.priya, town.bea):
        answers = {town.visit(person).get(path.format(number)).status_code for number in LONG}
        assert answers <= {403, 404}


def test_a_message_of_such_a_number_is_not_there(town: Town) -> None:
    for number in LONG:
        assert town.visit(town.david).post(f"/console/campaigns/messages/{number}/resend").status_code == 404


@pytest.mark.parametrize("path", QUERIES)
@pytest.mark.parametrize("value", [*LONG, "-1", "٣" * 5000, "²", "1e9", "0x10", "%00", "1%002"])
def test_a_number_in_a_query_may_be_anything(town: Town, path: str, value: str) -> None:
    for person in (town.priya, town.bea):
        assert town.visit(person).get(path.format(value)).status_code in (200, 403)


@pytest.mark.parametrize("name", ["%00", "weekly%00", "%ff", "%ed%a0%80"])
def test_a_name_that_cannot_be_stored_names_nothing(town: Town, name: str) -> None:
    for path in (f"/console/surveys/{name}/1", f"/console/requests/{name}", f"/console/definitions/surveys/{name}"):
        for person in (town.priya, town.bea):
            assert town.visit(person).get(path).status_code in (403, 404)


def test_what_is_typed_into_a_form_may_hold_what_no_database_takes(town: Town) -> None:
    typed = {"name": "new-hire", "person": "mei\0@city.example", "on": "٢٠٢٦-١١-٢٣"}

    assert town.visit(town.priya).post("/console/journeys/start", typed).status_code == 409


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("12", 12), ("٣", 3), ("9" * 9, 999_999_999), ("9" * 10, None), ("9" * 5000, None), ("²", None)]
    + [(text, None) for text in ("", "-1", "1.0", " 1", "1_000", "0x1")],
)
def test_a_number_is_one_that_people_count_with(text: str, number: int | None) -> None:
    assert whole_number(text) == number
