"""Between which ends a number lies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """The ends of a scale, the worst answer and the best; the best may be the lower number."""

    worst: int
    best: int

    @property
    def low(self) -> int:
        return min(self.worst, self.best)

    @property
    def high(self) -> int:
        return max(self.worst, self.best)

    @property
    def middle(self) -> int:
        """The whole number in the middle, or the next above it."""
        return self.low + (self.high - self.low + 1) // 2

    @property
    def ticks(self) -> range:
        """Some five whole numbers from the low end to the high one."""
        return range(self.low, self.high + 1, max(1, (self.high - self.low) // 4))

    def place(self, value: float) -> float:
        """How far a number lies from the worst end, of which it is 0, to the best, of which it is 1."""
        return (value - self.worst) / (self.best - self.worst)
