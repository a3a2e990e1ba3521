"""Bringing a database up to date: Alembic, configured here so that it works from an installed wheel.

A platform from elsewhere may bring tables of its own. Their migrations are a history of their own, counted in a table
of their own, so that a database stays usable when the platform is taken away again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import Session

import migrations
from workbot import plugins
from workbot.storage.engines import normal_url

HERE = Path(migrations.__file__).parent


@dataclass(frozen=True, slots=True)
class History:
    """Migrations that follow one another, and the table in which a database keeps how far it has come with them."""

    folder: Path
    version_table: str
    owner: str = ""


OURS = History(HERE / "versions", "alembic_version")


def upgrade(url: str) -> None:
    """Apply every migration that the database has not seen."""
    for history in histories():
        command.upgrade(config(url, history), "head")


def revision(session: Session) -> str:
    """The revision that a database is at, and of platforms with tables of their own theirs; empty before the first."""
    return _spelled(lambda history: _reached(session, history))


@cache
def head() -> str:
    """The newest revision, and of platforms with tables of their own theirs."""
    return _spelled(lambda history: ScriptDirectory.from_config(config("", history)).get_current_head())


def histories() -> list[History]:
    """Ours first: tables of platforms may refer to it."""
    brought = {name: plugin.migrations for name, plugin in plugins.installed().items() if plugin.migrations}
    return [OURS, *(History(folder, f"alembic_version_{name}", name) for name, folder in brought.items())]


def config(url: str, history: History = OURS) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("version_locations", str(history.folder))
    # What separates folders, so that one folder may have a space or a colon in its name.
    settings.set_main_option("path_separator", "newline")
    settings.attributes |= {"url": normal_url(url), "version_table": history.version_table}
    return settings


def _reached(session: Session, history: History) -> str | None:
    opts = {"version_table": history.version_table}
    return MigrationContext.configure(session.connection(), opts=opts).get_current_revision()


def _spelled(revision_of: Callable[[History], str | None]) -> str:
    """One revision after the other, with whose it is."""
    found = [(history.owner, revision_of(history)) for history in histories()]
    return ", ".join(f"{owner} {revision}".strip() for owner, revision in found if revision)
