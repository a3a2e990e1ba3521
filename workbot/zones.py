"""Time zones by every name that certainly means one: those of IANA, and what Windows and Excel call them.

An abbreviation such as EST names a clock and not a place, so it says nothing of summer time: it is refused, with the
zone that is probably meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import get_timezone_name
from tzlocal.windows_tz import tz_win, win_tz

from workbot.i18n import REGIONS, plain
from workbot.texts import identifier

SPOKEN = re.compile(r"(?:\((?:UTC|GMT)\)|\(?(?:UTC|GMT)?\s*([+\-−]\d{1,2})(?::?(\d\d))?\)?)\s*(.*)", re.IGNORECASE)
ASIDE = re.compile(r"\s*\([^)]*\)$")
# What Windows shows where it says neither a city nor its own name for the zone, in English and in French.
SHOWN = {
    "Coordinated Universal Time": "UTC",
    "Temps universel coordonné": "UTC",
    "Saskatchewan": "Canada Central Standard Time",
    "Arizona": "US Mountain Standard Time",
    "Alaska": "Alaskan Standard Time",
    "Hawaii": "Hawaiian Standard Time",
    "Indiana (East)": "US Eastern Standard Time",
    "Terre-Neuve": "Newfoundland Standard Time",
    "Heure de l’Atlantique": "Atlantic Standard Time",
    "Est": "Eastern Standard Time",
    "Heure de l’Est": "Eastern Standard Time",
    "Centre": "Central Standard Time",
    "Heure du Centre": "Central Standard Time",
    "Montagnes Rocheuses": "Mountain Standard Time",
    "Heure des Rocheuses": "Mountain Standard Time",
    "Pacifique": "Pacific Standard Time",
    "Heure du Pacifique": "Pacific Standard Time",
}
# Names of IANA's that are no places: a clock's name, without or with somebody's summer time.
CLOCKS = ("EST", "MST", "HST", "CET", "EET", "MET", "WET", "GMT")
# Abbreviations of several places, of which one is much the likeliest.
LIKELIEST = {"IST": "Asia/Kolkata", "GMT": "Europe/London"}
ANYWHERE = "America/Toronto"
# No zone has a longer name; what is longer is not searched for one.
LONGEST_NAME = 200


def zone_called(text: str, *, home: str = "") -> str:
    """The IANA name of a zone; raises ValueError with the one that is probably meant, looked for near `home`."""
    text = identifier(text)
    if len(text) > LONGEST_NAME:
        raise ValueError(f"{_shown(text)} is not a time zone; use a name such as {home or ANYWHERE}")
    if known := _of_iana(text) or _of_windows(text, home):
        return known
    shown = _shown(text)
    if meant := _abbreviated(text, home):
        raise ValueError(f"{shown} says nothing of summer time; write the name of a zone, probably {meant}")
    raise ValueError(f"{shown} is not a time zone; use a name such as {_near(text, home)}")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")


def _of_iana(text: str) -> str:
    name = _names().get(_folded(text), "")
    return "" if name in CLOCKS else name


def _of_windows(text: str, home: str) -> str:
    """The zone of a name of Windows, as it is stored or as it is shown: `(UTC-05:00) Eastern Time (US & Canada)`."""
    offset, rest = _offset(text)
    found = _of_iana(rest) if offset is not None else ""
    if not found and (windows := _windows_name(rest, is_shown=offset is not None) or _of_cities(rest, offset)):
        found = home if tz_win.get(home) == windows else _modern(win_tz[windows])
    is_right = found and (offset is None or offset == _standard(found))
    return found if is_right else ""


def _windows_name(rest: str, *, is_shown: bool) -> str:
    """A name of Windows as it stores it; nothing where that is not sure. What is not `is_shown` as it shows names, with
    the distance from Greenwich, could be anything: `Est`, `Centre`."""
    bare = ASIDE.sub("", rest)
    spelled = [rest, re.sub(r"\btime$", "Standard Time", bare, flags=re.IGNORECASE)]
    if is_shown:
        shown = {_folded(name): stored for name, stored in SHOWN.items()}
        spelled += [shown.get(_folded(rest), ""), shown.get(_folded(bare), ""), f"{rest} Standard Time"]
    return next((known for one in spelled if (known := _windows_names().get(_folded(one), ""))), "")


def _of_cities(rest: str, offset: timedelta | None) -> str:
    """The one zone of Windows in which all the cities that it shows lie."""
    if offset is None:
        return ""
    lie_in = [_cities().get(_folded(city), set()) for city in ASIDE.sub("", rest).split(",")]
    found = {tz_win[name] for names in lie_in for name in names if name in tz_win and _standard(name) == offset}
    return found.pop() if len(found) == 1 else ""


def _abbreviated(text: str, home: str) -> str:
    """The zone that an abbreviation or a bare distance from Greenwich probably means."""
    offset, rest = _offset(text)
    if offset is not None and not rest:
        return next((name for name in _likely(home) if _standard(name) == offset), "")
    if not re.fullmatch("[A-Za-z]{2,5}", text):
        return ""
    short = text.upper()
    if home and short in _short_names(home):
        return home
    return LIKELIEST.get(short) or next((name for name in _likely(home) if short in _short_names(name)), "")


def _near(text: str, home: str) -> str:
    """The zone whose name, or whose city, is most like what was written."""
    meant = re.sub(r"\b(?:daylight|summer)\b", "Standard", _offset(text)[1], flags=re.IGNORECASE)
    if known := _of_windows(meant, home):
        return known
    wanted = _folded(text)
    if close := get_close_matches(wanted, _names(), n=1, cutoff=0.7):
        return _names()[close[0]]
    if close := get_close_matches(wanted.rpartition("/")[2], _cities(), n=1, cutoff=0.75):
        return min(_cities()[close[0]])
    return home or ANYWHERE


def _likely(home: str) -> Iterator[str]:
    """Zones that people are in, the one at home first, then by how many others keep the same time."""
    if home:
        yield home
    yield from _by_size()


@cache
def _by_size() -> tuple[str, ...]:
    largest = sorted(Counter(tz_win.values()).items(), key=lambda kept: ("(" in kept[0], -kept[1]))
    return tuple(_modern(win_tz[windows]) for windows, _ in largest)


def _offset(text: str) -> tuple[timedelta | None, str]:
    """The distance from Greenwich that a name begins with, and the rest of it."""
    found = SPOKEN.fullmatch(text)
    if found is None:
        return None, text
    hours, minutes = int((found[1] or "0").replace("−", "-")), int(found[2] or 0)
    sign = -1 if found[1] and found[1][0] in "-−" else 1
    return sign * timedelta(hours=abs(hours), minutes=minutes), found[3].strip()


def _folded(text: str) -> str:
    return " ".join(plain(text).replace("_", " ").replace("’", "'").split())


@cache
def _names() -> dict[str, str]:
    return {_folded(name): name for name in sorted(available_timezones() - {"localtime", "Factory"})}


@cache
def _windows_names() -> dict[str, str]:
    return {_folded(name): name for name in win_tz}


@cache
def _cities() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in available_timezones():
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/")):
            found.setdefault(_folded(name.rpartition("/")[2]), set()).add(name)
    return found


@cache
def _standard(name: str) -> timedelta:
    """How far a zone is from Greenwich without summer time."""
    return min(moment.utcoffset() or timedelta() for moment in _halves(name))


@cache
def _short_names(name: str) -> frozenset[str]:
    """What a zone's clocks are called, in winter and summer, in English and French."""
    said = {moment.tzname() or "" for moment in _halves(name)}
    for region in REGIONS.values():
        said |= {get_timezone_name(moment, width="short", locale=region) for moment in _halves(name)}
    return frozenset(said)


def _halves(name: str) -> list[datetime]:
    year = datetime.now(UTC).year
    return [datetime(year, month, 15, tzinfo=UTC).astimezone(ZoneInfo(name)) for month in (1, 7)]


def _modern(name: str) -> str:
    """The present name of a zone whose old one is still in use, such as Asia/Calcutta."""
    return _renamed().get(name, name)


@cache
def _renamed() -> dict[str, str]:
    """Old names by the present ones, from the database's own list of links; only where the city was renamed."""
    lines = resources.files("tzdata").joinpath("zoneinfo/tzdata.zi").read_text("utf-8").splitlines()
    links = [line.split() for line in lines if line.startswith("L ")]
    return {old: new for _, new, old in links if old in win_tz.values() and new.split("/")[0] == old.split("/")[0]}
