"""Forms as modals, and what was typed in them as values.

Limits are those of https://docs.slack.dev/reference/block-kit/blocks/input-block and its elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, assert_never

from integrations.slack import options
from integrations.slack.render import one_line
from integrations.slack.texts import HEAVIEST_VIEW, Element, muted, plain, rich, weight, words
from workbot.cards import (
    Card,
    ChoiceField,
    DateField,
    Field,
    Form,
    NumberField,
    Option,
    TextField,
    ToggleField,
    plain_text,
)
from workbot.cards.forms import is_day, picked, read_number
from workbot.errors import WorkbotError
from workbot.i18n import Language
from workbot.texts import clean, cut, size, split

LONGEST_TITLE = 24
LONGEST_LABEL = 2000
# What numbers the parts of a text.
ROOM_FOR_PART = 10
LONGEST_TEXT = 3000
LONGEST_PARAGRAPH = 2900
# Few enough to be read at a glance; a list hides them.
FEW = 7
MOST_BOXES = 10
MOST_BLOCKS = 100


def modal(
    form: Form,
    lang: Language,
    *,
    key: str,
    values: Mapping[str, str] | None = None,
    notice: Card | None = None,
) -> dict[str, Any]:
    """A form as a modal. `key` comes back with it; `values` fill it, and `notice` says why it is shown again."""
    shown = form.filled(dict(values)) if values is not None else form
    title = one_line(form.title)
    blocks: list[Element] = []
    if notice:
        blocks += _said(f"⚠️ {plain_text(notice)}")
    if size(title) > LONGEST_TITLE:
        blocks += [rich("section", words(piece, bold=True)) for piece in split(title, LONGEST_PARAGRAPH)]
    blocks += _said(form.intro)
    for number, field in enumerate(shown.fields):
        if error := form.errors.get(field.name):
            blocks += _said(f"⚠️ {error}")
        blocks += _field(number, field, lang)
    return {
        "type": "modal",
        "callback_id": "form",
        "private_metadata": key,
        "title": plain(cut(title, LONGEST_TITLE) or "workbot"),
        "submit": plain(cut(one_line(form.submit), LONGEST_TITLE) or lang("Send")),
        "close": plain(lang("Cancel")),
        "blocks": _fitting(blocks),
    }


def values(form: Form, state: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, by field name; what the form did not ask for is left out."""
    return {field.name: _value(field, _answers(number, state)) for number, field in enumerate(form.fields)}


def errors(form: Form, wrong: Mapping[str, str]) -> dict[str, str]:
    """Messages by the block that asks for the field; what has no field stands at the first."""
    blocks = {field.name: _block(number) for number, field in enumerate(form.fields) if _is_asked(field)}
    first = next(iter(blocks.values()), _block(0))
    found: dict[str, list[str]] = {}
    for name, message in wrong.items():
        found.setdefault(blocks.get(name, first), []).append(message)
    return {block: cut(" ".join(messages), LONGEST_LABEL) for block, messages in found.items()}


def _fitting(blocks: list[Element]) -> list[Element]:
    """As many as a modal takes: what is asked goes before what is said."""
    asked = [block for block in blocks if block["type"] == "input"]
    room, load = MOST_BLOCKS - len(asked), HEAVIEST_VIEW - sum(map(weight, asked))
    fitting = []
    for block in blocks:
        if block["type"] != "input":
            room, load = room - 1, load - weight(block)
        if block["type"] == "input" or (room >= 0 and load >= 0):
            fitting.append(block)
    return fitting


def _said(text: str) -> list[Element]:
    return [rich("section", words(piece)) for piece in split(text, LONGEST_PARAGRAPH)] if text.strip() else []


def _block(number: int, part: int = 0) -> str:
    return f"f{number}.{part}" if part else f"f{number}"


def _is_asked(field: Field) -> bool:
    return not isinstance(field, ChoiceField) or bool(field.options)


def _field(number: int, field: Field, lang: Language) -> Iterator[Element]:
    label, hint = clean(field.label).strip(), clean(field.hint).strip()
    for text in (label, hint):
        if size(text) > LONGEST_LABEL - ROOM_FOR_PART:
            yield from _said(text)
    if not _is_asked(field):
        nothing = lang("there is nothing to choose from.")
        yield muted(f"{lang.label(cut(label, LONGEST_LABEL // 2))} {nothing}")
        return
    if isinstance(field, ChoiceField) and (long := options.shortened(option.label for option in field.options)):
        yield from _said("\n".join(long))
    for part, element in enumerate(_elements(field, lang)):
        block: Element = {
            "type": "input",
            "block_id": _block(number, part),
            "label": plain(_label(label, part)),
            "element": element | {"action_id": "value"},
            "optional": part > 0 or not field.required,
        }
        if hint and not part:
            block["hint"] = plain(cut(hint, LONGEST_LABEL))
        yield block


def _label(label: str, part: int) -> str:
    shown = cut(label, LONGEST_LABEL - ROOM_FOR_PART) or "–"
    return f"{shown} ({part + 1})" if part else shown


def _elements(field: Field, lang: Language) -> Iterator[Element]:
    """What a field is asked with; a text that is longer than Slack's longest, in several parts."""
    match field:
        case TextField():
            yield from _text(field)
        case ChoiceField(multiple=True):
            yield _several(field)
        case ChoiceField():
            yield _one(field)
        case DateField(value=value):
            yield {"type": "datepicker"} | ({"initial_date": value} if is_day(value) else {})
        case NumberField():
            yield _number(field)
        case ToggleField(value=value):
            box = options.option(lang("Yes"), "yes")
            yield {"type": "checkboxes", "options": [box]} | ({"initial_options": [box]} if value == "yes" else {})
        case _:
            assert_never(field)


def _text(field: TextField) -> Iterator[Element]:
    longest = max(1, min(field.max_length, LONGEST_TEXT))
    pieces = list(split(field.value, LONGEST_TEXT)) or [""]
    if len(pieces) > 1 and size(pieces[-1]) > LONGEST_TEXT // 2:
        # Room to write on.
        pieces.append("")
    for piece in pieces:
        element: Element = {"type": "plain_text_input", "multiline": field.multiline or len(pieces) > 1}
        element["max_length"] = LONGEST_TEXT if len(pieces) > 1 else max(longest, size(piece))
        yield element | ({"initial_value": piece} if piece else {})


def _one(field: ChoiceField) -> Element:
    drawn = _options(field.options)
    chosen = [mine for mine, option in zip(drawn, field.options, strict=True) if option.value == field.value]
    first = {"initial_option": chosen[0]} if chosen and field.value else {}
    # What is pressed in a list of buttons cannot be taken back.
    if len(drawn) <= FEW and field.required:
        return {"type": "radio_buttons", "options": drawn} | first
    return {"type": "static_select"} | _listed(drawn) | first


def _several(field: ChoiceField) -> Element:
    drawn, wanted = _options(field.options), set(field.value.split("\n"))
    chosen = [
        mine for mine, option in zip(drawn, field.options, strict=True) if option.value in wanted and option.value
    ]
    kind: Element = {"type": "checkboxes", "options": drawn}
    if len(drawn) > MOST_BOXES:
        kind = {"type": "multi_static_select"} | _listed(drawn)
    return kind | ({"initial_options": chosen} if chosen else {})


def _options(given: Sequence[Option]) -> list[Element]:
    """Options by their number: what comes back is one of them, whatever its value holds."""
    return [options.option(one_line(option.label), str(number)) for number, option in enumerate(given)]


def _listed(drawn: list[Element]) -> Element:
    return {"options": drawn} if len(drawn) <= options.MOST else {"option_groups": options.grouped(drawn)}


def _number(field: NumberField) -> Element:
    element: Element = {"type": "number_input", "is_decimal_allowed": True}
    if field.minimum is not None:
        element["min_value"] = _written(field.minimum)
    if field.maximum is not None:
        element["max_value"] = _written(field.maximum)
    low, high = field.minimum, field.maximum
    with suppress(WorkbotError):
        value = float(read_number(field.value))
        if (low is None or value >= low) and (high is None or value <= high):
            return element | {"initial_value": _written(value)}
    return element


def _written(number: float) -> str:
    return str(int(number)) if number == int(number) else format(Decimal(repr(number)), "f")


def _answers(number: int, state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What stands in the blocks of a field, part after part."""
    found, part = [], 0
    while isinstance(block := state.get(_block(number, part)), Mapping):
        answer = block.get("value")
        found.append(answer if isinstance(answer, Mapping) else {})
        part += 1
    return found


def _value(field: Field, answers: Sequence[Mapping[str, Any]]) -> str:
    first = answers[0] if answers else {}
    match field:
        case ChoiceField(multiple=True):
            chosen = [_chosen(field, option) for option in first.get("selected_options") or ()]
            return "\n".join(value for value in chosen if value)
        case ChoiceField():
            return _chosen(field, first.get("selected_option"))
        case ToggleField():
            return "yes" if first.get("selected_options") else ""
        case DateField():
            return str(first.get("selected_date") or "")
        case TextField() | NumberField():
            return clean("".join(str(answer.get("value") or "") for answer in answers))
        case _:
            assert_never(field)


def _chosen(field: ChoiceField, option: Any) -> str:
    """The value of the option that was picked."""
    return picked(field, str((option or {}).get("value", "")))
