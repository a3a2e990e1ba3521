"""Kinds of step: how a file names them, and what was published before there were any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.onboarding.conftest import journey, step
from workbot.definitions import DefinitionsWrong, read
from workbot.onboarding import KIND, JourneyDefinition
from workbot.onboarding.steps.task import Task

FILE = """\
name: arrival
title: {en: Arriving, fr: Arriver}
intro: {en: Welcome, fr: Bienvenue}
steps:
  - id: sign
    who: hire
    due: {days: 0}
    title: {en: Sign, fr: Signer}
    text: {en: Here., fr: Ici.}
"""


def complaints(folder: Path, *more: str) -> list[str]:
    """What is said of a file whose step says more."""
    file = folder / "arrival.yaml"
    file.write_text(FILE + "".join(f"    {line}\n" for line in more))
    with pytest.raises(DefinitionsWrong) as wrong:
        read(KIND, file)
    return [str(complaint).removeprefix(f"{file}:") for complaint in wrong.value.complaints]


def test_a_step_that_names_no_kind_is_a_task() -> None:
    written, unsaid = journey(step("sign", "hire", 0, kind="task")), journey(step("sign", "hire", 0))

    assert isinstance(unsaid.steps[0], Task)
    assert written == unsaid


def test_a_task_is_published_as_it_was_before_there_were_kinds() -> None:
    published: dict[str, Any] = {
        "id": "sign",
        "title": {"en": "Sign", "fr": "Sign (fr)"},
        "text": {"en": "How to sign.", "fr": "Comment sign."},
        "who": "hire",
        "due": {"days": 0, "time": "09:00"},
        "when": {"location": ["North"]},
        "link": "https://city.example/",
        "remind_after_days": 3,
    }
    definition = journey(published)

    content = definition.model_dump(mode="json")

    assert content["steps"] == [published]
    assert JourneyDefinition.model_validate(content) == definition


@pytest.mark.parametrize("kind", ["taks", "[task]", "3"])
def test_a_kind_that_there_is_not_is_told_with_those_that_there_are(tmp_path: Path, kind: str) -> None:
    assert "5:5: steps[1]: there is no such kind of step; use task" in complaints(tmp_path, f"kind: {kind}")


@pytest.mark.parametrize("kind", [(), ("kind: task",)])
def test_what_is_wrong_in_a_step_is_told_by_its_place_in_the_file(tmp_path: Path, kind: tuple[str, ...]) -> None:
    line = 10 + len(kind)

    assert f"{line}:5: steps[1].lnk: unknown key; did you mean 'link'?" in complaints(tmp_path, *kind, "lnk: x")
    (said, *_) = complaints(tmp_path, *kind, "when: {location: []}")
    assert said == f"{line}:12: steps[1].when.location: list at least one value (found [])"
