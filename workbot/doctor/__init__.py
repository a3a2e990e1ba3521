"""`workbot doctor`: is everything that the house needs as it should be, and if not, what is to be done?"""

from __future__ import annotations

from workbot.doctor.findings import Finding, Verdict
from workbot.doctor.reaching import reach
from workbot.doctor.reading import CHECKS
from workbot.i18n import Language
from workbot.settings import Settings

__all__ = ["Finding", "Verdict", "examine"]


def examine(settings: Settings, lang: Language) -> list[Finding]:
    """Look at everything that the settings describe, and change nothing of it."""
    read = [Finding(lang(subject), *check(settings, lang)) for subject, check in CHECKS]
    return [*read, *reach(settings, lang)]
