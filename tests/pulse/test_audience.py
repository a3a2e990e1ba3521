"""Who belongs to an audience: by department and by conditions, each with the department they are counted in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from tests.pulse.conftest import team
from workbot.definitions import DefinitionsWrong, read
from workbot.pulse.audience import audience
from workbot.pulse.definitions import Audience
from workbot.pulse.kind import KIND
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
DAY = date(2026, 11, 23)
SURVEY = Path(__file__).parents[2] / "workbot" / "pulse" / "surveys" / "weekly.yaml"


def names(session: Session, **wanted: Any) -> list[tuple[str, str]]:
    asked_on = {"America/Toronto": DAY}
    found = audience(session, Audience.model_validate(wanted), asked_on, first_day=DAY, last_day=DAY)
    return sorted((person.first_name, path) for person, path in found)


def test_conditions_forgive_case_and_accents_and_hold_with_the_department(database: Database) -> None:
    with database.session() as session:
        team(session, "City/Roads", "Ada", "Bob", location="Québec", attributes={"union": "Écoles"})
        team(session, "City/Roads", "Cleo", location="Québec")
        team(session, "City/Parks", "Dan", location="quebec", attributes={"union": ["ECOLES", "Parcs"]})

        assert names(session, where={"location": "QUEBEC", "union": ["ecoles", "roads"]}) == [
            ("Ada", "City/Roads"),
            ("Bob", "City/Roads"),
            ("Dan", "City/Parks"),
        ]
        assert names(session, where={"union": "ecoles"}, departments=["City/Parks"]) == [("Dan", "City/Parks")]


def test_who_has_left_is_not_asked_whatever_the_conditions(database: Database) -> None:
    with database.session() as session:
        team(session, "City/Roads", "Ada", "Bob", location="North")
        team(session, "City/Roads", "Cleo", location="North", active=False)
        team(session, "City/Roads", "Dan", location="North", left_on=date(2026, 11, 1))

        assert [name for name, _ in names(session, where={"location": "north"})] == ["Ada", "Bob"]


@pytest.mark.parametrize(
    ("written", "said"),
    [("[]", "audience.where.floor: list at least one value"), ("3", "numbers and dates want quotes (found 3)")],
)
def test_a_condition_that_is_none_is_told_with_its_place(tmp_path: Path, written: str, said: str) -> None:
    file = tmp_path / "weekly.yaml"
    file.write_text(f"audience:\n  where:\n    floor: {written}\n{SURVEY.read_text()}")

    with pytest.raises(DefinitionsWrong) as wrong:
        read(KIND, file)

    (complaint,) = wrong.value.complaints
    assert (complaint.line, complaint.column) == (3, 5)
    assert said in str(complaint)
