"""Two processes on one PostgreSQL under load, killed again and again; then everything is counted.

    python -m tests.crash.kills [MESSAGES] [TURNS] [KILLS]

A campaign is delivered while people open requests, whose turns the platform sends to both processes and
repeats. At random moments a process is ended with SIGKILL and another started; once one is held with SIGSTOP
for longer than its lease, and once the database crashes. Prints, as JSON, what was tried, lost and doubled.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlmodel import Session, col, func, select

from tests import templates
from tests.bench.outbox import fill
from tests.crash.hand import house_at
from tests.postgres import Server
from tests.postoffice.platform import Counter as Office
from tests.postoffice.platform import open_office
from workbot import migrate
from workbot.delivery import Message
from workbot.people import Channel, Person
from workbot.requests.models import Request

HANDS = 2
LEASE_SECONDS = 8.0
ASKERS = 50
# How often what was answered is repeated all the same.
REPEATED = 0.2
PATIENCE_SECONDS = 300.0
OPEN = ("queued", "sending", "unknown")


@dataclass
class Driver:
    """What gives turns to the processes, and what it was told."""

    url: str
    office: Office
    askers: list[str]
    turns: int
    told: dict[int, set[str]] = field(default_factory=dict)
    given: int = 0
    hands: list[subprocess.Popen[str]] = field(default_factory=list)

    def start_hand(self) -> None:
        command = [sys.executable, "-m", "tests.crash.hand", self.url, self.office.url, str(LEASE_SECONDS)]
        hand = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.hands.append(hand)
        threading.Thread(target=self._listen, args=(hand,), daemon=True).start()
        self.repeat(hand)

    def _listen(self, hand: subprocess.Popen[str]) -> None:
        assert hand.stdout
        for line in hand.stdout:
            # Cut off in the middle: that answer was lost on its way, and the turn comes again.
            if line.endswith("\n"):
                answer = json.loads(line)
                self.told.setdefault(answer["number"], set()).add(answer["told"])

    def give(self, number: int) -> None:
        """Deliver a turn to every process, as a platform that saw no answer does."""
        for hand in self.hands:
            self._hand_over(hand, number)

    def repeat(self, hand: subprocess.Popen[str]) -> None:
        """Deliver again what was not answered, and some of what was."""
        for number in range(self.given):
            if number not in self.told or random.random() < REPEATED:
                self._hand_over(hand, number)

    def _hand_over(self, hand: subprocess.Popen[str], number: int) -> None:
        assert hand.stdin
        try:
            hand.stdin.write(json.dumps({"number": number, "user": self.askers[number % ASKERS]}) + "\n")
            hand.stdin.flush()
        except (BrokenPipeError, ValueError):
            return

    def kill_one(self) -> None:
        hand = self.hands.pop(0)
        hand.kill()
        hand.wait()
        self.start_hand()

    def feed(self) -> None:
        """Give the turns one after the other, at the pace at which they are taken."""
        for number in range(self.turns):
            self.given = number + 1
            self.give(number)
            while number - len(self.told) > 20:
                time.sleep(0.02)

    def end(self) -> None:
        for hand in self.hands:
            hand.terminate()
            hand.wait(30)


def campaign(url: str, office: Office, crash: Any, *, messages: int, turns: int, kills: int) -> dict[str, Any]:
    """Run it all; what was tried, lost and doubled."""
    migrate.upgrade(url)
    app = house_at(url, office.url)
    asyncio.run(templates.prepare(app))
    app.database.run_here(partial(fill, count=messages))
    askers = app.database.run_here(_askers)
    driver = Driver(url, office, askers, turns)
    started = time.monotonic()
    for _ in range(HANDS):
        driver.start_hand()
    feeding = threading.Thread(target=driver.feed, daemon=True)
    feeding.start()

    for number in range(kills):
        time.sleep(random.uniform(1.5, 4))
        if number == kills // 3:
            crash()
        elif number == kills // 2:
            held = driver.hands[-1]
            held.send_signal(signal.SIGSTOP)
            time.sleep(LEASE_SECONDS * 1.5)
            held.send_signal(signal.SIGCONT)
        else:
            driver.kill_one()

    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < gives_up_at and (
        feeding.is_alive() or len(driver.told) < turns or app.database.run_here(_still_open)
    ):
        time.sleep(0.5)
        if not feeding.is_alive():
            driver.repeat(driver.hands[0])
    driver.end()
    result = app.database.run_here(partial(_counted, driver=driver, keys=office.keys(), kills=kills))
    app.database.close()
    return result | {"seconds": round(time.monotonic() - started)}


def _askers(session: Session) -> list[str]:
    if session.exec(select(Channel).where(Channel.platform == "post")).first() is None:
        session.add(Channel(name="it", title="it", platform="post", address="#it", role="agent:it", locale="en"))
    return list(session.exec(select(Person.email).order_by(Person.email).limit(ASKERS)))


def _still_open(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Message).where(col(Message.state).in_(OPEN))).one()


def _counted(session: Session, *, driver: Driver, keys: dict[str, int], kills: int) -> dict[str, Any]:
    rows = session.exec(select(Message.key, Message.state, Message.is_update)).all()
    opened = Counter(session.exec(select(Request.title)))
    new = {key for key, state, is_update in rows if state == "sent" and not is_update}
    return {
        "kills": kills,
        "messages": len(rows),
        "states": dict(Counter(state for _key, state, _is_update in rows)),
        "turns": driver.turns,
        "requests": opened.total(),
        "lost turns": driver.turns - len(opened),
        "doubled effects": opened.total() - len(opened),
        "turns answered differently": sum(len(told) > 1 for told in driver.told.values()),
        "lost messages": len(new - set(keys)) + sum(state in OPEN for _key, state, _is_update in rows),
        "doubled messages": sum(count - 1 for count in keys.values()),
    }


def main(messages: int = 20_000, turns: int = 1_000, kills: int = 30) -> None:
    with Server(durable=True) as postgres, open_office() as office:
        result = campaign(postgres.new_database(), office, postgres.crash, messages=messages, turns=turns, kills=kills)
    print(json.dumps(result))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
