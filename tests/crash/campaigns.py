"""Every campaign against what may end or hold up a process, at any share of its full size.

At full size they take most of an hour: `make campaign`. The tests run a small share of each, `.ci/run` a larger one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.crash.stage import SCENARIOS

Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign: the module that prints as JSON what it found, and what must hold of that.

    `size` gives the module's arguments for a share of the full size; `floor` the least of some figures, whatever the
    share; `nothing` the figures that must be none.
    """

    name: str
    module: str
    size: Callable[[float], tuple[object, ...]]
    floor: dict[str, int]
    nothing: tuple[str, ...]

    def run(self, share: float) -> Found:
        command = [sys.executable, "-m", f"tests.crash.{self.module}", *(str(one) for one in self.size(share))]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        if "{" not in told.stdout:
            return {"it ended": told.returncode, "and said": told.stderr[-4000:]}
        found: Found = json.loads(told.stdout[told.stdout.index("{") :])
        return found

    def faults(self, found: Found) -> dict[str, Any]:
        """The figures that are not as they must be."""
        few = (what for what, least in self.floor.items() if found.get(what, 0) < least)
        some = (what for what in self.nothing if found.get(what, "not told"))
        return {what: found.get(what, "not told") for what in (*few, *some)}


def _points() -> Iterator[Campaign]:
    """On SQLite, the files as every point of a scenario leaves them, and processes that are really ended."""
    for scenario in SCENARIOS:
        yield Campaign(
            scenario,
            "points",
            partial(_every, scenario),
            floor={"points": 500, "cases": 20, "tried": 1, "ended": 1},
            nothing=("differing", "doubled messages"),
        )


def _every(scenario: str, share: float) -> tuple[object, ...]:
    return scenario, round(1 / share), round(13 / share)


CAMPAIGNS = (
    *_points(),
    Campaign(
        "two processes killed under load",
        "kills",
        lambda share: (round(20_000 * share), round(1_000 * share), max(4, round(30 * share))),
        floor={"messages": 500, "requests": 20},
        nothing=("lost turns", "doubled effects", "turns answered differently", "lost messages", "doubled messages"),
    ),
    Campaign(
        "many processes share the schedules of weeks",
        "weeks",
        lambda share: (max(3, round(10 * share)), max(2, round(10 * share))),
        floor={"jobs fired": 10, "waves": 2, "messages": 20},
        nothing=("differing", "doubled messages"),
    ),
    # How close it keeps to the limit depends on the machine: that is told, and not asked for.
    Campaign(
        "a launch that keeps to a limit",
        "launch",
        lambda share: (max(500, round(40_000 * share)), 50 if share == 1 else 100),
        floor={"people": 500},
        nothing=("lost", "never seen by the platform", "doubled"),
    ),
)
