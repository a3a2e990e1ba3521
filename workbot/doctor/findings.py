"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


# What a check says of its subject.
Said = tuple[Verdict, str]


def ok(words: str) -> Said:
    return Verdict.OK, words


def warning(words: str) -> Said:
    return Verdict.WARNING, words


def fail(words: str) -> Said:
    return Verdict.FAIL, words
