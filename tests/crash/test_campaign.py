"""Whenever a process ends, nothing is lost and nothing is done or said twice; nor when many work at once.

On SQLite every point of every scenario is tried. The others are small here: `tests.crash.kills`,
`tests.crash.weeks` and `tests.crash.launch` say how they are run at full size.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.crash.stage import SCENARIOS


def told_by(module: str, *arguments: object) -> dict[str, Any]:
    """What a campaign found, which it prints as JSON."""
    command = [sys.executable, "-m", f"tests.crash.{module}", *(str(argument) for argument in arguments)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.stdout, told.stderr
    found: dict[str, Any] = json.loads(told.stdout[told.stdout.index("{") :])
    print(found)
    return found


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_wherever_the_process_ends_the_outcome_is_the_same(scenario: str) -> None:
    found = told_by("campaign", scenario)

    assert found["points"] > 500
    assert found["cases"] > 20
    assert found["ended"] > 10
    assert found["differing"] == []
    assert found["doubled messages"] == 0


def test_killed_again_and_again_two_processes_on_postgresql_lose_and_double_nothing() -> None:
    found = told_by("kills", 2_000, 100, 4)

    assert found["requests"] == found["turns"] == 100
    assert found["messages"] > 2_000
    nothing = ["lost turns", "doubled effects", "turns answered differently", "lost messages", "doubled messages"]
    assert {what: found[what] for what in nothing} == dict.fromkeys(nothing, 0)


def test_every_schedule_fires_once_however_many_processes_share_it() -> None:
    found = told_by("weeks", 3, 2)

    assert found["jobs fired"] > 10
    assert found["waves"] == 2
    assert found["messages"] > 20
    assert found["differing"] == []
    assert found["doubled messages"] == 0


def test_a_launch_reaches_everyone_once() -> None:
    """How close it keeps to the limit depends on the machine; run by hand, the campaign says so."""
    found = told_by("launch", 500, 100)

    assert found["people"] == 500
    assert {what: found[what] for what in ("lost", "never seen by the platform", "doubled")} == {
        "lost": 0,
        "never seen by the platform": 0,
        "doubled": 0,
    }
