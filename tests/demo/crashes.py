"""Let a city's time pass while the process is killed again and again: `python -m tests.demo.crashes FOLDER DAYS KILLS`.

Prints how many processes were killed on the way. With no kills it shows what an undisturbed run does.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from workbot import demo
from workbot.demo.clock import DemoClock


def pass_time(folder: Path, until: datetime) -> None:
    """What the running demo does with a press on “1 week”, from wherever the last process was stopped."""
    app, clock = demo.house_of(folder, 8080)

    async def live() -> None:
        async with app.running():
            await app.run_until(clock, until)

    asyncio.run(live())
    app.database.close()


def attempt(folder: Path, until: datetime) -> int:
    """Let time pass in a process of its own; its number."""
    child = os.fork()
    if child == 0:
        pass_time(folder, until)
        os._exit(0)
    return child


def main(folder: Path, days: int, kills: int) -> None:
    until = DemoClock(folder / "clock.json").now() + timedelta(days=days)
    chance = random.Random(kills)
    killed = 0
    for _ in range(kills):
        child = attempt(folder, until)
        time.sleep(chance.uniform(0.2, 1.2))
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert os.waitpid(attempt(folder, until), 0)[1] == 0, "the last process did not come to the end"
    print(killed)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
