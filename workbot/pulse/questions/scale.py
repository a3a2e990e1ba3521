"""A scale: one to five, from the worst to the best."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from workbot.definitions import Texts
from workbot.pulse.questions.rated import Rated


class Scale(Rated):
    """One to five. Label every point, or the two ends."""

    numbers: ClassVar[tuple[int, ...]] = (1, 2, 3, 4, 5)

    kind: Literal["scale"]
    points: tuple[Texts, ...] = ()
    low: Texts | None = None
    high: Texts | None = None

    @model_validator(mode="after")
    def _labelled(self) -> Scale:
        ends = self.low is not None and self.high is not None
        if len(self.points) not in (0, len(self.numbers)):
            raise PydanticCustomError("points", "a scale has five points; label all five, or only `low` and `high`")
        if bool(self.points) == ends or (self.low is None) != (self.high is None):
            raise PydanticCustomError("points", "label either all five `points`, or both `low` and `high`")
        return self

    def name_of(self, value: str) -> Texts | None:
        if self.points:
            return self.points[self.values.index(value)]
        return {self.values[0]: self.low, self.values[-1]: self.high}.get(value)
