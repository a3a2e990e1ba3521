"""Whenever the process ends, nothing is lost and nothing is done or said twice.

Here a sample of the points of every scenario is tried; `python -m tests.crash.campaign
SCENARIO` tries them all.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.crash.stage import SCENARIOS

# Prime, so that the sample falls on every kind of point.
STRIDE = 61


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_wherever_the_process_ends_the_outcome_is_the_same(scenario: str) -> None:
    command = [sys.executable, "-m", "tests.crash.campaign", scenario, str(STRIDE)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.stdout, told.stderr
    result = json.loads(told.stdout.splitlines()[-1])

    print(result)
    assert result["tried"] > 5
    assert result["differing"] == []
    assert result["doubled messages"] == 0
