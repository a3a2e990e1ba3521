"""The migrations make exactly the tables that the models describe, on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import JSON, Connection, MetaData, Table, bindparam
from sqlmodel import SQLModel, select

from migrations import models
from tests.postgres import Server
from workbot import migrate
from workbot.definitions import DefinitionSwitch, DefinitionVersion
from workbot.files import StoredFile
from workbot.pulse import Wave
from workbot.storage.database import Database, UtcDateTime

Tables = dict[str, list[dict[str, Any]]]
MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)


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
        opts = {"compare_type": True, "compare_server_default": True, "include_object": is_ours}
        context = MigrationContext.configure(connection, opts=opts)
        differences = compare_metadata(context, SQLModel.metadata)
    database.close()

    assert models
    assert differences == []


def is_ours(_object: object, name: str, kind: str, _is_there: bool, _compared_to: object) -> bool:
    """The tests' own platform has migrations of its own."""
    return kind != "table" or not name.startswith("pigeon_")


def test_migrating_twice_changes_nothing(url: str) -> None:
    migrate.upgrade(url)
    migrate.upgrade(url)

    database = Database(url)
    with database.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    database.close()
    assert revision == migrate.head()


@pytest.mark.parametrize(("promised", "kept"), [(["auditor"], "auditor"), (["hr", "agent:it"], "hr agent:it")])
def test_waves_that_there_were_keep_the_readers_they_promised(url: str, promised: list[str], kept: str) -> None:
    command.upgrade(migrate.config(url), "0012")
    version, wave = uuid4(), uuid4()
    database = Database(url)
    with database.engine.begin() as connection:
        add(
            connection,
            "definition_version",
            id=version,
            kind="surveys",
            name="weekly",
            version=1,
            digest="",
            content={"name": "weekly", "report": {"roles": promised, "mail": True}},
            published_at=MONDAY,
        )
        add(
            connection,
            "wave",
            id=wave,
            survey="weekly",
            number=1,
            definition_id=version,
            mode="identified",
            k=5,
            comment_k=10,
            privacy={},
            zone="UTC",
            at_once=False,
            first_day=MONDAY.date(),
            opens_at=MONDAY,
            closes_at=MONDAY,
        )

    migrate.upgrade(url)

    with database.session() as session:
        assert session.get_one(Wave, wave).readers == kept
    database.close()


def test_files_of_reports_that_there_were_are_about_their_wave(url: str) -> None:
    command.upgrade(migrate.config(url), "0017")
    version, wave = uuid4(), uuid4()
    subject = f"pulse-report:{wave}"
    named = {"weekly-3-fr.png": subject, "weekly-3-en.csv": subject, "weekly-31-fr.png": "", "map.png": ""}
    database = Database(url)
    with database.engine.begin() as connection:
        published = {"kind": "surveys", "name": "weekly", "version": 1, "digest": "", "content": {}}
        add(connection, "definition_version", id=version, published_at=MONDAY, **published)
        figures = {"mode": "identified", "k": 5, "comment_k": 10, "privacy": {}, "zone": "UTC", "at_once": False}
        when = {"first_day": MONDAY.date(), "opens_at": MONDAY, "closes_at": MONDAY}
        add(connection, "wave", id=wave, survey="weekly", number=3, definition_id=version, **figures, **when)
        for name in named:
            made = {"media_type": "image/png", "content": b"x", "made_at": MONDAY}
            add(connection, "stored_file", id=uuid4(), name=name, **made)

    migrate.upgrade(url)

    with database.session() as session:
        found = {file.name: file.subject for file in session.exec(select(StoredFile))}
    assert {name: _whose(subject) for name, subject in found.items()} == {
        name: _whose(subject) for name, subject in named.items()
    }
    database.close()


def test_definitions_that_there_were_stay_on(url: str) -> None:
    command.upgrade(migrate.config(url), "0022")
    database = Database(url)
    with database.engine.begin() as connection:
        for kind, name, version in (("surveys", "weekly", 1), ("surveys", "weekly", 2), ("desks", "it", 1)):
            written = {"kind": kind, "name": name, "version": version, "digest": "", "content": {}}
            add(connection, "definition_version", id=uuid4(), published_at=MONDAY, **written)

    migrate.upgrade(url)

    with database.session() as session:
        switches = session.exec(select(DefinitionSwitch)).all()
        versions = session.exec(select(DefinitionVersion)).all()
    assert {(one.kind, one.name, one.is_on) for one in switches} == {("surveys", "weekly", True), ("desks", "it", True)}
    assert {(one.origin, one.state, one.release) for one in versions} == {("shipped", "published", "")}
    database.close()


def test_what_slack_and_teams_kept_stands_in_tables_of_both_and_can_go_back(url: str) -> None:
    command.upgrade(migrate.config(url), "0022")
    before = kept_before()
    write(url, before)

    command.upgrade(migrate.config(url), "0023")
    after = read(url, kept_after())
    command.downgrade(migrate.config(url), "0022")

    assert after == kept_after()
    assert read(url, before) == before


def kept_before() -> Tables:
    """What the tables of each platform held."""
    form = {"key": "f", "tenant": "T", "user": "U", "place": "P", "message": "M", "asked_at": MONDAY}
    unset = ("name", "url", "app", "bot_user", "bot_id", "scopes", "bot_token", "refresh_token", "broken")
    workspace = dict.fromkeys(unset, "") | {"is_enterprise": False, "is_home": False}
    workspace |= {"renewing_until": None, "expires_at": None}
    return {
        "slack_form": [form | {"form": {"closed": "slack"}, "response_url": "https://hooks.example/1"}],
        "teams_form": [form | {"form": {"closed": "teams"}}],
        "slack_memo": [{"key": "v", "value": "of slack", "used_at": MONDAY}],
        "teams_memo": [{"key": "v", "value": "of teams", "used_at": MONDAY}],
        "slack_part": [{"root": "C:1", "number": 1, "ts": "1.1"}],
        "teams_part": [
            {"root": "19:x|2", "number": 1, "activity": "2.1"},
            {"root": "key:abc", "number": 0, "activity": "19:x|2"},
        ],
        "teams_directory": [
            {"tenant": "new", "link": "", "compared_at": None},
            {"tenant": "old", "link": "https://graph.example/delta", "compared_at": MONDAY},
        ],
        "slack_workspace": [
            workspace | {"tenant": "T1", "compared_at": MONDAY},
            workspace | {"tenant": "T2", "compared_at": None},
        ],
    }


def kept_after() -> Tables:
    """The same, in the tables of both."""
    form = {"key": "f", "tenant": "T", "user": "U", "place": "P", "message": "M", "asked_at": MONDAY}
    return {
        "kept_form": [
            form | {"platform": "slack", "form": {"closed": "slack"}, "response_url": "https://hooks.example/1"},
            form | {"platform": "teams", "form": {"closed": "teams"}, "response_url": ""},
        ],
        "long_value": [
            {"platform": "slack", "key": "v", "value": "of slack", "used_at": MONDAY},
            {"platform": "teams", "key": "v", "value": "of teams", "used_at": MONDAY},
        ],
        "message_part": [
            {"platform": "slack", "root": "C:1", "number": 1, "message": "1.1"},
            {"platform": "teams", "root": "19:x|2", "number": 1, "message": "2.1"},
            {"platform": "teams", "root": "key:abc", "number": 0, "message": "19:x|2"},
        ],
        "directory_state": [
            {"platform": "slack", "tenant": "T1", "link": "", "compared_at": MONDAY},
            {"platform": "teams", "tenant": "new", "link": "", "compared_at": None},
            {"platform": "teams", "tenant": "old", "link": "https://graph.example/delta", "compared_at": MONDAY},
        ],
    }


def write(url: str, tables: Tables) -> None:
    database = Database(url)
    with database.engine.begin() as connection:
        for name, rows in tables.items():
            connection.execute(as_it_is(connection, name).insert(), rows)
    database.close()


def read(url: str, tables: Tables) -> Tables:
    """The rows that such tables have now."""
    database, found = Database(url), {}
    with database.engine.connect() as connection:
        for name in tables:
            table = as_it_is(connection, name)
            rows = connection.execute(table.select().order_by(*table.primary_key)).mappings()
            found[name] = [dict(row) for row in rows]
    database.close()
    return found


def as_it_is(connection: Connection, name: str) -> Table:
    """A table at this revision, with our own kinds of columns."""
    table = Table(name, MetaData(), autoload_with=connection)
    for column in table.c:
        if column.name.endswith(("_at", "_until")):
            column.type = UtcDateTime(timezone=True)
        if column.name == "form":
            column.type = JSON()
    return table


def _whose(subject: str) -> object:
    """The wave that a file is about, however its database writes ids."""
    return UUID(subject.partition(":")[2]) if subject else ""


def add(connection: Connection, table: str, **values: object) -> None:
    """Write a row as it was at an earlier revision."""
    there = Table(table, MetaData(), autoload_with=connection)
    types = SQLModel.metadata.tables[table].c
    row = {name: bindparam(name, value, type_=types[name].type) for name, value in values.items()}
    connection.execute(there.insert().values(row))


def test_whoever_migrates_at_the_same_moment_waits_and_finds_it_done(postgres: Server, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": postgres.new_database()}
    words = [Path(sys.executable).with_name("workbot"), "migrate"]

    at_once = [
        subprocess.Popen(words, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    said = [one.communicate(timeout=120)[1] for one in at_once]

    assert [one.returncode for one in at_once] == [0, 0, 0], said
