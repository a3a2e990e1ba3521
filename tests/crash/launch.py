"""A survey launched to many people through a platform that enforces its limit, by two processes.

    python -m tests.crash.launch [PEOPLE] [PER_SECOND]

The platform takes PER_SECOND messages in any second and refuses more; the app keeps a little below, as it does
with the real ones (Teams: 46 of 50). Prints, as JSON, what was lost, doubled or refused, how the time compares with
the least that the limit allows, how right the campaign's ETA was on the way, and the processes' memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import psutil
from sqlmodel import Session, select

from tests.bench.outbox import hire_many
from tests.crash.hand import house_at
from tests.postgres import Server
from tests.postoffice.platform import Counter as Office
from tests.postoffice.platform import open_office
from workbot import log, migrate, pulse
from workbot.app import App
from workbot.delivery import Campaign, campaigns
from workbot.delivery.campaigns import Funnel

HANDS = 2
# What we ask of a platform, of what it allows: the rest is for the jitter of the network.
SHARE = 0.92
GLANCE_SECONDS = 0.5


def launch(url: str, office: Office, *, people: int, per_second: int) -> dict[str, Any]:
    """Launch, watch until everything has gone, and count."""
    ours = per_second * SHARE
    migrate.upgrade(url)
    app = house_at(url, office.url, ours)
    app.database.run_here(partial(hire_many, count=people))
    app.database.run_here(lambda session: _prepare(app, session))
    command = [sys.executable, "-m", "tests.crash.hand", url, office.url, "60", str(ours)]
    hands = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(HANDS)
    ]
    time.sleep(5)
    began = time.monotonic()
    app.database.run_here(partial(_launch, now=app.clock.now()))
    queued_seconds = time.monotonic() - began
    glances, memory = _watch(app, hands)
    for hand in hands:
        hand.terminate()
        hand.wait(30)
    result = _counted(app, office, glances, people=people, per_second=per_second)
    app.database.close()
    return result | {
        "seconds to queue": round(queued_seconds, 1),
        "memory at a quarter (MB)": round(memory[len(memory) // 4]),
        "memory at the end (MB)": round(memory[-1]),
    }


def _prepare(app: App, session: Session) -> None:
    from workbot import features

    features.prepare(session, app.settings, now=app.clock.now())
    features.turn_on_all(session, app.settings, now=app.clock.now())


def _launch(session: Session, *, now: datetime) -> None:
    pulse.launch(session, "weekly", zone=ZoneInfo("UTC"), now=now, at_once=True)


def _watch(app: App, hands: list[subprocess.Popen[bytes]]) -> tuple[list[tuple[datetime, Funnel]], list[float]]:
    """Look at the campaign as the console does until nothing waits; the looks, and the memory in MB at each."""
    glances: list[tuple[datetime, Funnel]] = []
    memory: list[float] = []
    while True:
        now = app.clock.now()
        funnel = app.database.run_here(partial(_look, app=app, now=now))
        glances.append((now, funnel))
        memory.append(sum(psutil.Process(hand.pid).memory_info().rss for hand in hands) / 1e6)
        if not funnel.queued and not funnel.in_doubt and funnel.all:
            return glances, memory
        time.sleep(GLANCE_SECONDS)


def _look(session: Session, *, app: App, now: datetime) -> Funnel:
    campaign = session.exec(select(Campaign)).one()
    return campaigns.funnel(session, campaign, app.platforms, now=now)


def _counted(
    app: App, office: Office, glances: list[tuple[datetime, Funnel]], *, people: int, per_second: int
) -> dict[str, Any]:
    seen, keys = office.stats(), office.keys()
    seconds = float(seen["seconds"])
    least = people / per_second
    ended = glances[-1][0]
    # How wrong the ETA was, against all the time that the campaign took.
    wrong = [
        abs((funnel.done_at - ended).total_seconds()) / seconds
        for (_, before), (_, funnel) in pairwise(glances)
        if funnel.done_at and before.sent
    ]
    return {
        "people": people,
        "lost": people - glances[-1][1].sent,
        "never seen by the platform": people - len(keys),
        "doubled": sum(count - 1 for count in keys.values()),
        "limit violations": seen["violations"],
        "seconds": round(seconds, 1),
        "least seconds the limit allows": round(least, 1),
        "over that": f"{seconds / least - 1:.1%}",
        "ETA wrong by at most": f"{max(wrong):.1%}",
    }


def main(people: int = 40_000, per_second: int = 50) -> None:
    log.configure(as_json=True, level=40)
    with Server(durable=True) as postgres, open_office(per_second=per_second, per_conversation=1) as office:
        result = launch(postgres.new_database(), office, people=people, per_second=per_second)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
