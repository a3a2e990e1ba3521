"""Adaptive Cards as Teams takes them: what it would not show, or not show well.

Anything that is not known here is a problem. https://adaptivecards.io/explorer is the schema,
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference what Teams makes of it.
Some rules are the app's own: text always wraps, pictures have words, and who hears or cannot see cards gets theirs.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.teamsland.reading import MENTION, Thing
from tests.teamsland.rules.actions import ACTIONS, execute
from tests.teamsland.rules.checker import Checker, Surface
from tests.teamsland.rules.elements import ELEMENTS
from tests.teamsland.rules.inputs import INPUTS

__all__ = ["LARGEST_CARD", "LARGEST_MESSAGE", "Surface", "problems"]

# Counted as UTF-16; a card has to leave room for what it travels in.
LARGEST_MESSAGE = 100 * 1024
# Microsoft names 28 KB for a card with all that it is wrapped in; without, it has to keep under that.
LARGEST_CARD = 25 * 1024
NEWEST = (1, 5)
MOST_REFRESHED = 60


def problems(card: Any, surface: Surface = "message") -> list[str]:
    """What is wrong with a card."""
    checker = Checker(surface, ELEMENTS | INPUTS, ACTIONS, _card)
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return ["card: must be an AdaptiveCard"]
    checker.element("card", card, {"AdaptiveCard": _card})
    checker.mentions(card)
    for target in checker.targets:
        if target not in checker.ids:
            checker.wrong("card", f"there is no {target} to show or hide")
    size = len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
    if size > LARGEST_CARD:
        checker.wrong("card", f"{size} bytes, must be at most {LARGEST_CARD}")
    return checker.found


def _card(check: Checker, where: str, card: Thing) -> None:
    check.keys(
        where,
        card,
        "version",
        "$schema body actions fallbackText speak lang refresh msteams selectAction minHeight rtl "
        "verticalContentAlignment id",
    )
    version = re.fullmatch(r"(\d)\.(\d)", str(card.get("version")))
    is_nested = where != "card"
    if version is None and not is_nested:
        check.wrong(f"{where}.version", "no version")
    elif version and (int(version[1]), int(version[2])) > NEWEST:
        check.wrong(f"{where}.version", f"Teams knows no later one than 1.5, not {card['version']}")
    if not is_nested:
        for name in ("fallbackText", "speak"):
            check.text(f"{where}.{name}", card.get(name))
    check.body(f"{where}.body", card.get("body"))
    if "actions" in card:
        check.actions(f"{where}.actions", card["actions"])
    if "refresh" in card:
        _refresh(check, f"{where}.refresh", card["refresh"])
    if "msteams" in card:
        _teams(check, f"{where}.msteams", card["msteams"])
    check.select(where, card)
    if "lang" in card and not re.fullmatch(r"[a-z]{2,3}", str(card["lang"])):
        check.wrong(f"{where}.lang", "no language")


def _refresh(check: Checker, where: str, thing: Any) -> None:
    if not isinstance(thing, dict) or not check.keys(where, thing, "action", "userIds"):
        check.wrong(where, "must be an action")
        return
    check.element(f"{where}.action", thing["action"], {"Action.Execute": execute})
    people = thing.get("userIds", [])
    if not isinstance(people, list) or len(people) > MOST_REFRESHED:
        check.wrong(f"{where}.userIds", f"must be a list of at most {MOST_REFRESHED}")
    elif not all(str(one).startswith("29:") for one in people):
        check.wrong(f"{where}.userIds", "must be people, as the bot calls them")


def _teams(check: Checker, where: str, thing: Any) -> None:
    if not isinstance(thing, dict):
        check.wrong(where, "must be an object")
        return
    check.keys(where, thing, "", "width entities allowExpand")
    check.one_of(where, thing, "width", ("full",))
    for number, entity in enumerate(thing.get("entities") or []):
        spot = f"{where}.entities[{number}]"
        if check.keys(spot, entity, "type text mentioned"):
            check.keys(f"{spot}.mentioned", entity["mentioned"], "id name")
            if not MENTION.fullmatch(str(entity["text"])):
                check.wrong(f"{spot}.text", "must be <at>…</at>")
