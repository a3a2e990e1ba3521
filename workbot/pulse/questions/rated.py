"""What kinds of question have in common whose answers stand for numbers: one number says what they come to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

from workbot.charts import Axis
from workbot.i18n import Language
from workbot.pulse.questions.base import Counted
from workbot.pulse.results import Measure, Result, Score


class Rated(Counted):
    """Answered by a point of a scale; the score is the mean.

    `numbers` are its points from the least favourable to the most, of which the last `best` count as favourable.
    """

    numbers: ClassVar[tuple[int, ...]]
    # The usual "top two boxes".
    best: ClassVar[int] = 2

    @cached_property
    def axis(self) -> Axis:
        return Axis(self.numbers[0], self.numbers[-1])

    @cached_property
    def values(self) -> tuple[str, ...]:
        return tuple(map(str, self.numbers))

    def label(self, value: str, lang: Language) -> str:
        name = self.name_of(value)
        return f"{value} · {lang.of(name)}" if name else value

    def hint(self, value: str, lang: Language) -> str:
        return lang("{point} of {most}", point=value, most=self.axis.high)

    def measure(self, lang: Language) -> Measure:
        return Measure(lang("Mean"), self.axis, self.values, self._about(lang))

    def score(self, counted: Counter[str], measure: Measure) -> Score:
        """What the counts come to; `measure` is this question's own."""
        number, favourable = counted.total(), self.values[-self.best :]
        mean = sum(int(value) * count for value, count in counted.items()) / number
        return Score(measure, mean, sum(counted[value] for value in favourable) / number)

    def result(self, counted: Counter[str], lang: Language) -> Result:
        score = self.score(counted, self.measure(lang))
        return replace(super().result(counted, lang), score=score, said=self._said(score, lang))

    def example(self, mood: float, number: int) -> str:
        return self.values[round(mood * (len(self.numbers) - 1))]

    def _said(self, score: Score, lang: Language) -> str:
        mean = lang("mean {mean}", mean=lang.decimal(score.value))
        return f"{mean}, {lang('{share} favourable', share=lang.percent(score.favourable))}"

    def _about(self, lang: Language) -> str:
        return lang(
            "Mean from {low} to {high}, and the share of favourable answers ({favourable})",
            low=self.axis.low,
            high=self.axis.high,
            favourable=lang.either(list(self.values[-self.best :])),
        )
