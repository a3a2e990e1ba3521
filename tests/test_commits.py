"""One writer on SQLite: units of work share commits, and none of them pays for another."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from workbot import db
from workbot.commits import GroupCommit
from workbot.db import Database, make_engine
from workbot.people import Person


@pytest.fixture
def group(database: Database) -> Iterator[GroupCommit]:
    made = GroupCommit(database.engine)
    yield made
    made.close()


def hiring(name: str, *, kilobytes: int = 0) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        known = {"email": f"{name}@city.example", "timezone": "UTC", "locale": "en"}
        session.add(Person.model_validate(known | {"name": name + "." * kilobytes * 1024}))
        session.flush()
        return name

    return work


def failing(session: Session) -> None:
    hiring("half")(session)
    raise RuntimeError("a bug")


@contextmanager
def all_waiting(group: GroupCommit) -> Iterator[None]:
    """Whatever is submitted in here waits until its end, and is found waiting together."""
    begun, go_on = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        begun.set()
        go_on.wait(30)

    held = group.submit(hold)
    begun.wait(30)
    try:
        yield
    finally:
        go_on.set()
        held.result(30)


def names(database: Database) -> set[str]:
    with database.session() as session:
        return {name.rstrip(".") for name in session.exec(select(Person.name))}


def outcome(one: Future[Any]) -> str:
    """What a unit returned, or the error that it raised."""
    error = one.exception(30)
    return type(error).__name__ if error else one.result()[0]


def test_units_that_wait_together_are_one_commit(database: Database, group: GroupCommit) -> None:
    commits: list[object] = []
    event.listen(database.engine, "commit", commits.append)

    with all_waiting(group):
        submitted = [group.submit(hiring(f"n{number}")) for number in range(20)]
    found = [outcome(one) for one in submitted]

    assert found == [f"n{number}" for number in range(20)]
    assert names(database) == set(found)
    # That of the unit that held the others up, which they may have joined, one for them, and that of `names`.
    assert len(commits) <= 3


def test_a_unit_that_fails_takes_nothing_of_the_others_with_it(database: Database, group: GroupCommit) -> None:
    with all_waiting(group):
        submitted = [group.submit(work) for work in (hiring("before"), failing, hiring("after"))]

    assert [outcome(one) for one in submitted] == ["before", "RuntimeError", "after"]
    assert names(database) == {"before", "after"}


def test_a_lock_that_another_program_holds_for_long_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver gives up long before; nobody who wrote to us is to hear of it."""
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.05)
    database = Database(f"sqlite:///{tmp_path / 'own.db'}")
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE fact (word TEXT)"))
    other = sqlite3.connect(tmp_path / "own.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    group = GroupCommit(database.engine)

    waiting = group.submit(lambda session: session.execute(text("INSERT INTO fact VALUES ('kept')")).rowcount)  # type: ignore[attr-defined]
    with pytest.raises(TimeoutError):
        waiting.result(0.5)
    other.execute("COMMIT")

    assert waiting.result(30)[0] == 1
    group.close()
    database.close()
    other.close()


def test_who_fills_the_disk_pays_for_it_and_nobody_else(database: Database, group: GroupCommit) -> None:
    _let_disk_hold(database, kilobytes=2048)
    with all_waiting(group):
        submitted = {name: group.submit(hiring(name)) for name in ("one", "two")}
        submitted["large"] = group.submit(hiring("large", kilobytes=4096))
        submitted["three"] = group.submit(hiring("three"))
    told = {name: outcome(one) for name, one in submitted.items()}

    assert told == {"one": "one", "two": "two", "large": OperationalError.__name__, "three": "three"}
    assert names(database) == {"one", "two", "three"}

    assert group.submit(hiring("small")).result(30)[0] == "small"
    _let_disk_hold(database, kilobytes=100 * 1024)
    assert group.submit(hiring("large", kilobytes=4096)).result(30)[0] == "large"
    assert {"small", "large"} <= names(database)


def _let_disk_hold(database: Database, *, kilobytes: int) -> None:
    """Let SQLite grow by so much and then answer as on a full disk, on every connection from now on."""
    with database.session() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one() + kilobytes // 4

    def limit(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(database.engine, "checkout", limit)


def test_whoever_closes_waits_for_what_was_submitted(database: Database) -> None:
    group = GroupCommit(make_engine(make_url(database.url).render_as_string(hide_password=False)))

    with all_waiting(group):
        submitted = [group.submit(hiring(f"n{number}")) for number in range(5)]
    group.close()

    assert [outcome(one) for one in submitted] == [f"n{number}" for number in range(5)]
