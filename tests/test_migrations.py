"""The migrations make exactly the tables that the models describe, on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from migrations import models
from tests.postgres import Server
from workbot import migrate
from workbot.db import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'fresh.db'}"
    postgres: Server = request.getfixturevalue("postgres")
    return postgres.new_database()


def test_migrations_make_what_the_models_describe(url: str) -> None:
    migrate.upgrade(url)

    database = Database(url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, SQLModel.metadata)
    database.close()

    assert models
    assert differences == []


def test_migrating_twice_changes_nothing(url: str) -> None:
    migrate.upgrade(url)
    migrate.upgrade(url)

    database = Database(url)
    with database.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    database.close()
    assert revision == migrate.head()


def test_whoever_migrates_at_the_same_moment_waits_and_finds_it_done(postgres: Server, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": postgres.new_database()}
    command = [Path(sys.executable).with_name("workbot"), "migrate"]

    at_once = [
        subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    said = [one.communicate(timeout=120)[1] for one in at_once]

    assert [one.returncode for one in at_once] == [0, 0, 0], said
