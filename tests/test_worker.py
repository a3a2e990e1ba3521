"""`workbot worker`: a process that sends and does what is due, beside others on one PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Caller
from sqlmodel import Session, col, select

from tests.postgres import Server
from tests.talk import hire
from tests.terminal import Terminal
from workbot import migrate
from workbot.cards import Card
from workbot.delivery import Message, tell
from workbot.people import Account
from workbot.storage.database import Database

PATIENCE_SECONDS = 60.0


class SlowPost:
    """A mail server that takes a letter when it is let."""

    def __init__(self) -> None:
        self.has_one = threading.Event()
        self.may_go_on = threading.Event()
        self.taken = 0

    async def handle_DATA(self, server: SMTP, caller: Caller, envelope: Envelope) -> str:
        self.has_one.set()
        await asyncio.to_thread(self.may_go_on.wait, PATIENCE_SECONDS)
        self.taken += 1
        return "250 OK"


class Worker:
    """`workbot worker` in a process of its own."""

    def __init__(self, folder: Path, database: Database, **environment: str) -> None:
        ours = {
            "DATABASE_URL": database.url,
            "WORKBOT_SECRET_KEY": "k" * 40,
            "WORKBOT_MAIL_FROM": "workbot@city.example",
        }
        known = {name: value for name, value in os.environ.items() if not name.startswith(("WORKBOT_", "SMTP_"))}
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("workbot"), "worker"],
            cwd=folder,
            env=known | ours | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def told_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode


@pytest.fixture
def database(postgres: Server) -> Iterator[Database]:
    url = postgres.new_database()
    migrate.upgrade(url)
    made = Database(url)
    yield made
    made.close()


@pytest.fixture
def post() -> Iterator[SlowPost]:
    yield (slow := SlowPost())
    slow.may_go_on.set()


@pytest.fixture
def smtp(post: SlowPost) -> Iterator[str]:
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def write_to_ada(session: Session) -> None:
    """Three letters to one person: they go one after the other."""
    ada = hire(session, "Ada Roy")
    session.add(Account(person_id=ada.id, platform="email", user=ada.email, address=ada.email))
    for number in range(3):
        tell(session, ada, Card(f"Letter {number}"), key=f"letter {number}", now=datetime.now(UTC), platform="email")


def states(session: Session) -> list[str]:
    return list(session.exec(select(Message.state).order_by(col(Message.id))))


def until(found: Callable[[], bool]) -> None:
    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    while not found():
        assert time.monotonic() < gives_up_at
        time.sleep(0.05)


def test_a_worker_that_is_told_to_stop_finishes_what_is_under_way_and_leaves_the_rest(
    tmp_path: Path, database: Database, post: SlowPost, smtp: str
) -> None:
    database.run_here(write_to_ada)

    with Worker(tmp_path, database, SMTP_URL=smtp) as worker:
        assert post.has_one.wait(PATIENCE_SECONDS)
        worker.told_to_stop()
        time.sleep(0.5)
        assert worker.process.poll() is None
        post.may_go_on.set()
        assert worker.ended() == 0

    assert database.run_here(states) == ["sent", "queued", "queued"]
    assert post.taken == 1


def test_what_one_worker_left_the_next_one_sends(tmp_path: Path, database: Database, post: SlowPost, smtp: str) -> None:
    post.may_go_on.set()
    with Worker(tmp_path, database, SMTP_URL=smtp):
        database.run_here(write_to_ada)
        until(lambda: database.run_here(states) == ["sent"] * 3)

    assert post.taken == 3


def test_a_worker_answers_those_who_watch_over_it_and_nobody_else(tmp_path: Path, database: Database) -> None:
    port = free_port()

    def answer(path: str) -> tuple[int, str]:
        try:
            said = httpx.get(f"http://127.0.0.1:{port}{path}", timeout=30)
        except httpx.TransportError:
            return 0, "not up yet"
        return said.status_code, said.text

    with Worker(tmp_path, database, WORKBOT_METRICS_PORT=str(port)) as worker:
        until(lambda: answer("/readyz")[0] == 200)
        assert answer("/healthz") == (200, "ok")
        assert "workbot_jobs_late_seconds 0.0" in answer("/metrics")[1]
        assert answer("/chat")[0] == answer("/console")[0] == 404
        worker.told_to_stop()
        assert worker.ended() in (0, -signal.SIGTERM)


def test_with_sqlite_there_is_nothing_for_a_worker_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(tmp_path, monkeypatch)

    assert "`workbot serve` does everything by itself" in terminal.fails("worker")
