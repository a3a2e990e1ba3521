"""Directory entries read cell by cell: what each says of a person, and every mistake with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import partial
from typing import Any

from workbot.i18n import LOCALES
from workbot.people.departments import names, path_of
from workbot.people.directories import Entry
from workbot.plugins import AccountColumn, account_columns
from workbot.texts import clean, identifier
from workbot.zones import zone_called

ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]+@[^\s@<>()\[\],;:\"\\.]+(\.[^\s@<>()\[\],;:\"\\.]+)+")
LONGEST_ADDRESS = 254
ROLE = re.compile(r"hr|admin|auditor|agent:[a-z][a-z0-9-]{0,39}")
# What makes one sign of several, or a word of some scripts.
JOINED = re.compile("[\u200c\u200d\ufe0e\ufe0f]")
EMPTY_PART = re.compile(r"\A\s*/|(?<!\\)(?:\\\\)*/\s*(?:/|\Z)")
Reader = Callable[[str], Any]
SHARED_ADDRESS = "two people cannot share an address; remove one of the rows"
SHARED_ACCOUNT = "one account belongs to one person; correct one of the rows"


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """Something in a directory that cannot be taken: where, and what would be right."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.row}: {self.column}: {self.message}" if self.column else f"{self.row}: {self.message}"


@dataclass(frozen=True, slots=True)
class Listing:
    """One person as the directory has them: checked values by column, only of the columns it has."""

    row: int
    email: str
    values: dict[str, Any]
    attributes: dict[str, str]


def listings(entries: Sequence[Entry], *, home: str) -> tuple[list[Listing], list[Mistake]]:
    """What the entries say, and everything that is wrong in any of them; `home` is the organisation's time zone."""
    mistakes: list[Mistake] = []
    readers = column_readers() | {"timezone": partial(_timezone, home=home)}
    good = [listing for entry in entries if (listing := _listing(entry, readers, mistakes))]
    unique = {"email": SHARED_ADDRESS} | {column.name: SHARED_ACCOUNT for column in account_columns().values()}
    mistakes.extend(mistake for column, why in unique.items() for mistake in _doubles(good, column, why))
    return good, mistakes


def columns() -> tuple[str, ...]:
    """The columns that mean something to us: all others become attributes."""
    return tuple(column_readers())


def column_readers() -> dict[str, Reader]:
    """What reads a cell of each column, those of the installed platforms among them."""
    of_accounts = {column.name: partial(_account, column=column) for column in account_columns().values()}
    return READERS | of_accounts


def suspicious_columns(entries: Sequence[Entry]) -> list[str]:
    """Columns that become attributes and look like a slip of the pen: `manger_email`."""
    known = columns()
    return [
        f"the column {column!r} becomes an attribute; did you mean {near[0]!r}?"
        for column in (entries[0].values if entries else ())
        if column not in known and (near := get_close_matches(column.lower(), known, n=1, cutoff=0.8))
    ]


def _listing(entry: Entry, readers: Mapping[str, Reader], mistakes: list[Mistake]) -> Listing | None:
    """The entry as a listing, unless its address cannot be read; what is wrong is added to `mistakes`."""
    mistakes.extend(Mistake(entry.row, "", problem) for problem in entry.problems)
    mistakes.extend(
        Mistake(entry.row, column, "this holds a NUL character, which is no text; remove it")
        for column, value in entry.values.items()
        if "\0" in value
    )
    values: dict[str, Any] = {}
    for column, reader in readers.items():
        if column in entry.values:
            try:
                values[column] = reader(entry.values[column])
            except ValueError as error:
                mistakes.append(Mistake(entry.row, column, str(error)))
    for column in ("timezone", "locale"):
        # Everyone has one: an empty cell leaves it as it is.
        if not values.get(column):
            values.pop(column, None)
    if "email" not in values:
        return None
    if (first := values.get("started_on")) and (last := values.get("left_on")) and last < first:
        mistakes.append(Mistake(entry.row, "left_on", f"{last} is before started_on, {first}; correct one of them"))
    attributes = {name: _seen(value) for name, value in entry.values.items() if name not in readers}
    return Listing(entry.row, values.pop("email"), values, attributes)


def _doubles(good: Sequence[Listing], column: str, why: str) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    for listing in good:
        value = listing.email if column == "email" else listing.values.get(column)
        if value and (earlier := first.setdefault(value, listing.row)) != listing.row:
            yield Mistake(listing.row, column, f"{value} is already on line {earlier}; {why}")


def _address(text: str) -> str:
    text = identifier(text)
    if not ADDRESS.fullmatch(text) or len(text) > LONGEST_ADDRESS:
        raise ValueError(f"{_shown(text)} is not an e-mail address; write one such as ada.roy@city.example")
    return text.lower()


def _address_or_none(text: str) -> str:
    return _address(text) if identifier(text) else ""


def _name(text: str) -> str:
    if not identifier(text):
        raise ValueError("this is required and empty; write the person's name")
    return _line(text)


def _line(text: str) -> str:
    """One line of text; a line break in a cell becomes a space."""
    return " ".join(_seen(text).split())


def _word(text: str) -> str:
    """What rules and audiences look for: as nobody could tell it from another."""
    return " ".join(identifier(text).split())


def _seen(text: str) -> str:
    """Text without what nobody sees, unless signs in it need that, as emojis and some scripts do."""
    kept = clean(text).strip()
    return kept if JOINED.search(kept) else identifier(kept)


def _department(text: str) -> str:
    """A path in its one spelling; a slash within a name is written as `\\/`."""
    text = identifier(text)
    parts = [_word(part) for part in names(text)]
    if not all(parts) or EMPTY_PART.search(text):
        raise ValueError(f"{_shown(text)} has an empty part; write it as Corporate Services/Technology")
    return path_of(parts)


def _day(text: str) -> date | None:
    text = identifier(text)
    if not text:
        return None
    # Only the one spelling: what Python also reads (20260301, 2026-W10) is more likely a slip.
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"there is no day {text} in the calendar; write it as 2026-03-31") from None
    raise ValueError(f"{_shown(text)} is not a date; write it as 2026-03-31 (year-month-day)")


def _timezone(text: str, *, home: str = "") -> str:
    return zone_called(text, home=home) if identifier(text) else ""


def _locale(text: str) -> str:
    short = identifier(text).replace("_", "-").split("-")[0].lower()
    if short and short not in LOCALES:
        raise ValueError(f"{_shown(text)} is not a language here; use {' or '.join(LOCALES)}")
    return short


def _roles(text: str) -> frozenset[str]:
    named = frozenset(identifier(text).split())
    if unknown := sorted(role for role in named if not ROLE.fullmatch(role)):
        raise ValueError(
            f"there is no role {_shown(' '.join(unknown))}; use hr, admin, auditor or agent:DESK, separated by spaces"
        )
    return named


def _account(text: str, *, column: AccountColumn) -> str:
    text = identifier(text)
    if any(mark.isspace() for mark in text):
        raise ValueError(f"{_shown(text)} is not a user id; it has no spaces")
    return column.spelled(text) if text else ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")


READERS: dict[str, Reader] = {
    "email": _address,
    "name": _name,
    "department": _department,
    "manager_email": _address_or_none,
    "title": _line,
    "location": _line,
    "timezone": _timezone,
    "locale": _locale,
    "started_on": _day,
    "left_on": _day,
    "employment": _word,
    "roles": _roles,
}
