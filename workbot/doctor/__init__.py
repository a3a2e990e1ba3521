"""`workbot doctor`: is everything that the house needs as it should be, and if not, what is to be done?"""

from __future__ import annotations

from pydantic import ValidationError

from workbot.doctor.findings import Finding, Verdict, fail
from workbot.doctor.reaching import reach
from workbot.doctor.reading import CHECKS
from workbot.i18n import Language
from workbot.settings import Settings

__all__ = ["Finding", "Verdict", "examine"]


def examine(lang: Language) -> list[Finding]:
    """Look at everything that the environment describes, and change nothing of it."""
    try:
        settings = Settings()
    except ValidationError as error:
        # Values are left out: one of them may be a secret.
        wrong = [f"{detail['loc'][0]}: {detail['msg']}" for detail in error.errors()]
    except OSError as error:
        wrong = [lang("{file} cannot be read: {reason}.", file=error.filename, reason=error.strerror or error)]
    else:
        read = [Finding(lang(subject), *check(settings, lang)) for subject, check in CHECKS]
        return [*read, *reach(settings, lang)]
    return [Finding(lang("settings"), *fail(words)) for words in wrong]
