"""The PostgreSQL of the tests is not disturbed by other runs on the same machine."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.postgres import Server
from workbot.storage.database import Database


def test_another_run_that_starts_takes_no_files_from_the_server(
    postgres: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = Database(postgres.new_database())
    root = next(folder for folder in tmp_path_factory.getbasetemp().parents if folder.name.startswith("pytest-of"))

    # What pytest does at the start of every run.
    root.chmod(0o700)

    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    database.close()
