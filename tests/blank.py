"""Databases with every table and no row, copied from one that was made once: making them costs more than most tests.

Which tables there are depends on which parts have been imported, so there is one to copy from for each set of them.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlmodel import SQLModel

from tests.postgres import Server
from workbot.db import Database

Tables = frozenset[str]


def tables() -> Tables:
    return frozenset(SQLModel.metadata.tables)


class BlankFiles:
    """SQLite databases, in a folder of the run's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[Tables, Path] = {}

    def copy(self, to: Path) -> str:
        """The address of a new database at a path."""
        if tables() not in self._made:
            self._made[tables()] = self._folder / f"{len(self._made)}.db"
            furnish(f"sqlite:///{self._made[tables()]}")
        shutil.copyfile(self._made[tables()], to)
        return f"sqlite:///{to}"


class BlankServer:
    """Databases of one PostgreSQL."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._made: dict[Tables, str] = {}

    def copy(self) -> str:
        """The address of a new database."""
        if tables() not in self._made:
            self._made[tables()] = self._server.new_database()
            furnish(self._made[tables()])
        return self._server.new_database(like=self._made[tables()])


def furnish(url: str) -> None:
    database = Database(url)
    SQLModel.metadata.create_all(database.engine)
    database.close()


def spare_the_disk(database: Database) -> None:
    """Have an embedded database not wait for the disk: a test's need not survive a power cut, only a process's end."""
    if database.embedded:
        event.listen(database.engine, "connect", _do_not_wait)


def _do_not_wait(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
