"""Engines: SQLite and PostgreSQL as the app reaches them, also through a pooler such as PgBouncer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from workbot.errors import WorkbotError
from workbot.storage import outages

# How many connections of a server are kept, and how many more there may be.
CONNECTIONS = 8
BUSY_SECONDS = 15
# A server that does not answer is no server: for a new connection, for one in use, and for one of the pool's.
REACHING = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
POOL_SECONDS = 5.0
# Where a connection keeps how many statements it has seen, and that a pooler stands in front of its server.
STATEMENTS, POOLED = "workbot statements", "workbot pooled"
DRIVERS = ("postgresql+psycopg", "sqlite", "sqlite+pysqlite")
_HOSTS = re.compile(r"^(?P<scheme>[^:/]+)://(?:(?P<user>[^/]*)@)?(?P<hosts>[^/?@]*,[^/?@]*)(?P<rest>.*)$", re.DOTALL)


def normal_url(url: str) -> str:
    """Accept the usual spellings of a PostgreSQL address, several hosts included; the driver is psycopg 3."""
    for spelling in ("postgres://", "postgresql://"):
        if url.startswith(spelling):
            return _with_hosts("postgresql+psycopg://" + url.removeprefix(spelling))
    return url


def parsed(url: str) -> URL:
    """An address in its parts; raises WorkbotError when it is none of a database that we know."""
    try:
        found = make_url(normal_url(url.strip()))
        # What a driver would stumble over later: ports that are none, and what it is told in no way it knows.
        if found.drivername == DRIVERS[0]:
            found.get_dialect()().create_connect_args(found)
    except (ArgumentError, ImportError, ValueError, TypeError) as error:
        raise _not_understood() from error
    # SQLite's driver does as if it had not heard what it does not know.
    unheard = found.drivername != DRIVERS[0] and found.query and not (found.database or "").startswith("file:")
    if found.drivername not in DRIVERS or "\0" in url or unheard:
        raise _not_understood()
    return found


def listening_address(url: str) -> URL:
    """The address of the server itself; raises WorkbotError when it is not PostgreSQL's."""
    try:
        found = parsed(url)
    except WorkbotError as error:
        raise _not_listening() from error
    if found.get_backend_name() != "postgresql":
        raise _not_listening()
    return found


def _not_understood() -> WorkbotError:
    return WorkbotError("DATABASE_URL is not understood; write postgresql://user:password@host/name or sqlite:///file.")


def _not_listening() -> WorkbotError:
    return WorkbotError("DATABASE_LISTEN_URL is not understood; write postgresql://user:password@host/name.")


def server_arguments(url: URL) -> dict[str, Any]:
    """What psycopg is told about a server; of several hosts, the one that takes changes."""
    wanted: dict[str, Any] = dict(REACHING)
    hosts = url.normalized_query.get("host", ())
    if len(hosts) > 1 or any("," in host for host in hosts):
        wanted["target_session_attrs"] = "read-write"
    return {name: value for name, value in wanted.items() if name not in url.query}


def make_engine(url: str, *, patience: str = "") -> Engine:
    """An engine as the app uses it; on SQLite with its locks and pragmas.

    `patience` is how long a server's statements wait for a lock, as PostgreSQL writes it; for ever, unless told.
    Raises WorkbotError when the address is not understood.
    """
    address = parsed(url)
    is_embedded = address.get_backend_name() == "sqlite"
    try:
        engine = _sqlite(address) if is_embedded else _postgresql(address, patience)
    except (ArgumentError, ValueError, TypeError) as error:
        raise _not_understood() from error
    event.listen(engine, "before_cursor_execute", _count)
    return engine


def is_pooled(connection: Connection) -> bool:
    """Whether a pooler stands between us and the server: what is set for a session there, others would inherit."""
    return bool(connection.info.get(POOLED))


def _with_hosts(url: str) -> str:
    """`host1:5432,host2:5432` as SQLAlchemy wants it: hosts with their ports as parameters."""
    if not (found := _HOSTS.match(url)):
        return url
    path, _, query = found["rest"].partition("?")
    hosts = "&".join([f"host={host}" for host in found["hosts"].split(",")] + ([query] if query else []))
    user = f"{found['user']}@" if found["user"] else ""
    return f"{found['scheme']}://{user}{path or '/'}?{hosts}"


def _postgresql(url: URL, patience: str) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=CONNECTIONS,
        max_overflow=CONNECTIONS,
        pool_timeout=POOL_SECONDS,
        pool_use_lifo=True,
        connect_args=server_arguments(url),
    )
    event.listen(engine, "connect", _Greeting(patience))
    if patience:
        event.listen(engine, "begin", _Patience(patience))
    event.listen(engine, "checkout", lambda connection, _record, _proxy: see_alive(connection))
    event.listen(engine, "handle_error", outages.throw_away)
    return engine


class _Greeting:
    """What is settled with a server when a connection is made.

    A pooler hands each transaction to another of the server's processes: there, statements that were prepared in one
    are not known, or are others', and settings of a session would be left to strangers.
    """

    def __init__(self, patience: str) -> None:
        self.patience = patience

    def __call__(self, connection: psycopg.Connection[Any], record: Any) -> None:
        try:
            self._settle(connection, record)
        except psycopg.Error:
            connection.close()
            raise

    def _settle(self, connection: psycopg.Connection[Any], record: Any) -> None:
        connection.autocommit = True
        (process,) = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone() or (0,)
        # The server's own process would be the one that the connection was promised.
        record.info[POOLED] = process != connection.info.backend_pid
        if record.info[POOLED]:
            connection.prepare_threshold = None
        elif self.patience:
            connection.execute("SELECT set_config('lock_timeout', %s, false)", [self.patience], prepare=False)
        connection.autocommit = False


class _Patience:
    """How long statements wait for a lock, said in each transaction where it cannot be said once."""

    def __init__(self, patience: str) -> None:
        self.statement = text("SELECT set_config('lock_timeout', :patience, true)").bindparams(patience=patience)

    def __call__(self, connection: Connection) -> None:
        if is_pooled(connection):
            connection.execute(self.statement)


def _sqlite(url: URL) -> Engine:
    if file := url.database:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def see_alive(connection: Any) -> None:
    """Raise DisconnectionError for a connection that the server has ended: a pool makes another for it.

    What it said last is read, and nothing is asked. Asking on every use, as pools do it, would cost a round trip.
    """
    try:
        # The first reads a farewell, if there is one; the second finds that nothing will follow.
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()
    except psycopg.OperationalError as error:
        raise DisconnectionError from error


def _count(
    connection: Connection, _cursor: object, statement: str, _values: object, _context: object, _many: object
) -> None:
    """Count what may change something: whatever does not begin as a question."""
    if not statement.startswith("SELECT"):
        info = connection.info
        info[STATEMENTS] = info.get(STATEMENTS, 0) + 1


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: we say BEGIN IMMEDIATE, below.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "cache_size=-32768"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that will write takes the lock at once: upgrading later can fail without waiting.
    reading = connection.get_execution_options().get("workbot_read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
