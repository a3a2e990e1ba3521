"""Checks that need nothing but the settings and the files they name."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

import holidays

from workbot import features
from workbot.clock import SystemClock
from workbot.definitions import DefinitionsWrong, across
from workbot.doctor.findings import Said, fail, ok, warning
from workbot.i18n import LOCALES, N_, Language
from workbot.settings import HOME, MAKE_A_KEY, SHORTEST_SECRET, Settings, keys

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Fewer different characters than this, and a long secret is a short one repeated.
FEWEST_MARKS = 10


def names(settings: Settings, lang: Language) -> Said:
    """Whether a name in the environment looks like one of ours with a slip of the pen."""
    known = [str(field.validation_alias) for field in type(settings).model_fields.values()]
    known += [f"{name}_FILE" for name in known]
    for name in sorted(name for name in os.environ if name.startswith("WORKBOT_") and name not in known):
        if near := get_close_matches(name, known, n=1, cutoff=0.85):
            return warning(lang("{name} is not a setting; did you mean {near}?", name=name, near=near[0]))
    return ok(lang("All understood."))


def language(settings: Settings, lang: Language) -> Said:
    if settings.locale not in LOCALES:
        return warning(
            lang(
                "“{locale}” is not spoken here; set WORKBOT_LOCALE to one of {known}.",
                locale=settings.locale,
                known=", ".join(LOCALES),
            )
        )
    return ok(settings.locale)


def time_zone(settings: Settings, lang: Language) -> Said:
    return ok(
        lang(
            "{zone}, where it is now {moment}",
            zone=settings.timezone,
            moment=lang.moment(SystemClock().now(), settings.timezone),
        )
    )


def public_holidays(settings: Settings, lang: Language) -> Said:
    if not settings.holidays:
        return warning(lang("None: every weekday is a working day. Set WORKBOT_HOLIDAYS, such as CA-ON."))
    country, _, part = settings.holidays.partition("-")
    year = SystemClock().now().year
    try:
        days = holidays.country_holidays(country, subdiv=part or None, years=year)
    except (NotImplementedError, ValueError, AttributeError):
        return fail(
            lang(
                "“{region}” is not a region with known holidays; set WORKBOT_HOLIDAYS to one such as CA-ON.",
                region=settings.holidays,
            )
        )
    return ok(
        lang.plural(
            "{region}: {count} day in {year}.",
            "{region}: {count} days in {year}.",
            len(days),
            region=settings.holidays,
            year=str(year),
        )
    )


def base_url(settings: Settings, lang: Language) -> Said:
    if not settings.base_url:
        return warning(
            lang(
                "Not set: links lead to {url}, which opens on this machine only. Set WORKBOT_BASE_URL.",
                url=settings.url,
            )
        )
    try:
        parts = urlsplit(settings.base_url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return fail(
            lang("{url} is not a web address; write one such as https://bot.city.example.", url=settings.base_url)
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        return fail(
            lang("{url} goes on after the host; give workbot a host of its own, without a path.", url=settings.base_url)
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return warning(
            lang("{url} is not encrypted; put a proxy with https in front of workbot.", url=settings.base_url)
        )
    return ok(settings.url)


def secret_key(settings: Settings, lang: Language) -> Said:
    given = settings.secret_key.get_secret_value()
    named = os.environ.get("WORKBOT_SECRET_KEY_FILE")
    file = Path(named) if named else HOME / "secret-key"
    if not given and not file.exists():
        return _unmade(settings, lang)
    if (named or not given) and (mode := stat.S_IMODE(file.stat().st_mode)) & 0o077:
        return fail(
            lang(
                "{file} can be read by others (its mode is {mode}). Make a new key, and run `chmod 600 {file}`.",
                file=file,
                mode=f"{mode:o}",
            )
        )
    return _strength(keys(given or file.read_text()), lang)


def definitions(settings: Settings, lang: Language) -> Said:
    own = settings.definitions
    if own is not None and not own.is_dir():
        return fail(lang("WORKBOT_DEFINITIONS names {folder}, which is not a folder.", folder=own))
    try:
        found = features.read_definitions(own)
        if doubts := across(found):
            raise DefinitionsWrong(doubts)
    except DefinitionsWrong as wrong:
        return fail(
            lang.plural(
                "{count} mistake, the first: {first}. See `workbot check`.",
                "{count} mistakes, the first: {first}. See `workbot check`.",
                len(wrong.complaints),
                first=wrong.complaints[0],
            )
        )
    return ok(", ".join(f"{file.kind.folder}/{file.name}" for file in found))


def _unmade(settings: Settings, lang: Language) -> Said:
    if settings.database.startswith("sqlite"):
        return ok(lang("None yet; the first start makes one in {file}.", file=HOME / "secret-key"))
    return fail(lang("None, and every process needs the same; set WORKBOT_SECRET_KEY or WORKBOT_SECRET_KEY_FILE."))


def _strength(secrets: Sequence[str], lang: Language) -> Said:
    if not secrets or any(len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_MARKS for secret in secrets):
        return fail(lang("The secret key can be guessed; make one with {command}.", command=MAKE_A_KEY))
    if len(secrets) > 1:
        return ok(
            lang("{count} keys, all long enough; the first signs, and the others only verify.", count=len(secrets))
        )
    return ok(lang("Long enough, and nobody else can read it."))


Check = Callable[[Settings, Language], Said]
CHECKS: tuple[tuple[str, Check], ...] = (
    (N_("settings"), names),
    (N_("language"), language),
    (N_("time zone"), time_zone),
    (N_("public holidays"), public_holidays),
    (N_("base URL"), base_url),
    (N_("secret key"), secret_key),
    (N_("definitions"), definitions),
)
