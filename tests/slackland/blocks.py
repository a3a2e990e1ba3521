"""Block Kit's rules: what Slack would not take, and what people see of what it takes.

Anything that is not known here is a problem. https://docs.slack.dev/reference/block-kit
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

Surface = Literal["message", "modal", "home"]
Check = Callable[["Checker", str, Any], None]
Block = dict[str, Any]

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
# Slack says only that `msg_blocks_too_long` exists; developers have measured 13,200 characters.
LONGEST_MESSAGE = 13_200
# `view_too_large` says 250 kB, and not of what: we take its JSON in ASCII, the longest way to write it.
LARGEST_VIEW = 250_000
LINK = re.compile(r"^https?://[^\s<>|]+(\|[^<>|]*)?$")


def message_problems(payload: Mapping[str, Any]) -> list[str]:
    """What is wrong with what is posted: text and blocks."""
    found = problems(payload.get("blocks") or [], "message")
    text = payload.get("text")
    if not isinstance(text, str) or not text:
        found.append("text: a message needs one for those who see no blocks")
    elif len(text) > 40_000:
        found.append("text: too long")
    else:
        found += _markup(text, "text")
    if sum(map(len, visible(payload.get("blocks") or []))) > LONGEST_MESSAGE:
        found.append("blocks: too long together")
    return found


def view_problems(view: Mapping[str, Any]) -> list[str]:
    """What is wrong with a modal or a Home."""
    checker = Checker("modal" if view.get("type") == "modal" else "home")
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return [f"view: no such type as {kind!r}"]
    known = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
    if kind == "modal":
        known |= {"title", "submit", "close", "clear_on_close", "notify_on_close"}
        checker.text("title", view.get("title"), 24, plain=True)
        for name in ("submit", "close"):
            if name in view:
                checker.text(name, view[name], 24, plain=True)
        if any(block.get("type") == "input" for block in view.get("blocks") or []) and "submit" not in view:
            checker.wrong("submit", "a modal with inputs needs it")
    for name in sorted(view.keys() - known):
        checker.wrong(name, "unknown")
    checker.limit("private_metadata", view.get("private_metadata", ""), 3000)
    checker.limit("callback_id", view.get("callback_id", ""), 255)
    checker.blocks(view.get("blocks"))
    if len(json.dumps(view)) > LARGEST_VIEW:
        checker.wrong("view", "too large")
    return checker.found


def problems(blocks: Any, surface: Surface) -> list[str]:
    """What is wrong with blocks."""
    checker = Checker(surface)
    checker.blocks(blocks)
    return checker.found


class Checker:
    """Walks through blocks and notes what is wrong, and where."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.found: list[str] = []
        self.block_ids: set[str] = set()
        self.action_ids: set[str] = set()
        self.tables = 0
        self.charts = 0

    def wrong(self, where: str, what: str) -> None:
        self.found.append(f"{where}: {what}")

    def blocks(self, blocks: Any) -> None:
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            self.wrong("blocks", "must be a list of objects")
            return
        if len(blocks) > MOST_BLOCKS[self.surface]:
            self.wrong("blocks", f"{len(blocks)} are too many")
        for number, block in enumerate(blocks):
            self.block(f"blocks[{number}]", block)

    def block(self, where: str, block: Block) -> None:
        kind = block.get("type")
        check = BLOCKS.get(str(kind))
        if check is None:
            self.wrong(where, f"no such block as {kind!r}")
            return
        if key := block.get("block_id"):
            self.limit(f"{where}.block_id", key, 255)
            if key in self.block_ids:
                self.wrong(where, f"block_id {key} twice")
            self.block_ids.add(key)
        check(self, where, block)

    def keys(self, where: str, thing: Any, required: str, optional: str = "") -> bool:
        """See that an object has what it needs and nothing unknown."""
        if not isinstance(thing, dict):
            self.wrong(where, "must be an object")
            return False
        needed, allowed = set(required.split()), set(f"{required} {optional} type block_id".split())
        for name in sorted(needed - thing.keys()):
            self.wrong(where, f"{name} is missing")
        for name in sorted(thing.keys() - allowed):
            self.wrong(where, f"{name} is unknown")
        return needed <= thing.keys()

    def limit(self, where: str, text: Any, most: int, least: int = 0) -> None:
        if not isinstance(text, str):
            self.wrong(where, "must be text")
        elif not least <= _size(text) <= most:
            self.wrong(where, f"{_size(text)} characters, must be {least} to {most}")
        elif "\0" in text or any("\ud800" <= mark <= "\udfff" for mark in text):
            self.wrong(where, "has characters that are none")

    def text(self, where: str, thing: Any, most: int, *, plain: bool = False) -> None:
        """A text object."""
        kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
        if not isinstance(thing, dict) or thing.get("type") not in kinds:
            self.wrong(where, f"must be {' or '.join(kinds)}")
            return
        if self.keys(where, thing, "text", "emoji" if thing["type"] == "plain_text" else "verbatim"):
            self.limit(where, thing["text"], most, least=1)
            if thing["type"] == "mrkdwn":
                self.found += _markup(thing["text"], where)

    def elements(self, where: str, things: Any, most: int, kinds: Mapping[str, Check]) -> None:
        if not isinstance(things, list) or not 1 <= len(things) <= most:
            self.wrong(where, f"must be 1 to {most}")
            return
        for number, thing in enumerate(things):
            self.element(f"{where}[{number}]", thing, kinds)

    def element(self, where: str, thing: Any, kinds: Mapping[str, Check]) -> None:
        kind = thing.get("type") if isinstance(thing, dict) else None
        if kind not in kinds:
            self.wrong(where, f"no such element here as {kind!r}")
            return
        kinds[str(kind)](self, where, thing)

    def action_id(self, where: str, thing: Block, *, shared: bool = False) -> None:
        key = thing.get("action_id")
        self.limit(f"{where}.action_id", key, 255, least=1)
        if key in self.action_ids and not shared:
            self.wrong(where, f"action_id {key} twice")
        self.action_ids.add(str(key))

    def options(self, where: str, thing: Block, most: int, text: int = 75) -> list[Any]:
        """The options of a list, plain or in groups."""
        if "option_groups" in thing:
            groups = thing["option_groups"]
            if not 1 <= len(groups) <= 100:
                self.wrong(where, "too many groups")
            found = []
            for number, group in enumerate(groups):
                self.keys(f"{where}.option_groups[{number}]", group, "label options")
                self.text(f"{where}.option_groups[{number}].label", group.get("label"), 75, plain=True)
                found += self._options(f"{where}.option_groups[{number}]", group.get("options"), most, text)
            return found
        return self._options(where, thing.get("options"), most, text)

    def _options(self, where: str, options: Any, most: int, text: int) -> list[Any]:
        if not isinstance(options, list) or not 1 <= len(options) <= most:
            self.wrong(f"{where}.options", f"must be 1 to {most}")
            return []
        values = [option.get("value") for option in options]
        if len(set(values)) != len(values):
            self.wrong(f"{where}.options", "the same value twice")
        for number, option in enumerate(options):
            if self.keys(f"{where}.options[{number}]", option, "text value", "description"):
                self.text(f"{where}.options[{number}].text", option["text"], text, plain=True)
                self.limit(f"{where}.options[{number}].value", option["value"], 150, least=1)
        return options

    def chosen(self, where: str, thing: Block, options: list[Any]) -> None:
        for one in [thing.get("initial_option"), *(thing.get("initial_options") or [])]:
            if one is not None and one not in options:
                self.wrong(where, "what is chosen is no option")
        if "initial_options" in thing and not thing["initial_options"]:
            self.wrong(where, "initial_options must not be empty")


def _header(check: Checker, where: str, block: Block) -> None:
    if check.keys(where, block, "text"):
        check.text(f"{where}.text", block["text"], 150, plain=True)


def _section(check: Checker, where: str, block: Block) -> None:
    check.keys(where, block, "", "text fields accessory expand")
    if "text" not in block and "fields" not in block:
        check.wrong(where, "needs text or fields")
    if "text" in block:
        check.text(f"{where}.text", block["text"], 3000)
    for number, field in enumerate(block.get("fields") or []):
        check.text(f"{where}.fields[{number}]", field, 2000)
    if len(block.get("fields") or []) > 10:
        check.wrong(where, "too many fields")
    if "accessory" in block:
        check.element(f"{where}.accessory", block["accessory"], ACTIONS | {"image": _picture})


def _context(check: Checker, where: str, block: Block) -> None:
    if not check.keys(where, block, "elements"):
        return
    elements = block["elements"]
    if not isinstance(elements, list) or not 1 <= len(elements) <= 10:
        check.wrong(where, "must have 1 to 10 elements")
        return
    for number, element in enumerate(elements):
        if element.get("type") == "image":
            _picture(check, f"{where}[{number}]", element)
        else:
            check.text(f"{where}[{number}]", element, 3000)


def _actions(check: Checker, where: str, block: Block) -> None:
    if check.keys(where, block, "elements"):
        check.elements(f"{where}.elements", block["elements"], 25, ACTIONS)


def _input(check: Checker, where: str, block: Block) -> None:
    if not check.keys(where, block, "label element", "hint optional dispatch_action"):
        return
    check.text(f"{where}.label", block["label"], 2000, plain=True)
    if "hint" in block:
        check.text(f"{where}.hint", block["hint"], 2000, plain=True)
    if check.surface == "message":
        check.wrong(where, "no inputs in messages")
    check.element(f"{where}.element", block["element"], INPUTS)


def _image(check: Checker, where: str, block: Block) -> None:
    _picture(check, where, block)
    if "title" in block:
        check.text(f"{where}.title", block["title"], 2000, plain=True)


def _picture(check: Checker, where: str, thing: Block) -> None:
    check.keys(where, thing, "alt_text", "image_url slack_file title")
    check.limit(f"{where}.alt_text", thing.get("alt_text"), 2000, least=1)
    if ("image_url" in thing) == ("slack_file" in thing):
        check.wrong(where, "needs image_url or slack_file, and not both")
    if "slack_file" in thing and not set(thing["slack_file"]) & {"id", "url"}:
        check.wrong(where, "slack_file needs id or url")


def _divider(check: Checker, where: str, block: Block) -> None:
    check.keys(where, block, "")


def _table(check: Checker, where: str, block: Block) -> None:
    if not check.keys(where, block, "rows", "column_settings"):
        return
    check.tables += 1
    if check.surface != "message" or check.tables > 1:
        check.wrong(where, "one table, and in messages only")
    rows = block["rows"]
    if not 1 <= len(rows) <= 100 or not all(1 <= len(row) <= 20 and len(row) == len(rows[0]) for row in rows):
        check.wrong(where, "at most 100 rows of 20 cells, each of the same length")
    cells = [cell for row in rows for cell in row]
    for cell in cells:
        if cell.get("type") == "raw_text":
            check.limit(f"{where}.cell", cell.get("text"), 10_000, least=1)
        elif cell.get("type") == "rich_text":
            _rich_text(check, f"{where}.cell", cell)
        else:
            check.wrong(where, f"no such cell as {cell.get('type')!r}")
    if sum(_size(cell.get("text", "")) for cell in cells) > 10_000:
        check.wrong(where, "too long together")


def _data_visualization(check: Checker, where: str, block: Block) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block, with the lower of the caps told."""
    if not check.keys(where, block, "title chart"):
        return
    check.charts += 1
    if check.surface != "message" or check.charts > 2:
        check.wrong(where, "two charts, and in messages only")
    check.limit(f"{where}.title", block["title"], 50, least=1)
    chart = block["chart"]
    if chart.get("type") not in ("bar", "line", "area") or not check.keys(where, chart, "series axis_config"):
        check.wrong(where, "no such chart")
        return
    axis, series = chart["axis_config"], chart["series"]
    check.keys(where, axis, "categories", "x_label y_label")
    for name in ("x_label", "y_label"):
        check.limit(f"{where}.{name}", axis.get(name, ""), 50)
    if not 1 <= len(series) <= 6 or len({one["name"] for one in series}) != len(series):
        check.wrong(where, "one to six series, each of another name")
    for one in series:
        check.limit(f"{where}.name", one["name"], 20, least=1)
        if not 1 <= len(one["data"]) <= 20 or [point["label"] for point in one["data"]] != axis["categories"]:
            check.wrong(where, "one to twenty points, one for each category")
        for point in one["data"]:
            check.limit(f"{where}.label", point["label"], 20, least=1)
            if not isinstance(point["value"], int | float) or isinstance(point["value"], bool):
                check.wrong(where, "a value is a number")


def _rich_text(check: Checker, where: str, block: Block) -> None:
    if not check.keys(where, block, "elements") or not block["elements"]:
        check.wrong(where, "needs elements")
        return
    kinds = ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")
    for number, part in enumerate(block["elements"]):
        if part.get("type") not in kinds or not part.get("elements"):
            check.wrong(f"{where}[{number}]", "no such part, or an empty one")
            continue
        check.keys(f"{where}[{number}]", part, "elements", "style indent offset border")
        for leaf in part["elements"]:
            for inner in leaf["elements"] if leaf.get("type") == "rich_text_section" else [leaf]:
                _leaf(check, f"{where}[{number}]", inner)


def _leaf(check: Checker, where: str, leaf: Block) -> None:
    match leaf.get("type"):
        case "text":
            check.keys(where, leaf, "text", "style")
            check.limit(where, leaf.get("text"), 3000, least=1)
        case "link":
            check.keys(where, leaf, "url", "text style unsafe")
            check.limit(where, leaf.get("url"), 3000, least=1)
        case "emoji":
            check.keys(where, leaf, "name", "unicode style skin_tone")
        case kind:
            check.wrong(where, f"{kind!r} would mention someone")


def _button(check: Checker, where: str, thing: Block) -> None:
    check.keys(where, thing, "text action_id", "url value style confirm accessibility_label")
    check.text(f"{where}.text", thing.get("text"), 75, plain=True)
    check.action_id(where, thing)
    check.limit(f"{where}.value", thing.get("value", ""), 2000)
    check.limit(f"{where}.accessibility_label", thing.get("accessibility_label", ""), 75)
    check.limit(f"{where}.url", thing.get("url", ""), 3000)
    if thing.get("url") and not thing["url"].startswith(("https://", "http://")):
        check.wrong(where, "no address to open")
    if thing.get("style", "primary") not in ("primary", "danger"):
        check.wrong(where, "no such style")


def _overflow(check: Checker, where: str, thing: Block) -> None:
    check.keys(where, thing, "action_id options", "confirm")
    check.action_id(where, thing)
    check.options(where, thing, 5)


def _select(check: Checker, where: str, thing: Block) -> None:
    check.keys(where, thing, "action_id", "options option_groups placeholder initial_option initial_options confirm "
               "focus_on_load max_selected_items")  # fmt: skip
    check.action_id(where, thing, shared=_is_input(where))
    if "placeholder" in thing:
        check.text(f"{where}.placeholder", thing["placeholder"], 150, plain=True)
    check.chosen(where, thing, check.options(where, thing, 100))


def _boxes(check: Checker, where: str, thing: Block) -> None:
    check.keys(where, thing, "action_id options", "initial_option initial_options confirm focus_on_load")
    check.action_id(where, thing, shared=_is_input(where))
    check.chosen(where, thing, check.options(where, thing, 10))


def _typed(check: Checker, where: str, thing: Block) -> None:
    check.keys(where, thing, "action_id", "multiline initial_value min_length max_length placeholder focus_on_load "
               "dispatch_action_config")  # fmt: skip
    check.action_id(where, thing, shared=True)
    most = thing.get("max_length", 3000)
    if not isinstance(most, int) or not 1 <= most <= 3000:
        check.wrong(where, "max_length must be 1 to 3000")
    elif "initial_value" in thing:
        check.limit(f"{where}.initial_value", thing["initial_value"], most)


def _date(check: Checker, where: str, thing: Block) -> None:
    check.keys(where, thing, "action_id", "initial_date placeholder confirm focus_on_load")
    check.action_id(where, thing, shared=_is_input(where))
    if "initial_date" in thing and not re.fullmatch(r"\d{4}-\d\d-\d\d", thing["initial_date"]):
        check.wrong(where, "no date")


def _number(check: Checker, where: str, thing: Block) -> None:
    check.keys(
        where, thing, "action_id is_decimal_allowed", "initial_value min_value max_value placeholder focus_on_load"
    )
    check.action_id(where, thing, shared=True)
    for name in ("initial_value", "min_value", "max_value"):
        if name in thing and (not isinstance(thing[name], str) or not _is_number(thing[name])):
            check.wrong(f"{where}.{name}", "must be a number, as text")


ACTIONS: dict[str, Check] = {
    "button": _button,
    "overflow": _overflow,
    "static_select": _select,
    "multi_static_select": _select,
    "radio_buttons": _boxes,
    "checkboxes": _boxes,
    "datepicker": _date,
}
INPUTS: dict[str, Check] = {
    "plain_text_input": _typed,
    "static_select": _select,
    "multi_static_select": _select,
    "radio_buttons": _boxes,
    "checkboxes": _boxes,
    "datepicker": _date,
    "number_input": _number,
}
BLOCKS: dict[str, Check] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "divider": _divider,
    "table": _table,
    "data_visualization": _data_visualization,
    "rich_text": _rich_text,
}


def visible(blocks: Any) -> list[str]:
    """What people read in blocks, a text for each piece, as Slack shows it."""
    return [text for block in blocks for text in _seen(block)]


def _seen(thing: Any) -> Iterator[str]:
    if isinstance(thing, list):
        for one in thing:
            yield from _seen(one)
        return
    if not isinstance(thing, dict):
        return
    match thing.get("type"):
        case "rich_text_section" | "rich_text_quote" | "rich_text_preformatted":
            yield "".join(_said(leaf) for leaf in thing["elements"])
        case "mrkdwn":
            yield html.unescape(thing["text"])
        case "plain_text" | "raw_text" | "text":
            yield thing["text"]
        case "image":
            yield thing["alt_text"]
        case _:
            for name, value in thing.items():
                if name not in ("value", "action_id", "block_id", "initial_option", "initial_options", "confirm"):
                    yield from _seen(value)


def _said(leaf: Mapping[str, Any]) -> str:
    return str(leaf.get("text") or leaf.get("url") or f":{leaf.get('name')}:")


def _markup(text: str, where: str) -> list[str]:
    """What would be read as a mention, a command or a link that nobody meant."""
    inside = [one for one in re.findall(r"<([^>]*)>", text) if not LINK.match(one)]
    found = [f"{where}: <{one[:40]}> would be read as markup" for one in inside]
    rest = re.sub(r"<[^>]*>", "", text)
    if "<" in rest or ">" in rest or re.search(r"&(?!amp;|lt;|gt;)", rest):
        found.append(f"{where}: is not escaped")
    return found


def _is_input(where: str) -> bool:
    return where.endswith(".element")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _size(text: str) -> int:
    """Characters as JavaScript counts them: the stricter of the ways that Slack may count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
