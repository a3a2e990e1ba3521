"""What stands in cards: texts, pictures, and what holds others."""

from __future__ import annotations

import re

from tests.teamsland.reading import Thing
from tests.teamsland.rules.checker import Check, Checker

COLORS = ("default", "dark", "light", "accent", "good", "warning", "attention")
SIDES, HEIGHTS = ("left", "center", "right"), ("top", "center", "bottom")
STYLES = ("default", "emphasis", "good", "attention", "warning", "accent")
SIZES = ("small", "default", "medium", "large", "extraLarge")
WEIGHTS = ("lighter", "default", "bolder")
FONTS = ("default", "monospace")
COMMON = "id isVisible separator spacing height"


def _text_block(check: Checker, where: str, thing: Thing) -> None:
    looks = "color fontType horizontalAlignment isSubtle maxLines size style weight"
    check.keys(where, thing, "text wrap", f"{COMMON} {looks}")
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
    check.select(where, thing)


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
    check.select(where, thing)


def _image_set(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "images", f"{COMMON} imageSize")
    check.elements(f"{where}.images", thing.get("images"), {"Image": _image})


def _container(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "items", f"{COMMON} bleed minHeight rtl selectAction style verticalContentAlignment")
    check.body(f"{where}.items", thing.get("items"))
    check.one_of(where, thing, "style", STYLES)
    check.one_of(where, thing, "verticalContentAlignment", HEIGHTS)
    check.select(where, thing)


def _column_set(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "columns", f"{COMMON} bleed horizontalAlignment minHeight selectAction style")
    check.elements(f"{where}.columns", thing.get("columns"), {"Column": _column})
    check.one_of(where, thing, "style", STYLES)
    check.select(where, thing)


def _column(check: Checker, where: str, thing: Thing) -> None:
    check.keys(
        where,
        thing,
        "items",
        f"{COMMON} bleed minHeight rtl selectAction style verticalContentAlignment width",
    )
    check.body(f"{where}.items", thing.get("items"), least=0)
    check.one_of(where, thing, "style", STYLES)
    check.one_of(where, thing, "verticalContentAlignment", HEIGHTS)
    if not re.fullmatch(r"auto|stretch|\d+(\.\d+)?(px)?", str(thing.get("width", "auto"))):
        check.wrong(f"{where}.width", "no width")
    check.select(where, thing)


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
        sides = "horizontalCellContentAlignment verticalCellContentAlignment"
        check.keys(f"{where}.columns[{number}]", column, "width", sides)
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
    check.body(f"{where}.items", thing.get("items"), least=0)
    check.one_of(where, thing, "style", STYLES)


def _action_set(check: Checker, where: str, thing: Thing) -> None:
    check.keys(where, thing, "actions", f"{COMMON} horizontalAlignment")
    check.actions(f"{where}.actions", thing.get("actions"))


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
}
