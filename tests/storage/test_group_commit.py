"""One writer on SQLite: units of work share commits, and none of them pays for another."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from tests.blank import BlankServer
from tests.postgres import Server
from workbot.people import Person
from workbot.storage import engines
from workbot.storage.database import Database
from workbot.storage.engines import make_engine
from workbot.storage.group_commit import GroupCommit


class Group(GroupCommit):
    """One that threads ask, through an event loop as the app has it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.loop = asyncio.new_event_loop()
        self.running = threading.Thread(target=self.loop.run_forever)
        self.running.start()

    def submit(self, work: Callable[[Session], Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(self.do(work), self.loop)

    def hand_over(self) -> None:
        """Wait until what was submitted is with the thread that writes."""
        for _ in range(3):
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self.loop).result(30)

    def close(self) -> None:
        super().close()
        self.hand_over()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.running.join()
        self.loop.close()


@pytest.fixture
def group(database: Database) -> Iterator[Group]:
    made = Group(database.engine)
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
def all_waiting(group: Group) -> Iterator[None]:
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
        group.hand_over()
        go_on.set()
        held.result(30)


def names(database: Database) -> set[str]:
    with database.session() as session:
        return {name.rstrip(".") for name in session.exec(select(Person.name))}


def outcome(one: Future[Any]) -> str:
    """What a unit returned, or the error that it raised."""
    error = one.exception(30)
    return type(error).__name__ if error else one.result()[0]


def test_units_that_wait_together_are_one_commit(database: Database, group: Group) -> None:
    commits: list[object] = []
    event.listen(database.engine, "commit", commits.append)

    with all_waiting(group):
        submitted = [group.submit(hiring(f"n{number}")) for number in range(20)]
    found = [outcome(one) for one in submitted]

    assert found == [f"n{number}" for number in range(20)]
    assert names(database) == set(found)
    # That of the unit that held the others up, which they may have joined, one for them, and that of `names`.
    assert len(commits) <= 3


def test_a_unit_that_fails_takes_nothing_of_the_others_with_it(database: Database, group: Group) -> None:
    with all_waiting(group):
        submitted = [group.submit(work) for work in (hiring("before"), failing, hiring("after"))]

    assert [outcome(one) for one in submitted] == ["before", "RuntimeError", "after"]
    assert names(database) == {"before", "after"}


def test_a_lock_that_another_program_holds_for_long_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver gives up long before; nobody who wrote to us is to hear of it."""
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.05)
    database = Database(f"sqlite:///{tmp_path / 'own.db'}")
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE fact (word TEXT)"))
    other = sqlite3.connect(tmp_path / "own.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    group = Group(database.engine)

    waiting = group.submit(lambda session: session.execute(text("INSERT INTO fact VALUES ('kept')")).rowcount)  # type: ignore[attr-defined]
    with pytest.raises(TimeoutError):
        waiting.result(0.5)
    other.execute("COMMIT")

    assert waiting.result(30)[0] == 1
    group.close()
    database.close()
    other.close()


def test_who_fills_the_disk_pays_for_it_and_nobody_else(database: Database, group: Group) -> None:
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
    group = Group(make_engine(make_url(database.url).render_as_string(hide_password=False)))

    with all_waiting(group):
        submitted = [group.submit(hiring(f"n{number}")) for number in range(5)]
    group.close()

    assert [outcome(one) for one in submitted] == [f"n{number}" for number in range(5)]


def test_work_that_goes_together_is_given_all_that_waits_for_it(database: Database, group: Group) -> None:
    given: list[list[str]] = []

    def hire_all(session: Session, names: list[str]) -> list[str]:
        given.append(names)
        return [hiring(name)(session) for name in names]

    async def at_once() -> list[str]:
        done = await asyncio.gather(*(group.do_batched(hire_all, f"n{number}") for number in range(20)))
        return [name for name, _rung in done]

    with all_waiting(group):
        threads = ThreadPoolExecutor(1)
        found = threads.submit(asyncio.run, at_once())
        time.sleep(0.2)

    assert found.result(30) == [f"n{number}" for number in range(20)]
    assert sorted(len(names) for names in given) == [20]
    assert names(database) == {f"n{number}" for number in range(20)}


def test_of_those_that_go_together_one_that_fails_takes_nothing_of_the_others_with_it(
    database: Database, group: Group
) -> None:
    def hire_all(session: Session, names: list[str]) -> list[str]:
        return [(failing if name == "failing" else hiring(name))(session) or "" for name in names]

    async def at_once() -> list[object]:
        wished = (group.do_batched(hire_all, name) for name in ("before", "failing", "after"))
        return await asyncio.gather(*wished, return_exceptions=True)

    before, failed, after = asyncio.run(at_once())

    assert (before, after) == (("before", frozenset()), ("after", frozenset()))
    assert isinstance(failed, RuntimeError)
    assert names(database) == {"before", "after"}


def test_on_a_server_a_group_that_is_held_up_holds_up_nobody_else(blank_server: BlankServer) -> None:
    database = Database(blank_server.copy())
    begun, go_on = threading.Event(), threading.Event()

    def work(session: Session, names: list[str]) -> list[str]:
        if "slow" in names:
            begun.set()
            assert go_on.wait(30)
        return [hiring(name)(session) for name in names]

    async def both() -> list[str]:
        slow = asyncio.create_task(database.run_batched(work, "slow"))
        assert await asyncio.to_thread(begun.wait, 30)
        quick = await database.run_batched(work, "quick")
        assert not slow.done()
        go_on.set()
        return [quick, await slow]

    assert asyncio.run(asyncio.wait_for(both(), 30)) == ["quick", "slow"]
    assert names(database) == {"quick", "slow"}
    database.close()


def test_a_connection_that_the_server_has_ended_is_replaced_before_it_is_used(postgres: Server) -> None:
    url = postgres.new_database()
    database, other = Database(url), Database(url)
    found: list[int] = []
    for _ in range(3):
        with database.session() as session:
            found.append(session.execute(text("SELECT pg_backend_pid()")).scalar_one())
        with other.session() as session:
            session.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": found[-1]})

    assert len(set(found)) == 3
    database.close()
    other.close()
