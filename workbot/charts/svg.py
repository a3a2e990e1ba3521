"""Charts drawn in the page itself, as shapes that take their colours from its theme.

A page has a dozen of them, and is drawn anew for each reader: the renderer of the others takes 5 to 30 ms for one, and
60 MB of every process that draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Room around the line, in the drawing's own units: for labels, or only for the line's own width.
LABELLED, BARE = 22.0, 3.0
WIDTH = 640.0


@dataclass(frozen=True)
class Point:
    """One value of a line, said in words; `place` is its label on the axis."""

    place: str
    value: float
    said: str


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    point: Point


@dataclass(frozen=True)
class Line:
    """A line as SVG paths; `under` is the ground beneath it."""

    width: float
    height: float
    path: str
    under: str
    dots: tuple[Dot, ...]

    @property
    def floor(self) -> float:
        return self.height - LABELLED

    @property
    def last(self) -> Dot:
        return self.dots[-1]


@dataclass(frozen=True)
class Bar:
    """One part of a bar that adds up to the whole: where it begins and how wide it is, in percent."""

    x: float
    width: float
    label: str
    said: str
    tone: int


def line(
    points: Sequence[Point], *, low: float, high: float, height: float = 180, room: float = LABELLED
) -> Line | None:
    """A line through values between `low` and `high`; None when one value is all there is."""
    if len(points) < 2:
        return None
    step = (WIDTH - 2 * room) / (len(points) - 1)
    scale = (height - 2 * room) / (high - low)
    dots = tuple(
        Dot(round(room + step * place, 1), round(height - room - (point.value - low) * scale, 1), point)
        for place, point in enumerate(points)
    )
    path = "M" + " L".join(f"{dot.x} {dot.y}" for dot in dots)
    floor = height - room
    return Line(WIDTH, height, path, f"{path} L{dots[-1].x} {floor} L{dots[0].x} {floor} Z", dots)


def bars(parts: Sequence[tuple[str, int, str]]) -> tuple[Bar, ...]:
    """The parts of a whole side by side: label, count and what is said of each."""
    total = sum(count for _, count, _ in parts)
    drawn: list[Bar] = []
    done = 0
    for tone, (label, count, said) in enumerate(parts, 1):
        if count:
            drawn.append(Bar(round(100 * done / total, 2), round(100 * count / total, 2), label, said, tone))
        done += count
    return tuple(drawn)
