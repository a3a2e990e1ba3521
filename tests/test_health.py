"""What those who watch over the app are told: it is up, it can take work or why not, and its figures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import Session, select

import workbot.app
from tests.postgres import Server
from tests.talk import hire
from workbot import migrate
from workbot.app import App
from workbot.cards import Card
from workbot.definitions.versions import DefinitionVersion
from workbot.delivery import Message, tell
from workbot.delivery.models import RateState
from workbot.jobs import Job
from workbot.processed_turns import ProcessedTurn
from workbot.settings import Settings
from workbot.storage.database import Database

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
REFUSED = "database: not reachable; check DATABASE_URL and that the server runs"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'workbot.db'}"
    postgres: Server = request.getfixturevalue("postgres")
    return postgres.new_database()


@pytest.fixture
def apps() -> Iterator[list[App]]:
    made: list[App] = []
    yield made
    for app in made:
        app.database.close()


@pytest.fixture
def app(url: str, apps: list[App]) -> App:
    return build(url, apps)


class Watched(App):
    """An app of which one can wait until it has begun to work."""

    def __init__(self, url: str) -> None:
        settings = Settings(database_url=url, secret_key=SecretStr("s" * 32))
        super().__init__(settings, database=Database(url))
        self.prepared = asyncio.Event()

    async def prepare(self) -> None:
        await super().prepare()
        self.prepared.set()


def build(url: str, apps: list[App]) -> Watched:
    app = Watched(url)
    apps.append(app)
    return app


def get(app: App, path: str) -> httpx.Response:
    return asyncio.run(ask(app, path))


async def ask(app: App, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app.asgi())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get(path)


def test_a_migrated_app_is_ready(app: App) -> None:
    migrate.upgrade(app.database.url)

    response = get(app, "/readyz")

    assert (response.status_code, response.json()) == (200, {"ready": True, "reasons": []})


def test_an_app_without_tables_says_what_to_run(app: App) -> None:
    response = get(app, "/readyz")

    missing = f"database: at revision none, needs {migrate.head()}; run `workbot migrate`"
    assert (response.status_code, response.json()) == (503, {"ready": False, "reasons": [missing]})


def test_an_app_whose_database_is_away_says_so_and_names_no_address(apps: list[App]) -> None:
    response = get(build(NOWHERE, apps), "/readyz")

    assert (response.status_code, response.json()) == (503, {"ready": False, "reasons": [REFUSED]})


def test_a_platform_that_cannot_be_used_is_named(
    app: App, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, apps: list[App]
) -> None:
    migrate.upgrade(app.database.url)
    monkeypatch.setenv("SMTP_URL", f"maildir://{tmp_path / 'workbot.txt'}/mail")
    (tmp_path / "workbot.txt").write_text("not a folder")

    response = get(build(app.settings.database, apps), "/readyz")

    assert response.status_code == 503
    (reason,) = response.json()["reasons"]
    assert reason.startswith("email: cannot write to ")


def test_a_process_is_up_whatever_its_database_does(apps: list[App]) -> None:
    response = get(build(NOWHERE, apps), "/healthz")

    assert (response.status_code, response.text) == (200, "ok")


def test_figures_are_given_as_prometheus_reads_them(apps: list[App]) -> None:
    response = get(build(NOWHERE, apps), "/metrics")

    assert response.headers["content-type"].startswith("text/plain")
    assert "# TYPE workbot_messages_total counter" in response.text
    assert "# TYPE workbot_message_age_seconds histogram" in response.text


def test_figures_say_how_old_the_queue_is_and_how_each_lane_goes(app: App) -> None:
    migrate.upgrade(app.database.url)
    now, db_now = app.clock.now(), app.database.run_here(app.database.now)
    with app.database.session() as session:
        ada = hire(session, "Ada Roy")
        for number, minutes in enumerate((-5, -1, 60)):
            tell(session, ada, Card("Hello"), key=f"m{number}", now=now, due=now + timedelta(minutes=minutes))
        rests = {"slowness": 2.0, "paused_until": db_now + timedelta(minutes=3), "failures": 4}
        session.add(RateState(lane="chat", post_at=db_now, update_at=db_now, changed_at=db_now, **rests))
        session.add(Job(key="late", kind="x", due_at=now - timedelta(seconds=90)))
    with app.database.session() as session:
        session.exec(select(Message).where(Message.key == "m1")).one().lane = "chat"

    told = read(get(app, "/metrics").text)

    assert told['workbot_queue_messages{lane="none"}'] == told['workbot_queue_messages{lane="chat"}'] == 1
    assert 300 <= told['workbot_queue_age_seconds{lane="none"}'] < 360
    assert told['workbot_lane_slowness{lane="chat"}'] == 2
    assert told['workbot_lane_failures{lane="chat"}'] == 4
    assert 120 < told['workbot_lane_paused_seconds{lane="chat"}'] <= 180
    assert told["workbot_messages_under_way"] == told["workbot_messages_in_doubt"] == 0
    assert 90 <= told["workbot_jobs_late_seconds"] < 150


def read(figures: str) -> dict[str, float]:
    """Prometheus's text by name and labels."""
    lines = (line.rpartition(" ") for line in figures.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_an_app_at_work_drops_the_record_of_turns_that_nobody_repeats_any_more(app: App) -> None:
    migrate.upgrade(app.database.url)
    now = app.clock.now()
    with app.database.session() as session:
        for hours in (1, 24, 49):
            at = now - timedelta(hours=hours)
            session.add(ProcessedTurn(platform="chat", tenant="", user="ada", turn=f"{hours} h", at=at))

    async def work() -> set[str]:
        async with app.running():
            while "49 h" in (kept := await app.database.read(turns)):  # noqa: ASYNC110  # the app does it by itself
                await asyncio.sleep(0.02)
        return kept

    def turns(session: Session) -> set[str]:
        return set(session.exec(select(ProcessedTurn.turn)))

    assert asyncio.run(asyncio.wait_for(work(), 30)) == {"1 h", "24 h"}


def test_apps_that_start_at_the_same_moment_all_begin(url: str, apps: list[App]) -> None:
    made = [build(url, apps) for _ in range(6)]
    migrate.upgrade(url)
    gate = Barrier(len(made))

    def start(app: App) -> None:
        gate.wait()
        asyncio.run(app.prepare())

    with ThreadPoolExecutor(len(made)) as threads:
        list(threads.map(start, made))

    with made[0].database.session() as session:
        published = session.exec(select(DefinitionVersion.name, DefinitionVersion.version)).all()
    assert len(set(published)) == len(published) > 3


def test_an_app_that_was_started_too_early_begins_when_its_database_is_there(
    url: str, apps: list[App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbot.app, "PATIENCE_SECONDS", 0.01)
    app = build(url, apps)

    async def start_then_migrate() -> list[int]:
        async with app.running():
            early = await ask(app, "/readyz")
            await asyncio.to_thread(migrate.upgrade, app.database.url)
            await asyncio.wait_for(app.prepared.wait(), 30)
            late = await ask(app, "/readyz")
        return [early.status_code, late.status_code]

    assert asyncio.run(start_then_migrate()) == [503, 200]
