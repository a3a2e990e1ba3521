"""Whether a question is still the same question: what another wave asked in other words is not compared with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from workbot.pulse.definitions import SurveyDefinition
from workbot.pulse.questions import Counted, Question, Rated

# What a typesetter may change without changing what is asked: kinds of quotation marks, apostrophes and dashes.
TYPOGRAPHY = str.maketrans(dict.fromkeys("«»„“”‟‹›", '"') | dict.fromkeys("‘’‚‛ʼ", "'") | dict.fromkeys("‐‑‒–—―−", "-"))
# Blanks are looked at from their first, and once.
BEFORE_MARKS = re.compile(r"(?<!\s)\s++(?=[?!:;.,])")


def is_same(question: Rated, other: Question | None) -> bool:
    """Whether two questions ask the same, with the same labels in the same direction, in every language."""
    return isinstance(other, Rated) and type(other) is type(question) and _wording(question) == _wording(other)


def same_in(survey: SurveyDefinition, other: SurveyDefinition) -> frozenset[str]:
    """The questions of a survey with a score, by id, that another version of it asks just so."""
    return frozenset(one.id for one in survey.rated if is_same(one, other.question(one.id)))


def changed_since(earlier: SurveyDefinition, survey: SurveyDefinition) -> tuple[Rated, ...]:
    """The questions of a survey with a score whose id an earlier version had for another question."""
    same = same_in(survey, earlier)
    return tuple(one for one in survey.rated if earlier.question(one.id) and one.id not in same)


def _wording(question: Counted) -> tuple[Mapping[str, str], ...]:
    return tuple({lang: _bare(text) for lang, text in (texts or {}).items()} for texts in question.wording())


def _bare(text: str) -> str:
    """A text without what only a typesetter sees: spacing, capitals, the shape of quotation marks and dashes."""
    plain = unicodedata.normalize("NFKC", text).translate(TYPOGRAPHY)
    seen = "".join(mark for mark in plain if unicodedata.category(mark) != "Cf")
    parts = BEFORE_MARKS.sub("", seen).split('"')
    return '"'.join(" ".join(part.split()) for part in parts).casefold()
