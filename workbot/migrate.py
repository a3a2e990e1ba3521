"""Bringing a database up to date: Alembic, configured here so that it works from an installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import Session

import migrations
from workbot.storage.engines import normal_url


def upgrade(url: str) -> None:
    """Apply every migration that the database has not seen."""
    command.upgrade(config(url), "head")


def revision(session: Session) -> str:
    """The revision that a database is at; empty before the first migration."""
    return MigrationContext.configure(session.connection()).get_current_revision() or ""


@cache
def head() -> str:
    """The newest revision."""
    return ScriptDirectory.from_config(config("")).get_current_head() or ""


def config(url: str) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(migrations.__file__).parent))
    settings.attributes["url"] = normal_url(url)
    return settings
