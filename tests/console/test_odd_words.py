"""Addresses and fields of the console that hold what is no text."""

from __future__ import annotations

import pytest

from tests.console.town import Town

DATABASES = ("sqlite", "postgresql")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console/surveys/%00weekly/launch", 404),
        ("/console/surveys/%00/1", 404),
        ("/console/people?q=%00Mei%1b", 200),
        ("/console/definitions/surveys/%00", 404),
    ],
)
def test_an_address_with_a_zero_in_it_is_answered(town: Town, path: str, status: int) -> None:
    reader = town.david if "people" in path or "definitions" in path else town.priya

    assert town.visit(reader).get(path).status_code == status


def test_a_note_keeps_its_words_and_loses_what_is_none(town: Town) -> None:
    town.ask("it", "Laptop\x1b[1m")
    agent = town.visit(town.bea)

    agent.post("/console/requests/IT-1/note", {"body": "Rebooted\0 it\x01\r\ntwice"})

    page = agent.get("/console/requests/IT-1").text
    assert "Rebooted it\ntwice" in page
    assert "\x1b" not in page
