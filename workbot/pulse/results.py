"""A wave's results as data, for one reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from workbot.charts import Axis
from workbot.i18n import Language, language

FEW = 5


@dataclass(frozen=True)
class Share:
    """One possible answer: what it is called, and how many gave it."""

    label: str
    count: int


@dataclass(frozen=True)
class Measure:
    """How the answers to a question become one number: what it is called, and between which ends it lies.

    `points` are the answers from the least favourable to the most, as short as a legend needs them; `about` says it
    all in words, for the head of a table. Questions of the same measure share tables and charts.
    """

    name: str
    axis: Axis
    points: tuple[str, ...]
    about: str


@dataclass(frozen=True)
class Score:
    """The answers to a question in one number, with the share of them that is favourable."""

    measure: Measure
    value: float
    favourable: float


@dataclass(frozen=True)
class Result:
    """A question's result. `n` is None when too few answered it to show anything.

    `said` are its figures in words. Where the answers stand for numbers there is a `score` and, after an earlier
    wave, the `change` of it; none where the wave before asked it in other words (`is_reworded`). Where everybody
    gave the same answer there are no `shares`, and `span` is a range for the score.
    """

    id: str
    text: str
    n: int | None = None
    shares: tuple[Share, ...] = ()
    said: str = ""
    score: Score | None = None
    change: float | None = None
    span: tuple[int, int] | None = None
    is_reworded: bool = False


Scored = tuple[Result, Score]


@dataclass(frozen=True)
class Point:
    """One wave of the trend: its scores by question, where they may be shown."""

    number: int
    day: date
    scores: dict[str, Score]


@dataclass(frozen=True)
class Group:
    """A department that may be shown, `depth` levels under the topmost, with its scores by question."""

    path: str
    name: str
    depth: int
    n: int
    rate: float
    scores: dict[str, Score]


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
    def scored(self) -> tuple[Scored, ...]:
        """The questions with a score, and it."""
        return tuple((result, result.score) for result in self.results if result.score)

    @property
    def compared(self) -> tuple[Scored, ...]:
        """Those of them whose scores are shown by department."""
        shown = self.groups[0].scores if self.groups else {}
        return tuple((result, score) for result, score in self.scored if result.id in shown)
