"""Many processes on one PostgreSQL live through weeks together; every schedule must fire exactly once.

    python -m tests.crash.weeks [PROCESSES] [WEEKS]

All processes share a clock, a file, that goes from one due moment to the next; at each of them, all of them try
to do what is due. What was done and said is compared with a single process on SQLite. Prints JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, SQLModel, col, func, select

from migrations import models
from tests import templates
from tests.crash.stage import EVE, HANA, MONDAY
from tests.postgres import Server
from tests.postoffice.platform import Counter as Office
from tests.postoffice.platform import PostOffice, open_office
from tests.talk import hire, open_place
from workbot import log
from workbot.app import App
from workbot.cards import load
from workbot.clock import Clock, SetClock
from workbot.delivery import Message
from workbot.jobs import Job
from workbot.people import Channel, Person, Role
from workbot.pulse import Wave
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.turns import Sender, Submission

assert models
PEOPLE = 12
GLANCE_SECONDS = 0.02
PATIENCE_SECONDS = 60.0


class ChatOffice(PostOffice):
    """The post office under the name of the recording platform, on which `hire` gives people their accounts."""

    name = "chat"


class SharedClock(Clock):
    """The moment that stands in a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def now(self) -> datetime:
        return datetime.fromisoformat(self.file.read_text())

    def move_to(self, moment: datetime) -> None:
        beside = self.file.with_suffix(".next")
        beside.write_text(moment.isoformat())
        beside.rename(self.file)


def house_at(url: str, office: str, clock: Clock) -> App:
    settings = Settings.model_validate({"secret_key": "k" * 40, "base_url": "http://127.0.0.1"})
    return App(settings, clock=clock, database=Database(url), builders={"chat": lambda host: ChatOffice(office)})


async def live(url: str, office: str, file: Path) -> None:
    """Be one of the processes: do what is due whenever the clock has moved."""
    clock = SharedClock(file)
    app = house_at(url, office, clock)
    await templates.prepare(app)
    running = asyncio.create_task(app.sender.run())
    print("ready", flush=True)
    seen = None
    # Until the file is taken away.
    with suppress(FileNotFoundError):
        while True:
            if (now := clock.now()) != seen:
                seen = now
                app.sender.wake()
                await app.scheduler.tick()
            await asyncio.sleep(GLANCE_SECONDS)
    await app.sender.shutdown()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await app.platforms["chat"].close()


def furnish(app: App) -> None:
    """Tables, definitions, a dozen people and a journey."""
    SQLModel.metadata.create_all(app.database.engine)
    asyncio.run(templates.prepare(app))
    with app.database.session() as session:
        for desk in ("it", "hr", "facilities"):
            open_place(session, desk)
        hana, eve = hire(session, "Hana Fox"), hire(session, "Eve May")
        for number in range(PEOPLE):
            hire(session, f"Person N{number}", timezone=("America/Toronto", "America/Vancouver")[number % 2])
        eve.manager_id = hana.id
        session.add_all([Role(person_id=hana.id, name="hr"), eve])
    values = {"person": f"{EVE}@city.example", "journey": "new-hire", "on": "2026-12-02", "buddy": ""}
    sender = Sender(platform="chat", user=f"{HANA}@city.example")
    asyncio.run(app.receive(Submission(sender=sender, id="j1", action="onboarding.start", values=values)))


def done(app: App, office: Office, *, until: datetime) -> dict[str, Any]:
    """What fired and what was said, told so that two runs can be compared."""
    with app.database.session() as session:
        jobs = session.exec(select(Job).where(Job.due_at <= until)).all()
        fired = Counter(f"{job.kind} at {job.due_at:%m-%d %H:%M}: {job.state}" for job in jobs)
        waves = session.exec(select(func.count()).select_from(Wave)).one()
        said = _said(session)
    keys = office.keys()
    return {
        "fired": dict(fired),
        "waves": waves,
        "said": dict(said),
        "doubled messages": sum(count - 1 for count in keys.values()),
    }


def _said(session: Session) -> Counter[str]:
    """The cards that were shown anew: how often one was changed before it was sent depends on who was faster."""
    found = select(Message, Person.email, Channel.name).join(Person, isouter=True).join(Channel, isouter=True)
    shown = found.where(Message.state == "sent", col(Message.is_update).is_(False))
    return Counter(f"{email or place}: {load(message.card).title}" for message, email, place in session.exec(shown))


def together(url: str, scratch: Path, *, processes: int, until: datetime) -> dict[str, Any]:
    """Let so many processes live through it."""
    clock = SharedClock(scratch / "clock")
    clock.move_to(MONDAY)
    with open_office() as office:
        app = house_at(url, office.url, clock)
        furnish(app)
        command = [sys.executable, "-m", "tests.crash.weeks", "live", url, office.url, str(clock.file)]
        hands = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
        for hand in hands:
            assert hand.stdout
            assert hand.stdout.readline() == "ready\n"
        steps = asyncio.run(_let_time_pass(app, clock, until))
        clock.file.unlink()
        assert [hand.wait(60) for hand in hands] == [0] * processes
        return done(app, office, until=until) | {"moments": steps}


async def _let_time_pass(app: App, clock: SharedClock, until: datetime) -> int:
    """Go from one due moment to the next, once all of the last is done; how many there were."""
    moments = 0
    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        due = await app.next_due()
        if await app.database.read(_under_way) or (due is not None and due <= clock.now()):
            assert time.monotonic() < gives_up_at, f"what is due at {clock.now()} is not done"
            await asyncio.sleep(GLANCE_SECONDS)
            continue
        if due is None or due > until:
            return moments
        clock.move_to(due)
        moments += 1
        gives_up_at = time.monotonic() + PATIENCE_SECONDS


def _under_way(session: Session) -> bool:
    return session.exec(select(Message.id).where(Message.state == "sending")).first() is not None


def alone(url: str, *, until: datetime) -> dict[str, Any]:
    """The same weeks in one process."""
    clock = SetClock(MONDAY)
    with open_office() as office:
        app = house_at(url, office.url, clock)
        furnish(app)
        asyncio.run(app.run_until(clock, until))
        return done(app, office, until=until)


def campaign(*, processes: int, weeks: int) -> dict[str, Any]:
    until = MONDAY + timedelta(weeks=weeks)
    with tempfile.TemporaryDirectory() as name, Server() as postgres:
        scratch = Path(name)
        expected = alone(f"sqlite:///{scratch / 'alone.db'}", until=until)
        found = together(postgres.new_database(), scratch, processes=processes, until=until)
    return {
        "processes": processes,
        "weeks": weeks,
        "moments": found["moments"],
        "jobs fired": sum(found["fired"].values()),
        "waves": found["waves"],
        "messages": sum(found["said"].values()),
        "doubled messages": found["doubled messages"],
        "differing": [
            f"{what}: {key}: {expected[what].get(key, 0)} alone, {found[what].get(key, 0)} together"
            for what in ("fired", "said")
            for key in sorted(expected[what].keys() | found[what].keys())
            if expected[what].get(key) != found[what].get(key)
        ],
    }


if __name__ == "__main__":
    log.configure(as_json=True, level=40)
    if sys.argv[1:2] == ["live"]:
        asyncio.run(live(sys.argv[2], sys.argv[3], Path(sys.argv[4])))
    else:
        counts = [int(argument) for argument in sys.argv[1:]] or [10, 10]
        print(json.dumps(campaign(processes=counts[0], weeks=counts[1]), indent=1))
