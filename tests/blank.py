"""Databases with every table and no row, copied from one that was made once: making them costs more than most tests.

Which tables there are depends on which parts have been imported, so there is one to copy from for each set of them.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, event, make_url, text
from sqlmodel import SQLModel

from tests.postgres import Server
from workbot import migrate
from workbot.storage.database import Database
from workbot.storage.engines import normal_url

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
    """Databases of one PostgreSQL. One that was given back is emptied and lent again: of a thousand copies, each a
    few hundred files, only a few need to be made, written to the disk and removed.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._made: dict[Tables, str] = {}
        self._shapes: dict[Tables, str] = {}
        self._lent: dict[str, Tables] = {}
        self._back: dict[Tables, list[str]] = {}

    def copy(self) -> str:
        """The address of a new database."""
        wanted = tables()
        if wanted not in self._made:
            self._made[wanted] = self._server.new_database()
            furnish(self._made[wanted])
            self._shapes[wanted] = shape(self._made[wanted])
        url = self._emptied(wanted) or self._server.new_database(like=self._made[wanted])
        self._lent[url] = wanted
        return url

    def give_back(self, url: str) -> None:
        """Say that a test is done with its copy."""
        self._back.setdefault(self._lent.pop(url), []).append(url)

    def _emptied(self, wanted: Tables) -> str:
        while back := self._back.get(wanted):
            url = back.pop()
            if empty(url, self._shapes[wanted]):
                return url
        return ""


# What a test may have changed of it besides its rows.
SHAPE = text("""
    SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
        SELECT concat_ws(' ', attrelid, attname, atttypid, atttypmod, attnotnull, atthasdef, attisdropped)
            FROM pg_attribute WHERE attrelid >= 16384
        UNION ALL SELECT concat_ws(' ', oid, relname, relpersistence) FROM pg_class WHERE oid >= 16384
        UNION ALL SELECT concat_ws(' ', oid, conname, convalidated) FROM pg_constraint WHERE oid >= 16384
        UNION ALL SELECT concat_ws(' ', oid, tgname, tgenabled) FROM pg_trigger
        UNION ALL SELECT concat_ws(' ', oid, proname) FROM pg_proc WHERE oid >= 16384
        UNION ALL SELECT concat_ws(' ', oid, nspname) FROM pg_namespace WHERE oid >= 16384
        UNION ALL SELECT array_to_string(setconfig, ' ') FROM pg_db_role_setting
            WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS parts(part)
""")
# Its own housekeeping is nobody, nor is one of us who has not quite left.
OTHERS = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
        AND application_name <> 'blank'
""")
WRITTEN = text("""
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND oid >= 16384 AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
""")


def shape(url: str) -> str:
    with _connected(url) as connection:
        return str(connection.execute(SHAPE).scalar_one())


def is_in_use(url: str) -> bool:
    with _connected(url) as connection:
        return bool(connection.execute(OTHERS).scalar_one())


def empty(url: str, expected: str) -> bool:
    """Take every row out of a database as new; not when it has another shape now, or somebody is still in it."""
    with _connected(url) as connection:
        if connection.execute(OTHERS).scalar_one() or connection.execute(SHAPE).scalar_one() != expected:
            return False
        if written := connection.execute(WRITTEN).scalars().all():
            connection.execute(text(f"TRUNCATE {', '.join(written)} RESTART IDENTITY CASCADE"))
        return True


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(
        url, isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args={"application_name": "blank"}
    )
    with engine.connect() as connection:
        yield connection


def furnish(url: str) -> None:
    database = Database(url)
    SQLModel.metadata.create_all(database.engine)
    database.close()


UPGRADE = migrate.upgrade


def upgrade(url: str) -> None:
    """Migrate a database; an embedded one without tables becomes a copy of the first that was migrated."""
    address = make_url(normal_url(url))
    if address.drivername != "sqlite" or not _is_filled(address.database or ""):
        UPGRADE(url)


def _is_filled(file: str) -> bool:
    try:
        with closing(sqlite3.connect(file)) as connection:
            is_new = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
            if is_new:
                _migrated().backup(connection)
            return is_new
    except sqlite3.Error:
        # What the driver says to that is the real one's to say.
        return False


@cache
def _migrated() -> sqlite3.Connection:
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    with tempfile.TemporaryDirectory() as folder:
        UPGRADE(f"sqlite:///{folder}/first.db")
        with closing(sqlite3.connect(f"{folder}/first.db")) as first:
            first.backup(kept)
    return kept


class Compiled(dict[Any, Any]):
    """What SQLAlchemy compiled, for every engine of a kind: each test's would compile all its statements anew."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._of_kind(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(self._of_kind(key), compiled)

    def _of_kind(self, key: Any) -> Any:
        dialect, *rest = key
        return type(dialect), *rest


COMPILED = Compiled()


def compile_once(database: Database) -> None:
    database.engine.update_execution_options(compiled_cache=COMPILED)


def spare_the_disk(database: Database) -> None:
    """Have an embedded database not wait for the disk: a test's need not survive a power cut, only a process's end."""
    if database.embedded:
        event.listen(database.engine, "connect", _do_not_wait)


def _do_not_wait(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
