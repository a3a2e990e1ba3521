"""A wave's results as data, for one reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from workbot.i18n import Language, language

FEW = 5


@dataclass(frozen=True)
class Share:
    """One possible answer: what it is called, and how many gave it."""

    label: str
    count: int


@dataclass(frozen=True)
class Result:
    """A question's result. `n` is None when too few answered it to show anything.

    A scale has `mean`, `favourable` (share of the two best) and, after an earlier wave, `change` of the
    mean; none where the wave before asked it in other words (`is_reworded`). Where everybody gave the same
    answer there are no `shares`, and `span` is a range for the mean.
    """

    id: str
    text: str
    kind: str
    n: int | None = None
    shares: tuple[Share, ...] = ()
    mean: float | None = None
    favourable: float | None = None
    change: float | None = None
    span: tuple[int, int] | None = None
    is_reworded: bool = False


@dataclass(frozen=True)
class Point:
    """One wave of the trend: its means by question, where they may be shown."""

    number: int
    day: date
    means: dict[str, float]


@dataclass(frozen=True)
class Group:
    """A department that may be shown, `depth` levels under the topmost."""

    path: str
    name: str
    depth: int
    n: int
    rate: float
    means: dict[str, float]
    favourable: dict[str, float]


@dataclass(frozen=True)
class Comments:
    """What people wrote to one question; `texts` is None when there are too few to show."""

    text: str
    texts: tuple[str, ...] | None


@dataclass(frozen=True)
class Respondent:
    """Who said what, with labels as the report's reader knows them: in an identified survey only."""

    name: str
    department: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """One wave for one reader's language. `n` and `rate` are None when too few answered to show anything."""

    survey: str
    number: int
    title: str
    mode: str
    k: int
    comment_k: int
    promise: str
    opened: date
    closed: date
    invited: int
    n: int | None
    rate: float | None
    questions: tuple[str, ...]
    results: tuple[Result, ...]
    trend: tuple[Point, ...]
    groups: tuple[Group, ...]
    comments: tuple[Comments, ...]
    people: tuple[Respondent, ...]
    locale: str

    @property
    def lang(self) -> Language:
        return language(self.locale)

    @property
    def spread(self) -> tuple[Result, ...]:
        """The questions whose distribution is worth a look: of a few people read by name it says nothing more."""
        few = self.n is None or (self.n < FEW and bool(self.people))
        return () if few else tuple(result for result in self.results if result.shares)

    @property
    def scales(self) -> tuple[Result, ...]:
        """The scale questions with figures."""
        return tuple(result for result in self.results if result.mean is not None)
