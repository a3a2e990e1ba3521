"""What is filled in: each input has a name for its answer, words for whoever answers, and an answer of its kind."""

from __future__ import annotations

import re

from tests.teamsland.reading import Thing
from tests.teamsland.rules.checker import Check, Checker
from tests.teamsland.rules.elements import COMMON

ASKED = f"{COMMON} errorMessage isRequired value"


def _asked(check: Checker, where: str, thing: Thing, optional: str, *, words: str = "label") -> None:
    """What all inputs have: a name for the answer, and words for whoever fills them in."""
    check.keys(where, thing, f"id {words}", f"{ASKED} label {optional}")
    check.text(f"{where}.id", thing.get("id"))
    if words == "label":
        check.text(f"{where}.label", thing.get("label"))
    if thing.get("isRequired"):
        check.text(f"{where}.errorMessage", thing.get("errorMessage"))
    for name in ("placeholder", "errorMessage", "value"):
        if name in thing and not isinstance(thing[name], int | float):
            check.text(f"{where}.{name}", thing[name], least=0)


def _input_text(check: Checker, where: str, thing: Thing) -> None:
    _asked(check, where, thing, "inlineAction isMultiline maxLength placeholder regex style")
    check.one_of(where, thing, "style", ("text", "tel", "url", "email", "password"))
    check.number(where, thing, "maxLength")
    most = thing.get("maxLength")
    if isinstance(most, int) and (most < 1 or len(str(thing.get("value", ""))) > most):
        check.wrong(f"{where}.value", f"longer than {most}")
    if "regex" in thing:
        try:
            re.compile(str(thing["regex"]))
        except re.error:
            check.wrong(f"{where}.regex", "no pattern")
    if "inlineAction" in thing:
        check.element(f"{where}.inlineAction", thing["inlineAction"], check.pressable)


def _input_number(check: Checker, where: str, thing: Thing) -> None:
    _asked(check, where, thing, "max min placeholder")
    for name in ("min", "max", "value"):
        check.number(where, thing, name)


def _input_date(check: Checker, where: str, thing: Thing) -> None:
    _asked(check, where, thing, "max min placeholder")
    for name in ("min", "max", "value"):
        if thing.get(name) and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(thing[name])):
            check.wrong(f"{where}.{name}", "no date")


def _input_time(check: Checker, where: str, thing: Thing) -> None:
    _asked(check, where, thing, "max min placeholder")
    for name in ("min", "max", "value"):
        if thing.get(name) and not re.fullmatch(r"\d\d:\d\d", str(thing[name])):
            check.wrong(f"{where}.{name}", "no time")


def _toggle(check: Checker, where: str, thing: Thing) -> None:
    _asked(check, where, thing, "title valueOff valueOn wrap", words="title")
    check.written(f"{where}.title", thing.get("title"))
    if thing.get("wrap") is not True:
        check.wrong(f"{where}.wrap", "must be true, or narrow screens cut the text")
    if "value" in thing and thing["value"] not in (thing.get("valueOn", "true"), thing.get("valueOff", "false")):
        check.wrong(f"{where}.value", "is neither on nor off")


def _choice_set(check: Checker, where: str, thing: Thing) -> None:
    _asked(check, where, thing, "choices isMultiSelect placeholder style wrap")
    check.one_of(where, thing, "style", ("compact", "expanded", "filtered"))
    check.flags(where, thing, "isMultiSelect")
    choices = thing.get("choices")
    if not isinstance(choices, list) or not choices:
        check.wrong(f"{where}.choices", "must be a list of at least 1")
        return
    for number, choice in enumerate(choices):
        if check.keys(f"{where}.choices[{number}]", choice, "title value"):
            check.text(f"{where}.choices[{number}].title", choice["title"])
            check.text(f"{where}.choices[{number}].value", choice["value"])
    values = [str(choice.get("value")) for choice in choices]
    if len(set(values)) != len(values):
        check.wrong(f"{where}.choices", "the same value twice")
    if thing.get("isMultiSelect") and any("," in value for value in values):
        check.wrong(f"{where}.choices", "several values come back with commas between them, so none may hold one")
    chosen = str(thing.get("value") or "")
    if chosen and not set(chosen.split(",") if thing.get("isMultiSelect") else [chosen]) <= set(values):
        check.wrong(f"{where}.value", "what is chosen is no choice")
    if thing.get("wrap") is not True:
        check.wrong(f"{where}.wrap", "must be true, or narrow screens cut the text")


INPUTS: dict[str, Check] = {
    "Input.Text": _input_text,
    "Input.Number": _input_number,
    "Input.Date": _input_date,
    "Input.Time": _input_time,
    "Input.Toggle": _toggle,
    "Input.ChoiceSet": _choice_set,
}
