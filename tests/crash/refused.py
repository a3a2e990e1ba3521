"""A survey launched to many people through a Slack that refuses some posts, while processes are killed.

    python -m tests.crash.refused [PEOPLE] [SHARE] [KILLS]

Slack is `tests.slackland` with its limits, which besides refuses SHARE of all posts (0.03) with `Retry-After: 1`. Two
processes on one PostgreSQL deliver; at moments spread over the launch one is ended with SIGKILL and another started.
Whoever was asked before a process died is found in Slack and not asked again. Prints, as JSON, who was missed or asked
twice, how long it took against the least that refusals and our own limit leave, and how right the campaign's ETA was.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import insert
from sqlmodel import Session, select

from integrations.slack.platform import LIMITS, Slack
from integrations.slack.settings import SlackSettings
from tests.crash.launch import _launch, _prepare
from tests.postgres import Server
from tests.slackland.server import running
from tests.slackland.world import Workspace, World
from workbot import log, migrate
from workbot.app import App
from workbot.delivery import Campaign, campaigns, sender, sending
from workbot.delivery.campaigns import Funnel
from workbot.people import Account, Person
from workbot.settings import Settings
from workbot.storage.database import Database

HANDS = 2
LEASE_SECONDS = 8.0
GLANCE_SECONDS = 0.5
RETRY_AFTER = 1.0
SECRET = "k" * 40


class RefusingWorld(World):
    """A Slack that refuses some posts at random."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share, self.refused, self.first, self.last = share, 0, 0.0, 0.0
        self._random = random.Random(7)

    def misdeed(self, method: str) -> str:
        if method != "chat.postMessage":
            return super().misdeed(method)
        self.last = time.monotonic()
        self.first = self.first or self.last
        if self._random.random() >= self.share:
            return ""
        self.refused += 1
        return "429-after-1"


def house_at(url: str, api: str, token: str) -> App:
    settings = Settings.model_validate({"secret_key": SECRET, "base_url": "http://127.0.0.1"})
    known = {"api_url": api, "bot_token": token, "signing_secret": "s" * 32, "app_token": ""}
    slack = SlackSettings.model_validate(known)
    return App(settings, database=Database(url), builders={"slack": lambda host: Slack(host, slack)})


async def work(url: str, api: str, token: str) -> None:
    """Be a process of the app, until killed."""
    async with house_at(url, api, token).running():
        await asyncio.Event().wait()


def launch(url: str, world: RefusingWorld, workspace: Workspace, *, people: int, kills: int) -> dict[str, Any]:
    migrate.upgrade(url)
    app = house_at(url, world.api, workspace.token)
    app.database.run_here(partial(_hire, world=world, workspace=workspace, count=people))
    app.database.run_here(lambda session: _prepare(app, session))
    command = [sys.executable, "-m", "tests.crash.refused", "--hand", url, world.api, workspace.token]
    hands = [_start(command) for _ in range(HANDS)]
    try:
        time.sleep(5)
        app.database.run_here(partial(_launch, now=app.clock.now()))
        began = time.monotonic()
        glances = _watch(app, hands, command, kills)
        seconds = time.monotonic() - began
    finally:
        for hand in hands:
            hand.terminate()
            hand.wait(30)
        app.database.close()
    return _counted(world, glances, people=people, seconds=seconds)


def _watch(
    app: App, hands: list[subprocess.Popen[bytes]], command: list[str], kills: int
) -> list[tuple[datetime, Funnel]]:
    """Look at the campaign until nothing waits, and kill a process now and then."""
    glances: list[tuple[datetime, Funnel]] = []
    killed = 0
    while True:
        now = app.clock.now()
        funnel = app.database.run_here(partial(_look, app=app, now=now))
        glances.append((now, funnel))
        if not funnel.queued and not funnel.in_doubt and funnel.all:
            return glances
        if killed < kills and funnel.sent > funnel.all * (killed + 1) / (kills + 1):
            killed += 1
            hand = hands.pop(0)
            hand.kill()
            hand.wait()
            hands.append(_start(command))
        time.sleep(GLANCE_SECONDS)


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)


def _hire(session: Session, *, world: World, workspace: Workspace, count: int) -> None:
    unsaid = dict.fromkeys(("title", "location", "listed_locale", "employment", "preferred_platform"), "")
    more = unsaid | {"timezone": "UTC", "locale": "en", "active": True, "attributes": {}}
    for number in range(count):
        person, email = uuid4(), f"person{number}@city.example"
        user = world.add_user(workspace, f"Person {number}", email)["id"]
        session.execute(insert(Person), [{"id": person, "email": email, "name": f"Person {number}"} | more])
        account = {"id": uuid4(), "person_id": person, "platform": "slack", "tenant": workspace.id, "user": user}
        session.execute(insert(Account), [account | {"address": f"{workspace.id}/{user}", "unreachable": ""}])


def _look(session: Session, *, app: App, now: datetime) -> Funnel:
    campaign = session.exec(select(Campaign)).one()
    return campaigns.funnel(session, campaign, app.platforms, now=now)


def _counted(
    world: RefusingWorld, glances: list[tuple[datetime, Funnel]], *, people: int, seconds: float
) -> dict[str, Any]:
    asked = Counter(world.channels[channel].get("user", "") for channel, posts in world.posts.items() for _ in posts)
    took = world.last - world.first
    least = people / LIMITS.per_second + world.refused * RETRY_AFTER
    ended = glances[-1][0]
    wrong = [
        (funnel.sent, abs((funnel.done_at - ended).total_seconds()) / seconds)
        for _at, funnel in glances
        if funnel.done_at and funnel.sent
    ]
    return {
        "people": people,
        "missed": people - len(asked),
        "asked twice": sum(number > 1 for number in asked.values()),
        "refused": world.refused,
        "seconds": round(took, 1),
        "least seconds by these refusals": round(least, 1),
        "of the best": f"{least / took:.2f}",
        "ETA wrong by at most": f"{max(share for _sent, share in wrong):.1%}",
        "ETA wrong by at most, after a tenth": f"{max(share for sent, share in wrong if sent > people / 10):.1%}",
    }


def main(people: int = 600, share: float = 0.03, kills: int = 2) -> None:
    log.configure(as_json=True, level=40)
    world = RefusingWorld(share)
    workspace = world.add_workspace()
    with Server(durable=True) as postgres, running(world):
        result = launch(postgres.new_database(), world, workspace, people=people, kills=kills)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--hand"]:
        log.configure(as_json=True)
        sender.LEASE = timedelta(seconds=LEASE_SECONDS)
        sending.CALL_SECONDS = LEASE_SECONDS / 2
        asyncio.run(work(*sys.argv[2:]))
    else:
        main(*(kind(argument) for kind, argument in zip((int, float, int), sys.argv[1:], strict=False)))
