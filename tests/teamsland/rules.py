"""Adaptive Cards as Teams takes them: what it would not show, or not show well.

Anything that is not known here is a problem. https://adaptivecards.io/explorer is the schema,
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference what Teams makes of it.
Some rules are the house's own: text always wraps, pictures have words, and who hears or cannot see cards gets theirs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from tests.teamsland.reading import MENTION, Thing, markup

# `message` is sent by the bot, `dialog` is asked for and filled in, `result` is put into a message by a person.
Surface = Literal["message", "dialog", "result"]
Check = Callable[["Checker", str, Any], None]

# Counted as UTF-16; a card has to leave room for what it travels in.
LARGEST_MESSAGE = 100 * 1024
# Microsoft names 28 KB for a card with all that it is wrapped in; without, it has to keep under that.
LARGEST_CARD = 25 * 1024
MOST_PRIMARY = 6
NEWEST = (1, 5)
SPACINGS = ("none", "small", "default", "medium", "large", "extraLarge", "padding")
COLORS = ("default", "dark", "light", "accent", "good", "warning", "attention")
SIDES, HEIGHTS = ("left", "center", "right"), ("top", "center", "bottom")
STYLES = ("default", "emphasis", "good", "attention", "warning", "accent")
SIZES = ("small", "default", "medium", "large", "extraLarge")
WEIGHTS = ("lighter", "default", "bolder")
FONTS = ("default", "monospace")
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


def problems(card: Any, surface: Surface = "message") -> list[str]:
    """What is wrong with a card."""
    checker = Checker(surface)
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return ["card: must be an AdaptiveCard"]
    checker.element("card", card, {"AdaptiveCard": _card})
    checker.mentions(card)
    size = len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
    if size > LARGEST_CARD:
        checker.wrong("card", f"{size} bytes, must be at most {LARGEST_CARD}")
    return checker.found


class Checker:
    """Walks through a card and notes what is wrong, and where."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.found: list[str] = []
        self.ids: set[str] = set()
        self.texts: list[str] = []

    def wrong(self, where: str, what: str) -> None:
        self.found.append(f"{where}: {what}")

    def keys(self, where: str, thing: Mapping[str, Any], required: str, optional: str = "") -> bool:
        """See that an object has what it needs and nothing unknown."""
        needed, allowed = set(required.split()), set(f"{required} {optional} type".split())
        for name in sorted(needed - thing.keys()):
            self.wrong(where, f"{name} is missing")
        for name in sorted(thing.keys() - allowed):
            self.wrong(where, f"{name} is unknown")
        return needed <= thing.keys()

    def element(self, where: str, thing: Any, kinds: Mapping[str, Check]) -> None:
        """One element: of a kind that may stand here, with an id that no other has."""
        kind = thing.get("type") if isinstance(thing, dict) else None
        if kind not in kinds:
            self.wrong(where, f"no such element here as {kind!r}")
            return
        if "id" in thing:
            self.text(f"{where}.id", thing["id"])
            if str(thing["id"]) in self.ids:
                self.wrong(where, f"id {thing['id']} twice")
            self.ids.add(str(thing["id"]))
        self.one_of(where, thing, "spacing", SPACINGS)
        self.flags(where, thing, "isVisible separator wrap isSubtle isMultiline isRequired isEnabled bleed")
        kinds[str(kind)](self, where, thing)

    def elements(self, where: str, things: Any, kinds: Mapping[str, Check], least: int = 1) -> None:
        if not isinstance(things, list) or len(things) < least:
            self.wrong(where, f"must be a list of at least {least}")
            return
        for number, thing in enumerate(things):
            self.element(f"{where}[{number}]", thing, kinds)

    def text(self, where: str, text: Any, least: int = 1) -> bool:
        if not isinstance(text, str):
            self.wrong(where, "must be text")
            return False
        if len(text.strip()) < least:
            self.wrong(where, "must not be empty")
        elif "\0" in text or any("\ud800" <= mark <= "\udfff" for mark in text):
            self.wrong(where, "has characters that are none")
        return True

    def written(self, where: str, text: Any) -> None:
        """Text in which Teams reads Markdown; what it cannot show there is wrong."""
        if self.text(where, text):
            self.texts.append(text)
            if pictures := markup(text).pictures:
                self.wrong(where, f"pictures in text: {pictures}")
            for link in markup(text).links:
                self.url(where, link)

    def one_of(self, where: str, thing: Mapping[str, Any], name: str, values: tuple[str, ...]) -> None:
        # Adaptive Cards do not mind the case of such words.
        known = {value.lower() for value in values}
        if name in thing and str(thing[name]).lower() not in known:
            self.wrong(f"{where}.{name}", f"no such value as {thing[name]!r}")

    def flags(self, where: str, thing: Mapping[str, Any], names: str) -> None:
        for name in names.split():
            if name in thing and not isinstance(thing[name], bool):
                self.wrong(f"{where}.{name}", "must be true or false")

    def number(self, where: str, thing: Mapping[str, Any], name: str) -> None:
        value = thing.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(f"{where}.{name}", "must be a number")

    def url(self, where: str, url: Any, *, is_picture: bool = False) -> None:
        schemes = ("https", "http", "data") if is_picture else ("https", "http", "mailto")
        try:
            parts = urlsplit(str(url))
        except ValueError:
            self.wrong(where, "no address")
            return
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            self.wrong(where, f"no address to open: {str(url)[:60]!r}")
        if parts.scheme == "data" and not str(url).startswith(("data:image/png;base64,", "data:image/jpeg;base64,")):
            self.wrong(where, "no such picture")

    def actions(self, where: str, things: Any) -> None:
        """Buttons in a row: at most six, and the rest behind three dots."""
        self.elements(where, things, ACTIONS)
        if isinstance(things, list):
            primary = [one for one in things if isinstance(one, dict) and one.get("mode", "primary") == "primary"]
            if len(primary) > MOST_PRIMARY:
                self.wrong(where, f"{len(primary)} buttons are too many without `mode: secondary`")

    def mentions(self, card: Thing) -> None:
        """Who is mentioned stands in the entities of the card, and nobody else in its texts."""
        teams = card.get("msteams")
        entities = (teams.get("entities") if isinstance(teams, dict) else None) or []
        known = {str(entity.get("text")) for entity in entities if entity.get("type") == "mention"}
        for text in self.texts:
            for found in MENTION.finditer(text):
                if found.group(0) not in known:
                    self.wrong("card", f"{found.group(0)[:60]} mentions somebody whom no entity names")


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
    check.elements(f"{where}.body", card.get("body"), ELEMENTS)
    if "actions" in card:
        check.actions(f"{where}.actions", card["actions"])
    if "refresh" in card:
        _refresh(check, f"{where}.refresh", card["refresh"])
    if "msteams" in card:
        _teams(check, f"{where}.msteams", card["msteams"])
    _select(check, where, card)
    if "lang" in card and not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", str(card["lang"])):
        check.wrong(f"{where}.lang", "no language")


def _refresh(check: Checker, where: str, thing: Any) -> None:
    if not isinstance(thing, dict) or not check.keys(where, thing, "action", "userIds"):
        check.wrong(where, "must be an action")
        return
    check.element(f"{where}.action", thing["action"], {"Action.Execute": _execute})
    people = thing.get("userIds", [])
    if not isinstance(people, list) or len(people) > 60 or not all(str(one).startswith("29:") for one in people):
        check.wrong(f"{where}.userIds", "must be at most 60 people, as the bot calls them")


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


COMMON = "id isVisible separator spacing height"


def _text_block(check: Checker, where: str, thing: Thing) -> None:
    check.keys(
        where, thing, "text wrap", f"{COMMON} color fontType horizontalAlignment isSubtle maxLines size style weight"
    )
    check.written(f"{where}.text", thing.get("text"))
    if thing.get("wrap") is not True:
        check.wrong(f"{where}.wrap", "must be true, or narrow screens cut the text")
    _looks(check, where, thing)
    check.one_of(where, thing, "style", ("default", "heading", "columnHeader"))
    check.one_of(where, thing, "horizontalAlignment", SIDES)
    check.number(where, thing, "maxLines")


def _looks(check: Checker, where: str, thing: Thing) -> None:
    for name, values in (("color", COLORS), ("fontType", FONTS), ("size", SIZES), ("weight", WEIGHTS)):
        check.one_of(where, thing, name, values)


def _rich_text(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "inlines", f"{COMMON} horizontalAlignment")
    check.elements(f"{where}.inlines", thing.get("inlines"), {"TextRun": _run})


def _run(check: Checker, where: str, thing: Thing) -> None:
    check.keys(
        where,
        thing,
        "text",
        "color fontType highlight isSubtle italic selectAction size strikethrough underline weight",
    )
    check.text(f"{where}.text", thing.get("text"), least=0)
    check.flags(where, thing, "highlight italic strikethrough underline")
    _looks(check, where, thing)
    _select(check, where, thing)


def _image(check: Checker, where: str, thing: Thing) -> None:
    check.keys(
        where,
        thing,
        "url altText",
        f"{COMMON} backgroundColor horizontalAlignment selectAction size style width msteams",
    )
    check.url(f"{where}.url", thing.get("url"), is_picture=True)
    check.text(f"{where}.altText", thing.get("altText"))
    check.one_of(where, thing, "size", ("auto", "stretch", "small", "medium", "large"))
    check.one_of(where, thing, "style", ("default", "person"))
    check.one_of(where, thing, "horizontalAlignment", SIDES)
    _select(check, where, thing)


def _image_set(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "images", f"{COMMON} imageSize")
    check.elements(f"{where}.images", thing.get("images"), {"Image": _image})


def _container(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "items", f"{COMMON} bleed minHeight rtl selectAction style verticalContentAlignment")
    check.elements(f"{where}.items", thing.get("items"), ELEMENTS)
    check.one_of(where, thing, "style", STYLES)
    check.one_of(where, thing, "verticalContentAlignment", HEIGHTS)
    _select(check, where, thing)


def _column_set(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "columns", f"{COMMON} bleed horizontalAlignment minHeight selectAction style")
    check.elements(f"{where}.columns", thing.get("columns"), {"Column": _column})
    check.one_of(where, thing, "style", STYLES)
    _select(check, where, thing)


def _column(check: Checker, where: str, thing: Thing) -> None:
    check.keys(
        where,
        thing,
        "items",
        f"{COMMON} bleed minHeight rtl selectAction style verticalContentAlignment width",
    )
    check.elements(f"{where}.items", thing.get("items"), ELEMENTS, least=0)
    check.one_of(where, thing, "style", STYLES)
    check.one_of(where, thing, "verticalContentAlignment", HEIGHTS)
    if not re.fullmatch(r"auto|stretch|\d+(\.\d+)?(px)?", str(thing.get("width", "auto"))):
        check.wrong(f"{where}.width", "no width")
    _select(check, where, thing)


def _fact_set(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "facts", COMMON)
    facts = thing.get("facts")
    if not isinstance(facts, list) or not facts:
        check.wrong(f"{where}.facts", "must be a list of at least 1")
        return
    for number, fact in enumerate(facts):
        if check.keys(f"{where}.facts[{number}]", fact, "title value"):
            check.written(f"{where}.facts[{number}].title", fact["title"])
            check.written(f"{where}.facts[{number}].value", fact["value"])


def _table(check: Checker, where: str, thing: Thing) -> None:
    check.keys(
        where,
        thing,
        "columns rows",
        f"{COMMON} firstRowAsHeader firstRowAsHeaders gridStyle horizontalCellContentAlignment showGridLines "
        "verticalCellContentAlignment",
    )
    columns, rows = thing.get("columns"), thing.get("rows")
    if not isinstance(columns, list) or not columns or not isinstance(rows, list) or not rows:
        check.wrong(where, "needs columns and rows")
        return
    for number, column in enumerate(columns):
        check.keys(
            f"{where}.columns[{number}]", column, "width", "horizontalCellContentAlignment verticalCellContentAlignment"
        )
    check.elements(f"{where}.rows", rows, {"TableRow": _row})
    if any(len(row.get("cells") or []) != len(columns) for row in rows if isinstance(row, dict)):
        check.wrong(where, "each row must have a cell for each column")
    check.flags(where, thing, "firstRowAsHeader firstRowAsHeaders showGridLines")
    check.one_of(where, thing, "gridStyle", STYLES)


def _row(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "cells", "horizontalCellContentAlignment style verticalCellContentAlignment")
    check.elements(f"{where}.cells", thing.get("cells"), {"TableCell": _cell})
    check.one_of(where, thing, "style", STYLES)


def _cell(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "items", "bleed minHeight rtl selectAction style verticalContentAlignment")
    check.elements(f"{where}.items", thing.get("items"), ELEMENTS, least=0)
    check.one_of(where, thing, "style", STYLES)


def _action_set(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "actions", f"{COMMON} horizontalAlignment")
    check.actions(f"{where}.actions", thing.get("actions"))


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
        check.element(f"{where}.inlineAction", thing["inlineAction"], ACTIONS)


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


def _execute(check: Checker, where: str, thing: Thing) -> None:
    _action(check, where, thing, "verb data", "associatedInputs fallback conditionallyEnabled")
    check.text(f"{where}.verb", thing.get("verb"))
    _data(check, where, thing)
    if "fallback" in thing:
        check.element(f"{where}.fallback", thing["fallback"], {"Action.Submit": _submit})


def _submit(check: Checker, where: str, thing: Thing) -> None:
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
    check.element(f"{where}.card", {"version": "1.5"} | thing["card"], {"AdaptiveCard": _card})


def _toggle_visibility(check: Checker, where: str, thing: Thing) -> None:
    _action(check, where, thing, "targetElements")
    if not thing.get("targetElements"):
        check.wrong(f"{where}.targetElements", "must be a list of at least 1")


def _select(check: Checker, where: str, thing: Thing) -> None:
    if "selectAction" in thing:
        kinds = {kind: one for kind, one in ACTIONS.items() if kind != "Action.ShowCard"}
        check.element(f"{where}.selectAction", thing["selectAction"], kinds)


ACTIONS: dict[str, Check] = {
    "Action.Execute": _execute,
    "Action.Submit": _submit,
    "Action.OpenUrl": _open_url,
    "Action.ShowCard": _show_card,
    "Action.ToggleVisibility": _toggle_visibility,
}
ELEMENTS: dict[str, Check] = {
    "TextBlock": _text_block,
    "RichTextBlock": _rich_text,
    "Image": _image,
    "ImageSet": _image_set,
    "Container": _container,
    "ColumnSet": _column_set,
    "FactSet": _fact_set,
    "Table": _table,
    "ActionSet": _action_set,
    "Input.Text": _input_text,
    "Input.Number": _input_number,
    "Input.Date": _input_date,
    "Input.Time": _input_time,
    "Input.Toggle": _toggle,
    "Input.ChoiceSet": _choice_set,
}
