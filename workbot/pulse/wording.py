"""Whether a question is still the same question: what another wave asked in other words is not compared with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from workbot.pulse.definitions import SCALE, Scale, SurveyDefinition

# What a typesetter may change without changing what is asked: kinds of quotation marks, apostrophes and dashes.
TYPOGRAPHY = str.maketrans(dict.fromkeys("«»„“”‟‹›", '"') | dict.fromkeys("‘’‚‛ʼ", "'") | dict.fromkeys("‐‑‒–—―−", "-"))
# Blanks are looked at from their first, and once.
BEFORE_MARKS = re.compile(r"(?<!\s)\s++(?=[?!:;.,])")


def is_same(question: Scale, other: object) -> bool:
    """Whether two questions ask the same, with the same labels in the same direction, in every language."""
    return isinstance(other, Scale) and _wording(question) == _wording(other)


def same_in(survey: SurveyDefinition, other: SurveyDefinition) -> frozenset[str]:
    """The scales of a survey, by id, that another version of it asks just so."""
    return frozenset(one.id for one in survey.scales if is_same(one, other.question(one.id)))


def changed_since(earlier: SurveyDefinition, survey: SurveyDefinition) -> tuple[Scale, ...]:
    """The scales of a survey whose id an earlier version had for another question."""
    same = same_in(survey, earlier)
    return tuple(one for one in survey.scales if earlier.question(one.id) and one.id not in same)


def _wording(question: Scale) -> tuple[Mapping[str, str], ...]:
    labels = (question.label(point) for point in SCALE)
    return tuple({lang: _bare(text) for lang, text in (texts or {}).items()} for texts in (question.text, *labels))


def _bare(text: str) -> str:
    """A text without what only a typesetter sees: spacing, capitals, the shape of quotation marks and dashes."""
    plain = unicodedata.normalize("NFKC", text).translate(TYPOGRAPHY)
    seen = "".join(mark for mark in plain if unicodedata.category(mark) != "Cf")
    parts = BEFORE_MARKS.sub("", seen).split('"')
    return '"'.join(" ".join(part.split()) for part in parts).casefold()
