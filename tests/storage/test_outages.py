"""A database that takes nothing for a while: nothing is lost or half done, and work goes on once it does again."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select
from structlog.testing import capture_logs

from tests.postgres import Server
from tests.talk import Talk, hire
from tests.test_dispatch import MONDAY, ROUTER
from workbot import app, migrate, readiness
from workbot.app import App
from workbot.cards import Card
from workbot.delivery import Message, tell
from workbot.delivery.models import State
from workbot.errors import DatabaseAway
from workbot.jobs import Job, Jobs, Scheduler, at
from workbot.people import Person, ensure_web_account
from workbot.settings import Settings
from workbot.storage import database, outages, pubsub
from workbot.storage.database import Database
from workbot.storage.engines import parsed, server_arguments
from workbot.turns import Command, Say, Sender

SECONDS = 60
SWITCH = "ALTER DATABASE {name} SET default_transaction_read_only = {to}"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(readiness, "WRITE_SECONDS", 0.0)
    monkeypatch.setattr(pubsub, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(app, "PATIENCE_SECONDS", 0.05)


class Standby:
    """A database that can be read-only, as a standby is before it is promoted; whoever connects meanwhile stays so."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url, isolation_level="AUTOCOMMIT")

    def demote(self) -> None:
        self._say("on")
        self.cut()

    def promote(self) -> None:
        self._say("off")

    def cut(self) -> None:
        """End every connection but our own, as an administrator does."""
        with self._engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )

    def _say(self, to: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(text(SWITCH.format(name=self._engine.url.database, to=to)))

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture
def standby(postgres: Server) -> Iterator[Standby]:
    made = Standby(postgres.new_database())
    migrate.upgrade(made.url)
    yield made
    made.close()


@pytest.fixture
def promoted(standby: Standby) -> Iterator[Database]:
    """A database on the standby."""
    made = Database(standby.url)
    yield made
    made.close()


def hiring(session: Session) -> str:
    person = Person(email=f"{uuid4().hex}@city.example", name="New", timezone="UTC", locale="en")
    session.add(person)
    session.flush()
    return person.email


def hiring_all(session: Session, items: list[Any]) -> list[str]:
    return [hiring(session) for _ in items]


def emails(database: Database) -> set[str]:
    return database.run_here(lambda session: set(session.exec(select(Person.email))))


WAYS: list[Callable[[Database], Any]] = [lambda it: it.run(hiring), lambda it: it.run_batched(hiring_all, 1)]


@pytest.mark.parametrize("way", WAYS)
def test_who_cannot_write_is_told_why_and_can_as_soon_as_the_server_takes_changes(
    standby: Standby, promoted: Database, way: Callable[[Database], Any]
) -> None:
    async def many_then_one() -> str:
        standby.demote()
        # Every connection of the pools is made now, and would stay read-only for ever.
        told = await asyncio.gather(*(way(promoted) for _ in range(40)), return_exceptions=True)
        assert [str(error) for error in told] == [outages.READ_ONLY] * 40
        standby.promote()
        found: str = await way(promoted)
        return found

    assert asyncio.run(many_then_one()) in emails(promoted)
    assert len(emails(promoted)) == 1


def test_a_turn_that_met_a_standby_is_taken_when_that_is_promoted(standby: Standby, promoted: Database) -> None:
    ada = promoted.run_here(lambda session: hire(session, "Ada Roy"))
    talk = Talk(promoted, ROUTER, Jobs(), at=MONDAY)
    standby.demote()
    refused: list[object] = []

    def promote(context: object) -> None:
        refused.append(context)
        standby.promote()

    for engine in (promoted.engine, promoted._batches.engine):
        event.listen(engine, "handle_error", promote)
    turn = Command(sender=Sender("chat", ada.email), id="t", name="note", text="Milk")

    assert asyncio.run(talk.dispatch.receive(turn)) == Say(Card("Written: Milk"))
    assert refused


def test_a_turn_that_cannot_be_saved_says_so_and_changes_nothing(standby: Standby, promoted: Database) -> None:
    ada = promoted.run_here(lambda session: hire(session, "Ada Roy"))
    talk = Talk(promoted, ROUTER, Jobs(), at=MONDAY)
    turn = Command(sender=Sender("chat", ada.email), id="t", name="note", text="Milk")
    standby.demote()

    with capture_logs() as logs:
        away = asyncio.run(talk.dispatch.receive(turn))
    standby.promote()
    there = asyncio.run(talk.dispatch.receive(turn))

    assert isinstance(away, Say)
    assert away.unsaved
    assert "try again in a minute" in str(away.card)
    assert not [line for line in logs if line["log_level"] == "error"]
    assert there == Say(Card("Written: Milk"))


def test_who_was_cut_off_is_connected_again_without_noticing(standby: Standby, promoted: Database) -> None:
    def cut_while_working(session: Session) -> str:
        found = hiring(session)
        if len(begun) == 0:
            begun.append(True)
            standby.cut()
        return found

    begun: list[bool] = []
    assert asyncio.run(promoted.run(cut_while_working)) in emails(promoted)
    begun.clear()
    assert asyncio.run(promoted.read(lambda session: (cut_while_working(session), session.rollback())[0]))
    assert len(emails(promoted)) == 1


def cut_wire(connection: Connection) -> None:
    """Have what follows on a connection lead nowhere, without a word of the server's."""
    wire = socket.socket(fileno=os.dup(connection.connection.dbapi_connection.pgconn.socket))  # type: ignore[union-attr]
    wire.shutdown(socket.SHUT_RDWR)
    wire.close()


def test_a_commit_that_was_cut_off_is_not_made_twice(standby: Standby, promoted: Database) -> None:
    """Nobody knows whether it took effect: what has no name of its own is not done again."""
    done = []

    def hired(session: Session) -> str:
        done.append(True)
        event.listen(promoted.engine, "commit", cut_wire, once=True)
        return hiring(session)

    with pytest.raises(DatabaseAway) as away:
        asyncio.run(promoted.run(hired))

    assert away.value.doubtful
    assert len(done) == 1


def test_of_two_that_wait_for_each_other_both_are_done(promoted: Database) -> None:
    """PostgreSQL ends one of them (40P01); it is done again."""
    gate, met = Barrier(2), {1: False, 2: False}

    def take(mine: int, theirs: int) -> Callable[[Session], str]:
        def work(session: Session) -> str:
            session.execute(text(f"SELECT pg_advisory_xact_lock({mine})"))
            if not met[mine]:
                met[mine] = True
                gate.wait(SECONDS)
            session.execute(text(f"SELECT pg_advisory_xact_lock({theirs})"))
            return hiring(session)

        return work

    async def both() -> list[str]:
        return await asyncio.gather(promoted.run(take(1, 2)), promoted.run(take(2, 1)))

    assert set(asyncio.run(both())) == emails(promoted)


@contextmanager
def clerk(postgres: Server, connections: int) -> Iterator[str]:
    """The address of a database for someone who is given so many connections."""
    url = make_url(postgres.new_database())
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"clerk_{uuid4().hex[:8]}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT {connections}"))
        connection.execute(text(f"ALTER DATABASE {url.database} OWNER TO {name}"))
    engine.dispose()
    yield url.set(username=name).render_as_string(hide_password=False)


def test_who_gets_no_connection_waits_for_one_and_is_told(postgres: Server) -> None:
    with clerk(postgres, 1) as url:
        holder, database = Database(url), Database(url)
        held = holder.engine.connect()

        ways: list[Callable[[Database], Any]] = [*WAYS, lambda it: it.read(hiring)]
        for way in ways:
            with pytest.raises(DatabaseAway, match=outages.NO_CONNECTIONS):
                asyncio.run(way(database))
        held.close()
        holder.close()
        assert asyncio.run(database.read(lambda session: session.execute(text("SELECT 7")).scalar_one())) == 7
        database.close()


def test_a_server_that_is_not_there_fails_a_group_at_once() -> None:
    """Whoever asked decides how long to wait: the thread that serves all others must not."""
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")

    async def many() -> list[BaseException]:
        return await asyncio.gather(*(database.run_batched(hiring_all, n) for n in range(70)), return_exceptions=True)

    assert {str(error) for error in asyncio.run(asyncio.wait_for(many(), SECONDS))} == {outages.UNREACHABLE}
    database.close()


def test_what_no_waiting_mends_rises_as_it_is(promoted: Database, database: Database) -> None:
    for one in (promoted, database):
        with pytest.raises(Exception, match="nowhere") as error:
            asyncio.run(one.run(lambda session: session.execute(text("SELECT * FROM nowhere"))))
        assert not isinstance(error.value, DatabaseAway)


def test_due_jobs_wait_for_the_server_and_that_is_no_attempt_of_theirs(standby: Standby, promoted: Database) -> None:
    jobs, ran = Jobs(), []

    @jobs.on("tea")
    def tea(session: Session, job: Job, *, now: Any) -> None:
        ran.append(hiring(session))

    talk = Talk(promoted, ROUTER, jobs, at=MONDAY)
    promoted.run_here(lambda session: at(session, MONDAY, "tea", {}, key="tea"))
    scheduler = Scheduler(promoted, jobs, talk.clock)
    standby.demote()
    for _ in range(7):
        with pytest.raises(DatabaseAway):
            asyncio.run(scheduler.tick())
    standby.promote()

    assert asyncio.run(scheduler.tick()) == 1
    assert set(ran[-1:]) == emails(promoted)


class Home:
    """A whole app on a database, and what it is asked by those who watch over it."""

    def __init__(self, url: str) -> None:
        settings = Settings(database_url=url, secret_key=SecretStr("s" * 32))
        self.app = App(settings, database=Database(url))

    async def ready(self) -> tuple[int, list[str]]:
        transport = httpx.ASGITransport(self.app.asgi())
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            response = await client.get("/readyz")
        return response.status_code, response.json()["reasons"]


def test_readyz_says_that_nothing_can_be_written_and_when_it_can_again(standby: Standby) -> None:
    home = Home(standby.url)

    async def look() -> list[tuple[int, list[str]]]:
        before = await home.ready()
        standby.demote()
        meanwhile = await home.ready()
        standby.promote()
        return [before, meanwhile, await home.ready()]

    assert asyncio.run(look()) == [(200, []), (503, [f"database: {outages.READ_ONLY}"]), (200, [])]
    home.app.database.close()


def test_an_app_that_began_on_a_standby_sends_what_is_due_once_that_is_promoted(standby: Standby) -> None:
    app = Home(standby.url).app

    def told(session: Session) -> None:
        ada = hire(session, "Ada Roy")
        ensure_web_account(session, ada)
        tell(session, ada, Card("Hello"), key="hello", now=app.clock.now(), platform="web")

    def states(session: Session) -> set[str]:
        return set(session.exec(select(Message.state).where(Message.key == "hello")))

    async def work() -> None:
        await app.database.run(told)
        standby.demote()
        async with app.running():
            await asyncio.sleep(0.5)
            assert await app.database.read(states) == {State.QUEUED}
            standby.promote()
            while await app.database.read(states) != {State.SENT}:  # noqa: ASYNC110  # the app does it by itself
                await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(work(), SECONDS))
    app.database.close()


@contextmanager
def full(database: Database) -> Iterator[None]:
    """SQLite answers as on a full disk; what is there can be read."""
    with database.session() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()

    def limit(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    def lift(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1000000")

    event.listen(database.engine, "checkout", limit)
    yield
    event.remove(database.engine, "checkout", limit)
    event.listen(database.engine, "checkout", lift)


def test_on_a_full_disk_words_are_refused_whole_and_taken_once_there_is_room(database: Database) -> None:
    ada = database.run_here(lambda session: hire(session, "Ada Roy"))
    talk = Talk(database, ROUTER, Jobs(), at=MONDAY)
    turn = Command(sender=Sender("chat", ada.email), id="t", name="note", text="Milk" * 20_000)

    with full(database):
        refused = asyncio.run(talk.dispatch.receive(turn))
        assert "Milk" not in str(database.run_here(lambda session: session.exec(select(Person.name)).all()))
    taken = asyncio.run(talk.dispatch.receive(turn))

    assert isinstance(refused, Say)
    assert refused.unsaved
    assert isinstance(taken, Say)
    assert taken.card.title.startswith("Written: Milk")


def test_what_could_not_be_recorded_is_not_sent(database: Database) -> None:
    talk = Talk(database, ROUTER, Jobs(), at=MONDAY)

    def told(session: Session) -> None:
        tell(session, hire(session, "Ada Roy"), Card("Hello"), key="hello", now=MONDAY)

    database.run_here(told)

    def no_room(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("SELECT"):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise OperationalError(statement, None, error)

    event.listen(database.engine, "before_cursor_execute", no_room)
    for _ in range(3):
        with pytest.raises(DatabaseAway, match=outages.FULL):
            asyncio.run(talk.sender.round())
    assert talk.chat.delivered == []
    event.remove(database.engine, "before_cursor_execute", no_room)

    asyncio.run(talk.sender.round())
    asyncio.run(talk.sender.round())
    assert [outgoing.key for outgoing in talk.chat.delivered] == ["hello"]


@pytest.mark.parametrize(
    ("spelled", "hosts", "arguments"),
    [
        ("postgresql://u:p@one:5432,two:5433/x", "one,two", {"port": "5432,5433", "user": "u", "dbname": "x"}),
        ("postgres://one,two/x?sslmode=require", "one,two", {"sslmode": "require", "dbname": "x"}),
        ("postgresql+psycopg:///x?host=one:1&host=two:2", "one,two", {"port": "1,2"}),
    ],
)
def test_several_hosts_are_named_as_libpq_and_sqlalchemy_name_them(
    spelled: str, hosts: str, arguments: dict[str, str]
) -> None:
    address = parsed(spelled)

    _, known = address.get_dialect()().create_connect_args(address)

    assert known["host"] == hosts
    assert arguments.items() <= known.items()
    assert server_arguments(address)["target_session_attrs"] == "read-write"
    assert "target_session_attrs" not in server_arguments(parsed("postgresql://one/x"))
    assert "target_session_attrs" not in server_arguments(parsed(f"{address}&target_session_attrs=any"))


def test_of_several_hosts_one_that_is_there_and_takes_changes_is_used(postgres: Server) -> None:
    there = make_url(postgres.new_database())
    both = there.set(query={"host": ("/nowhere", str(there.query["host"]))})
    idle = both.update_query_dict({"options": "-c default_transaction_read_only=on"})
    database, standbys = (Database(url.render_as_string(hide_password=False)) for url in (both, idle))

    assert asyncio.run(database.read(lambda session: session.execute(text("SELECT 7")).scalar_one())) == 7
    with pytest.raises(DatabaseAway, match="read-only"):
        asyncio.run(standbys.read(lambda session: session.execute(text("SELECT 7")).scalar_one()))
    database.close()
    standbys.close()
