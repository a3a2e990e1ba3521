"""What is pressed: each button has words, and a surface on which it does something."""

from __future__ import annotations

from tests.teamsland.reading import Thing
from tests.teamsland.rules.checker import Check, Checker, Surface

# What each surface can press: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-actions
PRESSED: dict[Surface, frozenset[str]] = {
    "message": frozenset(
        ("Action.Execute", "Action.Submit", "Action.OpenUrl", "Action.ShowCard", "Action.ToggleVisibility")
    ),
    "dialog": frozenset(("Action.Submit", "Action.OpenUrl", "Action.ShowCard", "Action.ToggleVisibility")),
    "result": frozenset(("Action.OpenUrl", "Action.ToggleVisibility")),
}
# What Teams itself is told in the data of a button.
ASKED_OF_TEAMS = ("task/fetch", "messageBack", "imBack", "signin", "invoke")
PRESSABLE = "id iconUrl isEnabled mode style tooltip"


def _action(check: Checker, where: str, thing: Thing, required: str, optional: str = "") -> None:
    """What all buttons have: words, and a surface where they can be pressed."""
    is_whole = where.endswith(("selectAction", "refresh.action"))
    check.keys(where, thing, required if is_whole else f"title {required}", f"{PRESSABLE} title {optional}")
    if "title" in thing or not is_whole:
        check.text(f"{where}.title", thing.get("title"))
    check.one_of(where, thing, "style", ("default", "positive", "destructive"))
    check.one_of(where, thing, "mode", ("primary", "secondary"))
    if thing["type"] not in PRESSED[check.surface]:
        check.wrong(where, f"{thing['type']} does nothing in a {check.surface}")
    if "iconUrl" in thing:
        check.url(f"{where}.iconUrl", thing["iconUrl"], is_picture=True)


def execute(check: Checker, where: str, thing: Thing) -> None:
    _action(check, where, thing, "verb data", "associatedInputs fallback conditionallyEnabled")
    check.text(f"{where}.verb", thing.get("verb"))
    _data(check, where, thing)
    if "fallback" in thing:
        check.element(f"{where}.fallback", thing["fallback"], {"Action.Submit": submit})


def submit(check: Checker, where: str, thing: Thing) -> None:
    _action(check, where, thing, "data", "associatedInputs conditionallyEnabled msteams")
    _data(check, where, thing)


def _data(check: Checker, where: str, thing: Thing) -> None:
    check.one_of(where, thing, "associatedInputs", ("auto", "none"))
    data = thing.get("data")
    if not isinstance(data, dict):
        check.wrong(f"{where}.data", "must be an object")
        return
    if "msteams" in data and (data["msteams"] or {}).get("type") not in ASKED_OF_TEAMS:
        check.wrong(f"{where}.data.msteams", "asks nothing of Teams")
    if "msteams" in data and thing["type"] != "Action.Submit":
        check.wrong(f"{where}.data.msteams", "is heard in Action.Submit only")


def _open_url(check: Checker, where: str, thing: Thing) -> None:
    _action(check, where, thing, "url")
    check.url(f"{where}.url", thing.get("url"))


def _show_card(check: Checker, where: str, thing: Thing) -> None:
    _action(check, where, thing, "card")
    if not isinstance(thing.get("card"), dict):
        return
    if ".card" in where:
        check.wrong(where, "a card that is shown may show no other")
    check.element(f"{where}.card", {"version": "1.5"} | thing["card"], {"AdaptiveCard": check.card})


def _toggle_visibility(check: Checker, where: str, thing: Thing) -> None:
    _action(check, where, thing, "targetElements")
    targets = thing.get("targetElements")
    if not isinstance(targets, list) or not targets:
        check.wrong(f"{where}.targetElements", "must be a list of at least 1")
        return
    check.targets += [str(one.get("elementId") if isinstance(one, dict) else one) for one in targets]


ACTIONS: dict[str, Check] = {
    "Action.Execute": execute,
    "Action.Submit": submit,
    "Action.OpenUrl": _open_url,
    "Action.ShowCard": _show_card,
    "Action.ToggleVisibility": _toggle_visibility,
}
