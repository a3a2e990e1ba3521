"""Forms as Adaptive Cards, in dialogs or in the conversation itself, and what was filled in as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, assert_never

from integrations.teams.render import IN_MESSAGES, SEALED, Drawing, Surface, adaptive
from integrations.teams.texts import Element, cut_bytes, heading, is_literal, one_line, paragraphs, weight
from workbot.cards import Card, ChoiceField, DateField, Field, Form, NumberField, TextField, ToggleField, plain_text
from workbot.cards.forms import is_day, picked
from workbot.i18n import Language
from workbot.seals import Seal
from workbot.texts import clean, cut, size

# The action of the button that sends a form.
SEND_FORM = "teams.send"
LARGEST_FORM = 23_000
LONGEST_SPOKEN = 1000
LONGEST_LABEL = 1000
LONGEST_OPTION = 300
# Few enough to be read at a glance; a list hides them.
FEW = 7
# So many that one would rather type.
MANY = 12
# What is said before the questions, in bytes.
LONGEST_INTRO = 6000


def form_card(
    form: Form,
    lang: Language,
    seal: Seal,
    *,
    key: str,
    surface: Surface = "dialog",
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    notice: Card | None = None,
) -> Element:
    """A form to fill in. `key` comes back with it; `values` fill it, `errors` stand at its fields, and `notice` says
    why it is shown again."""
    shown = form.filled(dict(values)) if values is not None else form
    wrong = {**form.errors, **(errors or {})}
    body: list[Element] = []
    if surface in IN_MESSAGES:
        body.append(heading(one_line(form.title) or "–"))
    if notice:
        body += _alarm(plain_text(notice))
    unplaced = [text for name, text in wrong.items() if name not in {field.name for field in form.fields}]
    body += [line for text in unplaced for line in _alarm(text)]
    body += paragraphs(cut_bytes(form.intro, LONGEST_INTRO))
    for number, field in enumerate(shown.fields):
        body += _alarm(wrong[field.name]) if field.name in wrong else []
        body += _field(number, field, lang)
    send = Drawing(seal, surface).pressed(
        cut(one_line(form.submit), 80) or lang("Send"), {SEALED: seal.close(SEND_FORM, key)}, with_inputs=True
    )
    card = adaptive(body or [heading("–")], cut_bytes(one_line(form.title), LONGEST_SPOKEN) or "workbot", lang)
    return card | {"actions": [send | {"style": "positive"}]}


def fits(card: Element) -> bool:
    """Whether a form is small enough for Teams."""
    return weight(card) <= LARGEST_FORM


def values(form: Form, data: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, by field name; what the form did not ask for is left out."""
    return {field.name: _value(field, data.get(_name(number))) for number, field in enumerate(form.fields)}


def _alarm(text: str) -> Iterator[Element]:
    return paragraphs(f"⚠️ {text}", color="Attention")


def _name(number: int) -> str:
    return f"f{number}"


def _field(number: int, field: Field, lang: Language) -> Iterator[Element]:
    label, hint = one_line(field.label) or "–", clean(field.hint).strip()
    if size(label) > LONGEST_LABEL:
        yield from paragraphs(field.label)
    if isinstance(field, ChoiceField) and not field.options:
        nothing = lang("there is nothing to choose from.")
        yield from paragraphs(f"{lang.label(cut(label, LONGEST_LABEL))} {nothing}", isSubtle=True)
        return
    asked: Element = {"id": _name(number), "label": cut(label, LONGEST_LABEL)} | _input(field, lang)
    if field.required and not isinstance(field, ToggleField):
        asked |= {"isRequired": True, "errorMessage": lang("This needs an answer.")}
    yield asked
    if hint:
        yield from (line | {"spacing": "None"} for line in paragraphs(hint, isSubtle=True, size="Small"))


def _input(field: Field, lang: Language) -> Element:
    match field:
        case TextField(value=value, multiline=multiline):
            text = clean(value)
            longest = {"maxLength": max(1, field.max_length, size(text))}
            return {"type": "Input.Text", "isMultiline": multiline} | longest | ({"value": text} if text else {})
        case ChoiceField():
            return _choice(field)
        case DateField(value=value):
            return {"type": "Input.Date"} | ({"value": value} if is_day(value) else {})
        case NumberField(value=value):
            # As text: an `Input.Number` drops a comma while it is typed, and 12,5 would come as 125.
            return {"type": "Input.Text"} | ({"value": clean(value)} if value else {})
        case ToggleField(value=value):
            known = {"type": "Input.Toggle", "title": lang("Yes"), "valueOn": "yes", "valueOff": "no", "wrap": True}
            return known | {"value": "yes" if value == "yes" else "no"}
        case _:
            assert_never(field)


def _choice(field: ChoiceField) -> Element:
    """Options by their number: what comes back is one of them, whatever its value holds."""
    wanted = set(field.value.split("\n")) if field.multiple else {field.value}
    chosen = [str(number) for number, option in enumerate(field.options) if option.value in wanted and option.value]
    are_literal = all(is_literal(one_line(option.label)) for option in field.options)
    listed: Element = {
        "type": "Input.ChoiceSet",
        "isMultiSelect": field.multiple,
        # Clients read Markdown in buttons and boxes, and none in lists.
        "style": "expanded" if len(field.options) <= FEW and are_literal else "compact",
        "wrap": True,
        "choices": [
            {"title": cut(one_line(option.label), LONGEST_OPTION) or "–", "value": str(number)}
            for number, option in enumerate(field.options)
        ],
    }
    if len(field.options) > MANY and not field.multiple:
        listed["style"] = "filtered"
    return listed | ({"value": ",".join(chosen if field.multiple else chosen[:1])} if chosen else {})


def _value(field: Field, given: Any) -> str:
    text = "" if given is None or isinstance(given, dict | list) else str(given)
    match field:
        case ChoiceField(multiple=True):
            return "\n".join(value for number in text.split(",") if (value := picked(field, number.strip())))
        case ChoiceField():
            return picked(field, text)
        case ToggleField():
            return "yes" if text == "yes" else ""
        case TextField() | DateField() | NumberField():
            return clean(text)
        case _:
            assert_never(field)
