"""`workbot doctor`: is everything that the app needs as it should be, and if not, what is to be done?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from workbot.doctor.findings import Finding, Verdict, looked_at
from workbot.doctor.reaching import reach
from workbot.doctor.reading import CHECKS, Check
from workbot.i18n import Language
from workbot.settings import Settings

__all__ = ["Finding", "Verdict", "examine"]


def diagnose(settings: Settings, lang: Language) -> list[Finding]:
    """Look at everything that the settings describe, and change nothing of it."""
    looks = [(lang(subject), partial(_read, check, settings)) for subject, check in CHECKS]
    read = [found for subject, look in looks for found in looked_at(subject, lang, look)]
    return [*read, *reach(settings, lang)]


def _read(check: Check, settings: Settings, subject: str, lang: Language) -> Iterator[Finding]:
    yield Finding(subject, *check(settings, lang))
