"""English and French: messages, dates and numbers in the reader's language.

Messages are written in English in the code, `lang("Taken by {name}.", name=...)`, and translated in
`locales/fr/*.po`, of ours and of every installed platform, which are read as they are: there is no compile step to
forget.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from workbot import plugins
from workbot.texts import labelled

LOCALES = ("en", "fr")
CATALOGUES = Path(__file__).parent / "locales"
# Canadian forms: dates and numbers as a bilingual public employer writes them.
REGIONS = {"en": "en_CA", "fr": "fr_CA"}
# Held together by no-break spaces, so that no line ends within a time.
TIMES = {"en": "h:mm\u00a0a", "fr": "HH'\u00a0h\u00a0'mm"}
DAYS = {"en": "EEE, MMM d", "fr": "EEE d MMM"}


def N_(message: str) -> str:
    """Mark a message for translation where it is written; it is translated where it is shown."""
    return message


def plain(text: str) -> str:
    """Fold case, accents and outer space away, so that `Integration` finds `intégration`."""
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark))


class Language:
    """One language to speak: call it with an English message to have it said."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self._region = Locale.parse(REGIONS[locale])
        self._messages = _messages(locale)

    def __call__(self, message: str, /, **values: object) -> str:
        said = self._messages.gettext(message) if message else ""
        return said.format(**values) if values else said

    def plural(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Choose by `count`, which the message may also name as `{count}`."""
        said = self._messages.ngettext(one, many, count)
        return said.format(count=self.number(count), **values)

    def of(self, texts: Mapping[str, str]) -> str:
        """Pick this language from a definition's `{en: ..., fr: ...}`, or the first there is."""
        return texts.get(self.locale) or next(iter(texts.values()), "")

    def date(self, day: dt.date) -> str:
        return format_date(day, format="long", locale=self._region)

    def weekday(self, day: dt.date) -> str:
        """A day as people say it: `Monday, November 23`."""
        return format_date(day, format="EEEE d MMMM" if self.locale == "fr" else "EEEE, MMMM d", locale=self._region)

    def short_date(self, day: dt.date) -> str:
        return format_date(day, format="d MMM" if self.locale == "fr" else "MMM d", locale=self._region)

    def time(self, at: dt.datetime, zone: str) -> str:
        pattern = TIMES[self.locale]
        return format_time(at.astimezone(ZoneInfo(zone)), format=pattern, locale=self._region)

    def moment(self, at: dt.datetime, zone: str) -> str:
        """A moment in the reader's own zone: day and time, without the year."""
        pattern = f"{DAYS[self.locale]}, {TIMES[self.locale]}"
        return format_datetime(at.astimezone(ZoneInfo(zone)), format=pattern, locale=self._region)

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self._region))

    def label(self, text: str) -> str:
        """A label as it stands before its value, in this language's way with colons."""
        return labelled(text, "\u00a0:" if self.locale == "fr" else ":")

    def as_typed(self, number: str) -> str:
        """A number as a reader writes it, with all its digits and none between them: `1234.50`, `1234,50`."""
        return number.replace(".", self._region.number_symbols["latn"]["decimal"])

    def decimal(self, value: float) -> str:
        """A number with exactly one decimal: `3.8`, `3,8`."""
        return str(format_decimal(value, format="0.0", locale=self._region))

    def percent(self, share: float) -> str:
        return str(format_percent(share, format="0\u00a0%" if self.locale == "fr" else "0%", locale=self._region))

    def listed(self, items: list[str]) -> str:
        return format_list(items, locale=self._region)

    def either(self, items: list[str]) -> str:
        """One of several: `4 or 5`."""
        return format_list(items, style="or", locale=self._region)


@cache
def language(locale: str | None) -> Language:
    """The language of a locale tag such as `fr-CA`; English where there is no other."""
    short = (locale or "").replace("_", "-").split("-")[0].lower()
    return Language(short if short in LOCALES else LOCALES[0])


def _messages(locale: str) -> NullTranslations:
    """The catalogues of a language, one per part of the app, as one."""
    together = Catalog(locale=locale)
    for part in catalogues(locale):
        with part.open("rb") as file:
            for message in read_po(file, locale=locale):
                if message.id:
                    together[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, together)
    compiled.seek(0)
    return GNUTranslations(compiled)


def catalogues(locale: str) -> list[Path]:
    """The files of a language: those of the installed platforms, and ours, which count where both say something."""
    brought = [plugin.locales for plugin in plugins.installed().values() if plugin.locales]
    return [file for folder in (*brought, CATALOGUES) for file in sorted((folder / locale).glob("*.po"))]
