"""What is wrong with the values of a form, before any feature sees them, and what is said of one that was sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from workbot.cards import Card, ChoiceField, DateField, Field, Form, NumberField, Text, TextField
from workbot.i18n import Language


def problems(form: Form, values: Mapping[str, str], lang: Language) -> dict[str, str]:
    """What is wrong with values, by field name: what platforms that help would not have sent."""
    found = {field.name: _problem(field, values[field.name], lang) for field in form.fields}
    return {name: problem for name, problem in found.items() if problem}


def sent(card: Card, sent_as: str, lang: Language) -> Card:
    """What stands in the place of a form that was sent: what was answered, under the name of what it became."""
    return replace(card, title=lang("Sent as {reference}", reference=sent_as)) if sent_as else card


def sent_already(sent_as: str, lang: Language, *, same: bool) -> Card:
    """What is said of a form that is sent once more, with the `same` filled in or with something else."""
    title = lang("Sent already as {reference}", reference=sent_as) if sent_as else lang("This was sent already")
    if same:
        return Card(title, (Text(lang("Nothing was sent a second time.")),))
    text = lang("What is filled in now has not been sent. Send it once more, and it goes as a new one.")
    return Card(title, (Text(text),), tone="warn")


def lines(text: str) -> str:
    """Text with plain line ends, as no browser sends it, and without NUL, which PostgreSQL cannot store."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def picked(field: ChoiceField, number: str) -> str:
    """The value of the option that was picked by its number; nothing, if it is none of the field's."""
    known = number.isascii() and number.isdecimal() and len(number) < 6 and int(number) < len(field.options)
    return field.options[int(number)].value if known else ""


def is_day(value: str) -> bool:
    """Whether a value is a day as we write it ourselves, such as 2026-11-23."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _problem(field: Field, value: str, lang: Language) -> str:
    if not value.strip():
        return lang("This needs an answer.") if field.required else ""
    match field:
        case TextField(max_length=most) if len(value) > most:
            over = len(value) - most
            return lang.plural("This is {count} character too long.", "This is {count} characters too long.", over)
        case ChoiceField(options=options) if not set(value.split("\n")) <= {option.value for option in options}:
            return lang("Please choose from the list.")
        case NumberField():
            return _number_problem(field, value, lang)
        case DateField() if not _is_date(value):
            return lang("Please write a date, such as {example}.", example="2026-11-23")
        case _:
            return ""


def _number_problem(field: NumberField, value: str, lang: Language) -> str:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        return lang("Please write a number.")
    low, high = field.minimum, field.maximum
    if low is not None and number < low:
        return lang("This cannot be less than {number}.", number=lang.number(low))
    if high is not None and number > high:
        return lang("This cannot be more than {number}.", number=lang.number(high))
    return ""


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
