"""Filling in: what a card's inputs give when somebody has filled them in, and what Teams does not let pass."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.teamsland.reading import Thing, shown, visible, walk


def inputs(card: Thing) -> list[Thing]:
    return [one for one in walk(card) if str(one.get("type", "")).startswith("Input.")]


def filled(card: Thing, values: Mapping[str, Any]) -> dict[str, str]:
    """What is sent of a card whose inputs are filled by how their labels begin; the others stay as they are.

    As in Teams every answer is text, several choices have commas between them, and what is empty is not sent at all.
    """
    found: dict[str, str] = {}
    unused = set(values)
    for asked in inputs(card):
        label = name_of(asked)
        key = next((key for key in values if label.lower().startswith(key.lower())), None)
        unused.discard(str(key))
        answer = _answer(asked, None if key is None else values[key])
        _check(asked, label, answer)
        if answer:
            found[str(asked["id"])] = answer
    assert not unused, f"no field called {unused} in {visible(card)}"
    return found


def name_of(asked: Mapping[str, Any]) -> str:
    return str(asked.get("label") or shown(str(asked.get("title", ""))))


def _answer(asked: Thing, value: Any) -> str:
    match asked["type"]:
        case "Input.Toggle":
            on, off = str(asked.get("valueOn", "true")), str(asked.get("valueOff", "false"))
            return str(asked.get("value", off)) if value is None else (on if value else off)
        case "Input.ChoiceSet" if value is not None:
            wanted = [value] if isinstance(value, str) else list(value)
            assert len(wanted) <= 1 or asked.get("isMultiSelect"), f"only one of {name_of(asked)!r} can be chosen"
            return ",".join(choice(asked, title) for title in wanted)
        case _:
            return str(asked.get("value", "") if value is None else value)


def choice(asked: Thing, title: str) -> str:
    """The value of a choice, by what is read of it."""
    found = [str(one["value"]) for one in asked["choices"] if one["title"] == title]
    assert found, f"no choice {title!r} among {[one['title'] for one in asked['choices']]}"
    return found[0]


def _check(asked: Thing, label: str, answer: str) -> None:
    """Teams shows the field's error message instead of sending."""
    if asked["type"] == "Input.Toggle":
        is_missing = bool(asked.get("isRequired")) and answer != asked.get("valueOn", "true")
    else:
        is_missing = bool(asked.get("isRequired")) and not answer.strip()
    assert not is_missing, f"Teams would not send it without {label!r}"
    if not answer:
        return
    assert len(answer) <= asked.get("maxLength", len(answer)), f"Teams lets nobody type so much at {label!r}"
    if "regex" in asked:
        assert re.fullmatch(asked["regex"], answer), f"Teams would not send {answer!r} at {label!r}"
    if asked["type"] == "Input.Number":
        _check_number(asked, label, answer)
    if asked["type"] == "Input.Date":
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", answer), f"{answer!r} is no date for {label!r}"
        assert asked.get("min", answer) <= answer <= asked.get("max", answer), f"{answer} is out of bounds at {label!r}"


def _check_number(asked: Thing, label: str, answer: str) -> None:
    number = float(answer)
    assert asked.get("min", number) <= number <= asked.get("max", number), f"{answer} is out of bounds at {label!r}"
