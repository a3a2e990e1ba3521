"""What a survey's file may say, and how its mistakes are explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbot import definitions, pulse
from workbot.definitions import DefinitionsWrong
from workbot.i18n import LOCALES
from workbot.pulse.promise import promise_text

GOOD = """\
name: lunch
title: {en: Lunch, fr: Dîner}
intro: {en: One question., fr: Une question.}
mode: confidential
open_for: {days: 2}
questions:
  - id: taste
    kind: scale
    text: {en: How was it?, fr: Comment était-ce?}
    low: {en: Bad, fr: Mauvais}
    high: {en: Good, fr: Bon}
"""


def complaint(tmp_path: Path, old: str, new: str) -> str:
    """What is said about the good file with one thing changed."""
    assert old in GOOD
    file = tmp_path / "lunch.yaml"
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(DefinitionsWrong) as wrong:
        definitions.read(pulse.KIND, file)
    return str(wrong.value.complaints[0]).removeprefix(f"{file}:")


def test_the_shipped_surveys_are_right_and_complete() -> None:
    shipped = definitions.read_all(pulse.KIND, None)

    assert {name: survey.mode for name, survey in shipped.items()} == {
        "onboarding-30": "identified",
        "weekly": "confidential",
    }
    assert shipped["weekly"].k == 5
    assert len(shipped["weekly"].questions) == 3


def test_anonymous_is_refused_until_it_is_true(tmp_path: Path) -> None:
    said = complaint(tmp_path, "mode: confidential", "mode: anonymous")

    assert said.startswith("4:1: mode: sealed ballots")
    assert "use `confidential`" in said


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("mode: confidential", "mode: confidential\nk: 4", "5:1", "greater than or equal to 5"),
        ("mode: confidential", "mode: confidential\ncomment_k: 9", "5:1", "greater than or equal to 10"),
        ("days: 2}", "days: 2, until: '25:00'}", "5:21", "should match pattern"),
        ("mode: confidential", "mode: confidential\nschedule: {every: week}", "5:1", "give `weekday`"),
        ("mode: confidential", "mode: confidential\nschedul: {}", "5:1", "did you mean 'schedule'"),
        ("    high: {en: Good, fr: Bon}\n", "", "7:5", "label either all five"),
        ("kind: scale", "kind: slider", "7:5", "slider"),
        ("fr: Dîner", "de: Mittag", "2:1", "in fr too"),
        ("open_for: {days: 2}", "open_for: {days: 2}\nreport: {roles: [hr, boss]}", "6:22", "there is no such role"),
        ("open_for: {days: 2}", "open_for: {days: 2}\nreport:\n  roles: [agent:IT]", "7:11", "use hr, admin, auditor"),
        ("open_for: {days: 2}", "open_for: {days: 2}\nreport: {roles: []}", "6:10", "name at least one role"),
        (
            "open_for: {days: 2}",
            "open_for: {days: 0, until: '08:59'}\nschedule: {every: week, weekday: friday}",
            "5:1",
            "close at 08:59, before it opens at 09:00",
        ),
        (
            "open_for: {days: 2}",
            "schedule: {every: month, day: 1, at: '17:00'}\nopen_for: {days: 0}",
            "6:1",
            "close at 17:00, before it opens at 17:00",
        ),
    ],
)
def test_a_mistake_is_explained_where_it_stands(tmp_path: Path, old: str, new: str, place: str, words: str) -> None:
    said = complaint(tmp_path, old, new)

    assert said.startswith(f"{place}: ")
    assert words in said


def test_two_questions_of_one_id_are_refused(tmp_path: Path) -> None:
    question = GOOD[GOOD.index("  - id") :]

    assert "taste" in complaint(tmp_path, question, question * 2)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_promise_is_made_from_the_settings(locale: str) -> None:
    survey = definitions.read_all(pulse.KIND, None)["weekly"]

    promised = promise_text(survey.model_copy(update={"k": 7, "comment_k": 23}))[locale]

    assert "7" in promised
    assert "23" in promised
    assert "5" not in promised
