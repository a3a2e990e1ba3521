"""What a process leaves when it ends at any point of a scenario, and what the next one makes of it.

    python -m tests.crash.points SCENARIO [EVERY] [KILLED]

A point is: before and after every statement, before and after every commit, before and after every call to
the world outside. A process that is killed leaves its files as they are, so a scenario is lived once and its
files are kept at every point; points whose files are the same to the byte are one case. From every EVERYth case
(each, if not said) a process of its own lives the scenario to its end, and what there is then is compared with a run
that was left alone. At every KILLEDth point (61 if not said; 1 is every one, and takes its time) a process is really
ended too, without any farewell, and another lives on: what was kept is what a crash leaves.

Prints, as JSON, the points, the cases, how many of both were tried, what differed in the tables, and the messages that
the world got twice.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event

from tests.crash.stage import SCENARIOS, Stage, end_process, now_of

ENDED = 9
# Prime, so that the sample falls on every kind of point.
STRIDE = 61
# SQLite's index of its log is made anew by whoever opens the database next.
UNCOUNTED = {"house.db-shm"}


@dataclass
class Points:
    """Counts the points that a process passes, and does something at each."""

    at_each: Callable[[int], None] = lambda number: None
    passed: int = 0

    def __call__(self, where: str) -> None:
        self.passed += 1
        self.at_each(self.passed)

    def watch(self, stage: Stage) -> None:
        """Pass a point around every statement and every commit from now on."""
        engine = stage.database.engine
        event.listen(engine, "before_cursor_execute", lambda *_: self("before a statement"))
        event.listen(engine, "after_cursor_execute", lambda *_: self("after a statement"))
        event.listen(engine, "commit", lambda *_: self("before a commit"))
        event.listen(engine, "checkin", lambda *_: self("after a transaction"))


@dataclass
class Keeper:
    """Tells the points at which the files of a folder are the same, and keeps the files of every `every`th such case.

    Attributes:
        points: the points of each case, by what tells its files from any others.
    """

    folder: Path
    cases: Path
    every: int
    points: dict[str, list[int]] = field(default_factory=dict)

    def __call__(self, point: int) -> None:
        while True:
            mark = fingerprint(self.folder)
            if mark in self.points or len(self.points) % self.every:
                break
            kept = shutil.copytree(self.folder, self.cases / mark)
            # Another thread may have written meanwhile: no process leaves half of one moment and half of the next.
            if fingerprint(kept) == mark:
                break
            shutil.rmtree(kept)
        self.points.setdefault(mark, []).append(point)


def fingerprint(folder: Path) -> str:
    """What tells the files of a folder from any others."""
    whole = blake2b(digest_size=16)
    for file in sorted(folder.iterdir()):
        if file.name not in UNCOUNTED:
            content = file.read_bytes()
            whole.update(f"{file.name} {len(content)} ".encode() + content)
    return whole.hexdigest()


def live(folder: Path, scenario: str, points: Points) -> None:
    """Do the steps of a scenario that were not yet done, noting each."""
    stage = Stage(folder, now_of(folder), points)
    points.watch(stage)
    done = folder / f"done-{scenario}"
    first = int(done.read_text()) if done.exists() else 0
    for number, step in enumerate(SCENARIOS[scenario][first:], first + 1):
        step(stage)
        (folder / "clock").write_text(stage.clock.now().isoformat())
        done.write_text(str(number))
    stage.settle()
    (folder / "outcome.json").write_text(json.dumps([stage.outcome(), stage.doubled()]))


def in_a_process(what: Callable[[], None]) -> int:
    """Do something in a process of its own; its exit status."""
    child = os.fork()
    if child == 0:
        try:
            what()
            end_process(0)
        except BaseException:
            structlog.get_logger().exception("scenario.failed")
            end_process(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def live_on(folder: Path, scenario: str) -> Any:
    """Live a scenario to its end, in a process of its own; what there is then."""
    assert in_a_process(lambda: live(folder, scenario, Points())) == 0, f"{scenario} failed"
    return json.loads((folder / "outcome.json").read_text())


def furnished(scratch: Path, scenario: str) -> Path:
    """An app in which every scenario before this one has been lived."""
    folder = scratch / "before"
    folder.mkdir()
    assert in_a_process(lambda: Stage(folder, now_of(folder)).furnish()) == 0
    for earlier in SCENARIOS:
        if earlier == scenario:
            return folder
        live_on(folder, earlier)
    raise KeyError(scenario)


def all_cases(before: Path, scenario: str, every: int) -> dict[str, list[int]]:
    """Live a scenario and keep what every `every`th case leaves; the points of all, by the case's folder's name."""
    folder, cases, told = (before.parent / name for name in ("lived", "cases", "points.json"))
    shutil.copytree(before, folder)
    cases.mkdir()

    def keep() -> None:
        keeper = Keeper(folder, cases, every)
        live(folder, scenario, Points(keeper))
        told.write_text(json.dumps(keeper.points))

    assert in_a_process(keep) == 0
    points: dict[str, list[int]] = json.loads(told.read_text())
    return points


def after_being_kept(cases: Path, scenario: str, case: str) -> Any:
    """What becomes of the files of a case."""
    seen = live_on(cases / case, scenario)
    shutil.rmtree(cases / case)
    return seen


def after_being_ended(before: Path, scenario: str, point: int) -> Any:
    """What becomes of the files of a process that was really ended at a point."""
    folder = shutil.copytree(before, before.parent / f"ended-{point}")

    def end(number: int) -> None:
        if number == point:
            end_process(ENDED)

    assert in_a_process(lambda: live(folder, scenario, Points(end))) == ENDED, f"no process was ended at {point}"
    seen = live_on(folder, scenario)
    shutil.rmtree(folder)
    return seen


def campaign(scenario: str, every: int = 1, stride: int = STRIDE) -> dict[str, Any]:
    """Try every `every`th case, and end a process at every `stride`th point."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        before = furnished(scratch, scenario)
        expected, _ = live_on(shutil.copytree(before, scratch / "calm"), scenario)
        cases = all_cases(before, scenario, every)
        points = sum(len(same) for same in cases.values())
        tried = dict(islice(cases.items(), 0, None, every))
        # A run of its own may take a few statements fewer: what wakes it comes when it comes.
        ends = range(1, int(points * 0.95), stride)
        with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
            kept = pool.map(partial(after_being_kept, scratch / "cases", scenario), tried)
            ended = pool.map(partial(after_being_ended, before, scenario), ends)
            seen = [
                *((f"points {same}", *found) for same, found in zip(tried.values(), kept, strict=True)),
                *((f"ended at {point}", *found) for point, found in zip(ends, ended, strict=True)),
            ]
    return {
        "scenario": scenario,
        "points": points,
        "cases": len(cases),
        "tried": len(tried),
        "ended": len(ends),
        "doubled messages": sum(doubled for _where, _outcome, doubled in seen),
        "differing": [
            {"where": where, "seen": difference(outcome, expected)}
            for where, outcome, _doubled in seen
            if outcome != expected
        ],
    }


def difference(seen: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    return {part: [seen[part], expected[part]] for part in expected if seen[part] != expected[part]}


if __name__ == "__main__":
    result = campaign(sys.argv[1], *(int(argument) for argument in sys.argv[2:]))
    print(json.dumps(result))
    sys.exit(bool(result["differing"]))
