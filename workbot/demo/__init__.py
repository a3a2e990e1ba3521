"""`workbot demo`: a made-up city to try everything in, on this machine only."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from workbot import log, migrate
from workbot.app import App
from workbot.clock import SystemClock
from workbot.demo.clock import DemoClock
from workbot.demo.pages import DemoPages
from workbot.demo.seed import Town
from workbot.demo.travel import Travel
from workbot.settings import HOME, Settings, own_secret
from workbot.storage.database import Database
from workbot.web.server import configured

FOLDER = HOME / "demo"
WEEKS = 12
TUESDAY = 1
Progress = Callable[[float], None]


def run(*, fresh: bool, port: int, folder: Path = FOLDER, progress: Progress = lambda share: None) -> None:
    """Serve the demo on 127.0.0.1; the first start makes the city, a later one goes on with it."""
    if fresh:
        _clear(folder)
    log.configure(as_json=False)
    make(folder, port, progress)
    asgi = serve(folder, port)
    print(f"\n  Open  http://127.0.0.1:{port}/demo\n\n  Stop with Ctrl+C; the next start goes on from here.\n")
    uvicorn.Server(configured(asgi, host="127.0.0.1", port=port)).run()


def make(folder: Path, port: int, progress: Progress, *, weeks: int = WEEKS) -> None:
    """Live the city's last weeks, unless that has been done; half a city is thrown away."""
    if (folder / "made").exists():
        return
    _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_live(folder, port, progress, weeks))
    (folder / "made").touch()


def serve(folder: Path, port: int) -> Starlette:
    """The app of a city that has been made, with the demo's pages and bar."""
    app, clock = house_of(folder, port)
    travel = Travel(app, clock)
    pages = DemoPages(app, travel, folder / "mail")
    app.banner = pages.banner
    asgi = app.asgi()
    asgi.router.routes[:0] = pages.routes()
    return asgi


def _clear(folder: Path) -> None:
    """Remove what a city is made of, and nothing else that may lie in the folder."""
    shutil.rmtree(folder / "mail", ignore_errors=True)
    for name in (
        "made",
        "workbot.db",
        "workbot.db-wal",
        "workbot.db-shm",
        "clock.json",
        "secret-key",
    ):
        (folder / name).unlink(missing_ok=True)


async def _live(folder: Path, port: int, progress: Progress, weeks: int) -> None:
    app, clock = house_of(folder, port)
    beginning = morning_after_launch(SystemClock().now(), app.settings.zone)
    await Town(app, clock, now=beginning, weeks=weeks).live(progress)
    clock.move_to(beginning)
    app.database.close()


def morning_after_launch(now: datetime, zone: ZoneInfo) -> datetime:
    """The latest Tuesday at ten: this week's survey is open, some have answered, and there is work to do."""
    today = now.astimezone(zone).date()
    tuesday = today - timedelta(days=(today.weekday() - TUESDAY) % 7)
    return datetime.combine(tuesday, time(10), zone).astimezone(UTC)


def house_of(folder: Path, port: int) -> tuple[App, DemoClock]:
    """The app that keeps its things in a folder, and the clock it goes by."""
    # The mail integration reads its own settings: here they lead into a folder, never out of the machine.
    os.environ["SMTP_URL"] = f"maildir://{(folder / 'mail').resolve()}"
    os.environ["WORKBOT_MAIL_FROM"] = "workbot <workbot@rivermont.example>"
    settings = Settings(
        database_url=f"sqlite:///{folder / 'workbot.db'}",
        secret_key=SecretStr(own_secret(folder / "secret-key")),
        base_url=f"http://127.0.0.1:{port}",
        port=port,
    )
    migrate.upgrade(settings.database)
    clock = DemoClock(folder / "clock.json")
    return App(settings, clock=clock, database=Database(settings.database)), clock
