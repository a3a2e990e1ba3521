"""Commands that run the app and look after it: `demo`, `serve`, `worker`, `migrate`, `doctor`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbot.cli import edge
from workbot.errors import WorkbotError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from workbot.app import App


def demo(
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the city away and make it anew.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to serve on 127.0.0.1.")] = 8080,
    folder: Annotated[Path, typer.Option(file_okay=False, help="Where the city is kept.")] = Path(".workbot/demo"),
) -> None:
    """Try everything in a made-up city, on this machine only.

    The first start takes a moment: three months of the city's life are lived. Later ones go on with it.
    """
    listening("127.0.0.1", port).close()
    lang = edge.speech()
    from workbot import demo

    with edge.Bar(lang("Living three months of a small city’s life")) as bar:
        demo.run(fresh=fresh, port=port, folder=folder, progress=bar)


def serve() -> None:
    """Serve the app: chat, console and everything that time brings.

    A SQLite database is made and migrated by itself. With PostgreSQL, run `workbot migrate` first;
    until then /readyz says what is missing.
    """
    settings = edge.settings()
    settings.require_secrets()
    from workbot import features
    from workbot import migrate as migrations
    from workbot.app import App

    features.read_definitions(settings.definitions)
    with edge.reaching(edge.opened(settings)) as database:
        if database.embedded:
            migrations.upgrade(settings.database)
        _serve(App(settings, database=database), listening(settings.host, settings.port))


def _serve(app: App, listener: socket.socket) -> None:
    """Serve until interrupted."""
    from workbot import log

    lang = edge.speech()
    log.configure(as_json=not sys.stderr.isatty())
    typer.echo(lang("workbot is at {url}. Stop it with Ctrl+C.", url=app.settings.url))
    _listen(app.asgi(), listener)


def _listen(app: Starlette, listener: socket.socket) -> None:
    import uvicorn

    from workbot.storage import gc_tuning
    from workbot.web.server import configured

    gc_tuning.freeze_startup()
    server = uvicorn.Server(configured(app))
    server.run(sockets=[listener])
    if not server.started:
        raise typer.Exit(1)


def worker() -> None:
    """Send messages and run what is due, beside any number of `serve` and `worker` processes on one PostgreSQL.

    It serves no pages; with WORKBOT_METRICS_PORT it answers /healthz, /readyz and /metrics there.
    Stop it with SIGTERM or Ctrl+C: what it has under way is finished first.
    """
    settings, lang = edge.settings(), edge.speech()
    settings.require_secrets()
    from workbot import features, log
    from workbot.app import App

    features.read_definitions(settings.definitions)
    with edge.reaching(edge.opened(settings)) as database:
        if database.embedded:
            raise WorkbotError(
                "A worker needs PostgreSQL: set DATABASE_URL. With SQLite, `workbot serve` does everything by itself."
            )
        log.configure(as_json=not sys.stderr.isatty())
        typer.echo(lang("This worker sends messages and runs what is due. Stop it with Ctrl+C."))
        app = App(settings, database=database)
        if settings.metrics_port:
            _listen(app.watched(), listening(settings.host, settings.metrics_port))
        else:
            asyncio.run(_work(app))


async def _work(app: App) -> None:
    """Work until told to stop."""
    from workbot.storage import gc_tuning

    gc_tuning.freeze_startup()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with app.running():
        await told.wait()


def migrate() -> None:
    """Bring the database up to date; doing it again changes nothing."""
    settings, lang = edge.settings(), edge.speech()
    from workbot import migrate as migrations

    with edge.busy(lang("Migrating the database")), edge.reaching(edge.opened(settings)) as database:
        before = database.run_here(migrations.revision)
        migrations.upgrade(settings.database)
    head = migrations.head()
    if before == head:
        typer.echo(lang("The database is up to date, at revision {revision}.", revision=head))
    else:
        typer.echo(lang("The database has been brought to revision {revision}.", revision=head))


def doctor() -> None:
    """Check settings, database, mail and platforms, and say what to do about what is wrong."""
    settings, lang = edge.settings(), edge.speech()
    from workbot import doctor
    from workbot.cli import tables

    with edge.busy(lang("Looking")):
        findings = doctor.diagnose(settings, lang)
    tables.show_findings(findings, lang)
    if any(finding.verdict == doctor.Verdict.FAIL for finding in findings):
        raise typer.Exit(1)


def listening(host: str, port: int) -> socket.socket:
    """Take a port; raises WorkbotError when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise WorkbotError(
            "Port {port} of {host} cannot be used: {reason}. Stop what uses it, or choose another.",
            port=port,
            host=host,
            reason=os.strerror(error.errno) if error.errno else error,
        ) from error
