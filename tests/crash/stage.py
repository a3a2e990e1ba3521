"""A small app whose outside world is a file: what crashes leave of it can be read afterwards.

The world shows a message as often as it is sent, and can be asked what it has, as Slack can.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, SQLModel, select
from starlette.routing import BaseRoute

from migrations import models
from tests import templates
from tests.talk import buttons, hire, open_place
from workbot import pulse
from workbot.app import App
from workbot.cards import Button, Card, dump, load
from workbot.clock import SetClock
from workbot.delivery import reconciler
from workbot.delivery.models import TABLE
from workbot.people import Role
from workbot.platforms import Limits, Outgoing
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.turns import Message, Press, Sender, Submission, Turn

MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)
ADA, BOB, HANA, EVE = "ada.roy", "bob.lee", "hana.fox", "eve.may"
MODELS = models
# What counts from run to run: tables whose rows may differ in number, or hold only what is drawn anew.
UNCOUNTED = {"taken_turn", "pace", "alembic_version", "chat_counter"}

Fuse = Callable[[str], None]


class World:
    """The platform outside: one line per message taken, on the disk before it is acknowledged."""

    name = "chat"
    limits = Limits()
    takes_once = False

    def __init__(self, path: Path, fuse: Fuse) -> None:
        self.path = path
        self.fuse = fuse

    def routes(self) -> Sequence[BaseRoute]:
        return ()

    async def deliver(self, outgoing: Outgoing) -> str:
        self.fuse("before the call")
        reference = outgoing.reference or f"{outgoing.address}/{outgoing.key}"
        line = {"key": outgoing.key, "at": outgoing.address, "card": dump(outgoing.card), "reference": reference}
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        self.fuse("after the call")
        return reference

    async def find(self, outgoing: Outgoing) -> str | None:
        return next((line["reference"] for line in self.lines() if line["key"] == outgoing.key), None)

    async def check(self) -> str:
        return ""

    async def close(self) -> None:
        return None

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def button(self, address: str, label: str) -> tuple[Button, str]:
        """The newest button of that label at an address, and the reference of its message."""
        shown: dict[str, Card] = {}
        for line in self.lines():
            if line["at"] == address:
                shown[line["reference"]] = load(line["card"])
        found = [(one, reference) for reference, card in shown.items() for one in buttons(card) if one.label == label]
        assert found, f"no button {label!r} at {address}: {[card.title for card in shown.values()]}"
        return found[-1]


@dataclass
class Stage:
    """The app in a folder, at a moment, with the world around it."""

    folder: Path
    at: datetime
    fuse: Fuse = lambda where: None

    def __post_init__(self) -> None:
        self.clock = SetClock(self.at)
        self.database = Database(f"sqlite:///{self.folder / 'app.db'}")
        self.world = World(self.folder / "world.jsonl", self.fuse)
        settings = Settings.model_validate({"secret_key": "s" * 32, "base_url": "http://127.0.0.1"})
        self.app = App(settings, clock=self.clock, database=self.database, builders={"chat": lambda host: self.world})

    def furnish(self) -> None:
        """Tables, definitions and four people."""
        SQLModel.metadata.create_all(self.database.engine)
        asyncio.run(templates.prepare(self.app))
        with self.database.session() as session:
            for desk in ("it", "hr", "facilities"):
                open_place(session, desk)
            ada, bob, hana, eve = (hire(session, name) for name in ("Ada Roy", "Bob Lee", "Hana Fox", "Eve May"))
            eve.manager_id = bob.id
            session.add_all([Role(person_id=bob.id, name="agent:it"), Role(person_id=hana.id, name="hr"), eve])
            assert ada.active

    # What people and time do. Each may be done again after a crash, as platforms and schedules do.

    def say(self, who: str, number: str, text: str, *, place: str = "", under: str = "") -> None:
        self._take(Message(sender=_sender(who), id=number, text=text, channel=place, thread=under))

    def press(self, who: str, number: str, label: str, *, place: str = "") -> None:
        """Press a button as it stood when the person did so: kept, since a platform repeats what was pressed."""
        kept = self.folder / f"pressed-{number}.json"
        if not kept.exists():
            button, reference = self.world.button(place or _address(who), label)
            kept.write_text(json.dumps([button.action, button.value, reference]))
        action, value, reference = json.loads(kept.read_text())
        self._take(Press(sender=_sender(who), id=number, action=action, value=value, channel=place, message=reference))

    def submit(self, who: str, number: str, action: str, values: dict[str, str], state: str = "") -> None:
        self._take(Submission(sender=_sender(who), id=number, action=action, values=values, state=state))

    def launch(self) -> None:
        def once(session: Session) -> None:
            if not session.exec(select(pulse.Wave).where(pulse.Wave.closed_at == None)).first():  # noqa: E711
                pulse.launch(session, "weekly", zone=self.app.settings.zone, now=self.clock.now(), at_once=True)

        asyncio.run(self.app.database.run(once))

    def settle(self) -> None:
        asyncio.run(self._settle())

    def pass_time(self, until: datetime) -> None:
        asyncio.run(self._pass(until))

    async def _settle(self) -> None:
        # What the process before this one had under way is in doubt, as at every start of an embedded app.
        await self.database.run(lambda session: reconciler.expire_leases(session, db_now=None))
        await self.app.run_until_idle()

    async def _pass(self, until: datetime) -> None:
        await self._settle()
        await self.app.run_until(self.clock, until)

    def _take(self, turn: Turn) -> None:
        asyncio.run(self.app.dispatch.receive(turn))

    def outcome(self) -> dict[str, Any]:
        """All that can be told of the app and the world, with what is drawn at random left out."""
        counts: Counter[str] = Counter()
        with self.database.session() as session:
            for table in SQLModel.metadata.sorted_tables:
                if table.name not in UNCOUNTED:
                    counts[table.name] = len(session.execute(table.select()).all())
            states = Counter(session.execute(select(TABLE.c.state)).scalars())
        standing = {line["reference"]: line for line in self.world.lines()}
        shown = Counter((line["at"], line["card"]["title"]) for line in standing.values())
        return {"rows": dict(counts), "messages": dict(states), "shown": sorted((*key, n) for key, n in shown.items())}

    def doubled(self) -> int:
        """Messages that the world shows more than once; a change of one that is there may be made again."""
        new = Counter(line["key"] for line in self.world.lines() if line["reference"].endswith(line["key"]))
        return sum(count - 1 for count in new.values())


def _address(who: str) -> str:
    return f"chat:{who}@city.example"


def _sender(who: str) -> Sender:
    return Sender(platform="chat", user=f"{who}@city.example")


Step = Callable[[Stage], None]
DAY = timedelta(days=1)

# Each scenario begins where the one before it ended.
SCENARIOS: dict[str, list[Step]] = {
    "a request": [
        lambda stage: stage.submit(
            ADA, "t1", "requests.open",
            {"title": "Laptop will not start", "kind": "broken", "urgency": "blocked", "description": "It beeps"}, "it",
        ),
        lambda stage: stage.settle(),
        lambda stage: stage.press(BOB, "t2", "Take it", place="#it"),
        lambda stage: stage.settle(),
        lambda stage: stage.submit(BOB, "t3", "requests.resolve", {"body": "A new battery"}, "IT-1"),
        lambda stage: stage.settle(),
    ],
    "a survey": [
        lambda stage: stage.launch(),
        lambda stage: stage.settle(),
        lambda stage: stage.press(ADA, "s1", "4 · Rather well"),
        lambda stage: stage.settle(),
        lambda stage: stage.pass_time(MONDAY + 8 * DAY),
    ],
    "a journey": [
        lambda stage: stage.submit(
            HANA, "j1", "onboarding.start",
            {"person": "eve.may@city.example", "journey": "new-hire", "on": "2026-12-02", "buddy": ""},
        ),
        lambda stage: stage.settle(),
        lambda stage: stage.pass_time(MONDAY + 10 * DAY),
        lambda stage: stage.press(EVE, "j2", "Done"),
        lambda stage: stage.settle(),
    ],
}  # fmt: skip


def now_of(folder: Path) -> datetime:
    """Where the clock stood when a scenario ended."""
    kept = folder / "clock"
    return datetime.fromisoformat(kept.read_text()) if kept.exists() else MONDAY


def end_process(status: int) -> None:
    os._exit(status)
