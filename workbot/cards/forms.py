"""What people type into forms, read in one way on every platform, and what is said of a form that was sent.

A number or a day is never guessed. `12,5` can be only one number, so it is taken in every language; `1,234` is one
number to some and another to others, so the form comes back and says how to write it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import assert_never

from workbot.cards import Card, ChoiceField, DateField, Field, Form, NumberField, Text, TextField, ToggleField
from workbot.errors import Invalid, Problem, WorkbotError
from workbot.i18n import N_, Language
from workbot.texts import clean, identifier

LONGEST_NUMBER = 40
# A sign; thousands apart or together; decimals after a point or a comma.
NUMBER = re.compile(r"([+-]?)([0-9]+|[1-9][0-9]{0,2}([ ',.])[0-9]{3}(?:\3[0-9]{3})*)?(?:([.,])([0-9]+))?")
COULD_BE_THOUSANDS = re.compile(r"([1-9][0-9]{0,2}),([0-9]{3})")
# Signs of other keyboards and scripts, as we read them.
SIGNS = dict.fromkeys("‐‑‒–−﹣－", "-") | {
    "＋": "+", "٫": ".", "．": ".", "،": ",", "，": ",", "٬": "'", "’": "'", "＇": "'", "／": "/",
}  # fmt: skip
DAY = re.compile(r"([0-9]{1,4})([-/.])([0-9]{1,2})\2([0-9]{1,4})")


class Ambiguous(WorkbotError):
    """What was typed has two meanings."""

    def __init__(self, typed: str, first: str, second: str) -> None:
        message = N_("“{typed}” can be read in two ways. Write {first} or {second}.")
        super().__init__(message, typed=typed, first=first, second=second)
        self.readings = (first, second)


def read(fields: Sequence[Field], typed: Mapping[str, str], lang: Language) -> dict[str, str]:
    """The values of fields as they are kept; raises Invalid with what is wrong at each of them."""
    values, wrong = parsed(fields, typed, lang)
    if wrong:
        raise Invalid(wrong)
    return values


def parsed(
    fields: Sequence[Field], typed: Mapping[str, str], lang: Language
) -> tuple[dict[str, str], dict[str, Problem]]:
    """The values of the fields that are right, and what is wrong with the others, whatever a platform lets through."""
    values: dict[str, str] = {}
    wrong: dict[str, Problem] = {}
    for field in fields:
        try:
            values[field.name] = _read(field, typed.get(field.name, ""), lang)
        except WorkbotError as error:
            wrong[field.name] = Problem(error.message, error.values)
    return values, wrong


def problems(form: Form, typed: Mapping[str, str], lang: Language) -> dict[str, str]:
    """What is wrong with what was filled in, by field name, in the person's language."""
    _values, wrong = parsed(form.fields, typed, lang)
    return {name: lang(problem.message, **problem.values) for name, problem in wrong.items()}


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


def read_number(text: str) -> str:
    """A number as programs write it, such as `-1234.5`; raises WorkbotError unless it can be only that one."""
    plain = _plainly(text)
    found = NUMBER.fullmatch(plain) if len(plain) <= LONGEST_NUMBER else None
    sign, whole, between, point, decimals = found.groups("") if found else ("",) * 5
    if not whole + decimals or (between and between == point):
        raise WorkbotError(N_("Please write a number in digits, such as 12.5, and nothing else."))
    if COULD_BE_THOUSANDS.fullmatch(plain.lstrip("+-")):
        raise Ambiguous(text.strip(), plain.replace(",", ""), plain.replace(",", "."))
    digits = "".join(mark for mark in whole if mark.isdigit()).lstrip("0") or "0"
    number = f"{digits}.{decimals}" if decimals else digits
    return f"-{number}" if sign == "-" and Decimal(number) else number


def read_day(text: str) -> date:
    """A day; raises WorkbotError unless it can be only that one."""
    typed = _plainly(text)
    days = sorted(_days(typed))
    if not days:
        raise WorkbotError(N_("Please write a date as year, month and day, such as {example}."), example="2026-11-23")
    if len(days) > 1:
        raise Ambiguous(typed, *map(str, days))
    return days[0]


def read_time(text: str) -> time:
    """A time of day as people write it, `18:30`, `18h30` or `7`; raises WorkbotError unless it is one."""
    hours, _, minutes = _plainly(text).lower().replace("h", ":").replace(" ", "").partition(":")
    try:
        return time(int(hours), int(minutes or 0))
    except ValueError as error:
        raise WorkbotError(N_("Write the time as 18:30.")) from error


def _read(field: Field, value: str, lang: Language) -> str:
    """The value of one field as it is kept; raises WorkbotError."""
    value = clean(value)
    if not identifier(value):
        if field.required:
            raise WorkbotError((isinstance(field, TextField) and field.empty) or N_("This needs an answer."))
        return ""
    match field:
        case TextField(max_length=most) if (count := len(value.strip())) > most:
            raise WorkbotError(N_("At most {limit} characters, please; this is {count}."), limit=most, count=count)
        case ChoiceField() | ToggleField():
            return _chosen(field, value.strip())
        case NumberField():
            return _number(field, value, lang)
        case DateField():
            return read_day(value).isoformat()
        case TextField():
            return value
        case _:
            assert_never(field)


def _chosen(field: ChoiceField | ToggleField, value: str) -> str:
    """What was chosen, if all of it can be."""
    options = {option.value for option in field.options} if isinstance(field, ChoiceField) else {"yes"}
    chosen = set(value.split("\n")) if isinstance(field, ChoiceField) and field.multiple else {value}
    if not chosen <= options:
        raise WorkbotError(N_("Please choose from the list."))
    return value


def _number(field: NumberField, typed: str, lang: Language) -> str:
    try:
        return _within(field, read_number(typed), lang)
    except Ambiguous as error:
        # Who is to choose is told as well what cannot be chosen.
        for reading in error.readings:
            try:
                _within(field, reading, lang)
            except WorkbotError as limit:
                both = " ".join(lang(refused.message, **refused.values) for refused in (error, limit))
                raise WorkbotError(both) from limit
        raise


def _within(field: NumberField, number: str, lang: Language) -> str:
    low, high = field.minimum, field.maximum
    if low is not None and Decimal(number) < Decimal(repr(low)):
        raise WorkbotError(N_("This cannot be less than {number}."), number=lang.number(low))
    if high is not None and Decimal(number) > Decimal(repr(high)):
        raise WorkbotError(N_("This cannot be more than {number}."), number=lang.number(high))
    return number


def _plainly(text: str) -> str:
    """What was typed in the digits, signs and blanks of a plain keyboard."""
    return "".join(_plain(mark) for mark in identifier(text))


def _plain(mark: str) -> str:
    if (digit := unicodedata.decimal(mark, None)) is not None:
        return str(digit)
    return " " if unicodedata.category(mark) == "Zs" else SIGNS.get(mark, mark)


def _days(typed: str) -> set[date]:
    """The days that something typed can mean: with the year first it is one at most."""
    found = DAY.fullmatch(typed)
    if found is None:
        return set()
    first, _, second, third = found.groups()
    orders = [(first, second, third)] if len(first) == 4 else [(third, first, second), (third, second, first)]
    days = set()
    for year, month, day in orders:
        if len(year) == 4 and len(day) < 3:
            with suppress(ValueError):
                days.add(date(int(year), int(month), int(day)))
    return days
