"""What a check finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from workbot.errors import WorkbotError
from workbot.i18n import Language


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; what is not well says what to do."""

    subject: str
    verdict: Verdict
    words: str


def looked_at(subject: str, lang: Language, look: Callable[[str, Language], Iterator[Finding]]) -> Iterator[Finding]:
    """What a look finds; one that fails itself is a finding too: whoever asks wants to know of all else as well."""
    try:
        yield from look(subject, lang)
    except WorkbotError as error:
        yield Finding(subject, *fail(lang(error.message, **error.values)))
    except OSError as error:
        words = lang("{file} cannot be read: {reason}.", file=error.filename, reason=error.strerror or error)
        yield Finding(subject, *fail(words if error.filename else failed(error, lang)))
    except Exception as error:  # noqa: BLE001  # what nobody thought of is said as well
        yield Finding(subject, *fail(failed(error, lang)))


def failed(error: Exception, lang: Language) -> str:
    """What is said of an error that nobody thought of: its kind alone, for its words may hold a secret."""
    return lang(
        "This could not be looked at ({error}). Compare its settings with the README, one by one.",
        error=type(error).__name__,
    )


# What a check says of its subject.
Said = tuple[Verdict, str]


def ok(words: str) -> Said:
    return Verdict.OK, words


def warning(words: str) -> Said:
    return Verdict.WARNING, words


def fail(words: str) -> Said:
    return Verdict.FAIL, words
