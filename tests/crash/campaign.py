"""End the process at every point of a scenario, start it again, and compare with a run that was left alone.

    python -m tests.crash.campaign SCENARIO [STRIDE]

A point is: before and after every statement, before and after every commit, before and after every call to
the world outside. Each point has a process of its own, ended without any farewell. Prints, as JSON, the
points tried, what was lost or doubled in the tables, and the messages that the world got twice.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event

from tests.crash.stage import SCENARIOS, Stage, end_process, now_of

ENDED = 9


@dataclass
class Fuse:
    """Counts the points that a process passes, and ends it at one of them."""

    burns_at: int = 0
    passed: int = 0

    def __call__(self, where: str) -> None:
        self.passed += 1
        if self.passed == self.burns_at:
            end_process(ENDED)

    def lay(self, stage: Stage) -> None:
        """Pass a point around every statement and every commit from now on."""
        engine = stage.database.engine
        event.listen(engine, "before_cursor_execute", lambda *_: self("before a statement"))
        event.listen(engine, "after_cursor_execute", lambda *_: self("after a statement"))
        event.listen(engine, "commit", lambda *_: self("before a commit"))
        event.listen(engine, "checkin", lambda *_: self("after a transaction"))


def live(folder: Path, scenario: str, fuse: Fuse) -> None:
    """Do the steps of a scenario that were not yet done, noting each."""
    stage = Stage(folder, now_of(folder), fuse)
    fuse.lay(stage)
    done = folder / f"done-{scenario}"
    first = int(done.read_text()) if done.exists() else 0
    for number, step in enumerate(SCENARIOS[scenario][first:], first + 1):
        step(stage)
        (folder / "clock").write_text(stage.clock.now().isoformat())
        done.write_text(str(number))
    stage.settle()
    (folder / "outcome.json").write_text(json.dumps([stage.outcome(), stage.doubled()]))


def in_a_process(folder: Path, scenario: str, burns_at: int = 0) -> int:
    """Live a scenario in a process of its own; the points it passed, or -1 when it was ended at one."""
    child = os.fork()
    if child == 0:
        try:
            fuse = Fuse(burns_at)
            live(folder, scenario, fuse)
            (folder / "passed").write_text(str(fuse.passed))
            end_process(0)
        except BaseException:
            structlog.get_logger().exception("scenario.failed")
            end_process(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 0:
        return int((folder / "passed").read_text())
    assert status == ENDED, f"the scenario itself failed at point {burns_at}: {status}"
    return -1


def furnished(scratch: Path, scenario: str) -> Path:
    """A house in which every scenario before this one has been lived."""
    folder = scratch / "before"
    folder.mkdir()
    child = os.fork()
    if child == 0:
        Stage(folder, now_of(folder)).furnish()
        end_process(0)
    assert os.waitpid(child, 0)[1] == 0
    for earlier in SCENARIOS:
        if earlier == scenario:
            return folder
        assert in_a_process(folder, earlier) > 0
    raise KeyError(scenario)


def campaign(scenario: str, stride: int = 1) -> dict[str, Any]:
    """Try every point (or every `stride`th) of a scenario."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        before = furnished(scratch, scenario)
        calm = shutil.copytree(before, scratch / "calm")
        points = in_a_process(calm, scenario)
        expected, _ = json.loads((calm / "outcome.json").read_text())
        told: dict[str, Any] = {
            "scenario": scenario,
            "points": points,
            "tried": 0,
            "doubled messages": 0,
            "differing": [],
        }
        with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
            crash = partial(after_a_crash, before, scenario)
            for point, (seen, doubled) in pool.map(crash, range(1, points + 1, stride)):
                told["tried"] += 1
                told["doubled messages"] += doubled
                if seen != expected:
                    told["differing"].append({"point": point, "seen": difference(seen, expected)})
    return told


def after_a_crash(before: Path, scenario: str, point: int) -> tuple[int, Any]:
    """End a scenario at a point, live it to its end in a second process, and look at what there is."""
    folder = shutil.copytree(before, before.parent / f"crashed-{point}")
    in_a_process(folder, scenario, burns_at=point)
    in_a_process(folder, scenario)
    seen = json.loads((folder / "outcome.json").read_text())
    shutil.rmtree(folder)
    return point, seen


def difference(seen: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    return {part: [seen[part], expected[part]] for part in expected if seen[part] != expected[part]}


if __name__ == "__main__":
    result = campaign(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print(json.dumps(result))
    sys.exit(bool(result["differing"]))
