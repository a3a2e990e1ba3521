"""Measuring two things in turn, so that a machine that slows down slows both."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

ROUNDS = 7


@dataclass
class Side:
    """What was measured of one side: seconds per call, by round and by call."""

    name: str
    rounds: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Calls a second, over the rounds' median."""
        return 1 / statistics.median(self.rounds)

    def quantile(self, share: float) -> float:
        """Seconds within which this share of the calls was done."""
        return sorted(self.calls)[min(len(self.calls) - 1, int(len(self.calls) * share))]


Call = Callable[[int], Awaitable[object]]


async def compare(
    ours: tuple[str, Call], floor: tuple[str, Call], *, calls: int, at_once: int = 1
) -> tuple[Side, Side]:
    """Run both sides in turn, round after round; `calls` of each a round, `at_once` side by side."""
    sides = (Side(ours[0]), Side(floor[0]))
    for number in range(ROUNDS + 1):
        for side, (_, call) in zip(sides, (ours, floor), strict=True):
            seconds = await _round(call, calls, at_once, first=number * calls)
            # The first round warms caches and pools.
            if number:
                side.rounds.append(sum(seconds[:1]) / calls)
                side.calls.extend(seconds[1:])
    return sides


async def _round(call: Call, calls: int, at_once: int, *, first: int) -> list[float]:
    """The seconds of the whole round, then those of each call."""
    taken: list[float] = []
    numbers = iter(range(first, first + calls))

    async def work() -> None:
        for number in numbers:
            started = time.perf_counter()
            await call(number)
            taken.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return [time.perf_counter() - started, *taken]


def report(title: str, ours: Side, floor: Side) -> str:
    """One comparison in print: the ratio is the rounds' median, with its range."""
    ratios = [bare / mine for mine, bare in zip(ours.rounds, floor.rounds, strict=True)]
    span = f"from {min(ratios):.2f} to {max(ratios):.2f} over {len(ratios)} rounds"
    return f"{title}\n  ratio {statistics.median(ratios):.2f}  ({span})\n{_line(ours)}{_line(floor)}"


def _line(side: Side) -> str:
    p50, p99 = (side.quantile(share) * 1000 for share in (0.5, 0.99))
    return f"  {side.name}: {side.rate:,.0f}/s, p50 {p50:.2f} ms, p99 {p99:.2f} ms\n"
