"""Where commands meet the world: settings, the database, words on the terminal, and refusals without tracebacks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from workbot.errors import Gone, WorkbotError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from rich.status import Status
    from sqlmodel import Session

    from workbot.i18n import Language
    from workbot.people import Person
    from workbot.settings import Settings
    from workbot.storage.database import Database


class Commands(TyperGroup):
    """Shows a refusal in one sentence, in the language of the settings; anything else is a bug and rises."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except WorkbotError as error:
            typer.secho(said(error), fg="red", err=True)
            raise typer.Exit(1) from error


def settings() -> Settings:
    """What the environment says; raises WorkbotError with every name that is wrong."""
    from workbot.settings import Settings

    try:
        return Settings()
    except OSError as error:
        raise _unreadable(error) from error


def speech() -> Language:
    """The language of the settings, also where the settings are wrong."""
    from workbot.i18n import language

    return language(os.environ.get("WORKBOT_LOCALE"))


def said(error: WorkbotError) -> str:
    return speech()(error.message, **error.values)


def now() -> datetime:
    from workbot.clock import SystemClock

    return SystemClock().now()


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """The app's database, ready for work: an embedded one is migrated here, another must have been."""
    from workbot import migrate

    with reaching(opened(settings)) as database:
        if database.run_here(migrate.revision) != migrate.head():
            if not database.embedded:
                raise WorkbotError("The database is not up to date. Run `workbot migrate` first.")
            migrate.upgrade(settings.database)
        yield database


def opened(settings: Settings) -> Database:
    """The database of the settings, not yet reached; raises WorkbotError when its address makes no sense."""
    from workbot.storage.database import Database

    try:
        return Database(settings.database, settings.listening_url)
    except OSError as error:
        raise _unreadable(error) from error


@contextmanager
def reaching(database: Database) -> Iterator[Database]:
    """Work with a database and close it; raises WorkbotError when it does not answer."""
    from sqlalchemy.exc import DatabaseError, OperationalError

    from workbot.storage import outages

    try:
        yield database
    except DatabaseError as error:
        # A file that is no database is of no class of its own; all others mean that a statement is wrong.
        if type(error) not in (DatabaseError, OperationalError) and not outages.reason(error):
            raise
        raise WorkbotError(
            "The database cannot be used: {reason}. Check DATABASE_URL, and that the server runs.",
            # The driver's own words name the server and no password.
            reason=str(error.orig).strip().splitlines()[0],
        ) from error
    finally:
        database.close()


def person(session: Session, email: str) -> Person:
    """The active person of an address; raises Gone when there is none."""
    from workbot.people import by_email

    found = by_email(session, email)
    if found is None:
        raise Gone("Nobody who works here has the address {email}.", email=email)
    return found


def _unreadable(error: OSError) -> WorkbotError:
    return WorkbotError("{file} cannot be read: {reason}.", file=error.filename, reason=error.strerror or error)


def write(file: Path, content: bytes) -> None:
    """Write a file that was asked for; raises WorkbotError where it cannot be."""
    try:
        file.write_bytes(content)
    except OSError as error:
        raise WorkbotError("{file} cannot be written: {reason}.", file=file, reason=error.strerror or error) from error


@contextmanager
def busy(words: str) -> Iterator[Status]:
    """Show on a terminal that something takes a while."""
    from rich.console import Console

    with Console(stderr=True).status(words) as status:
        yield status


class Bar:
    """A progress bar on a terminal, shown from the first step until the last."""

    def __init__(self, words: str) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._progress = Progress(console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task(words, total=1.0)

    def __call__(self, share: float) -> None:
        self._progress.start()
        self._progress.update(self._task, completed=share)
        if share >= 1:
            self._progress.stop()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
