"""Outages: which errors of a database mean that it takes nothing at the moment, and why, in plain words.

Whoever meets one may try again: nothing of what was begun is there, unless the connection was lost during the commit.
"""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

UNREACHABLE = "not reachable; check DATABASE_URL and that the server runs"
READ_ONLY = "takes no changes at the moment (read-only); if it stays so, check which server DATABASE_URL names"
FULL = "its disk is full; make room"
NO_MEMORY = "out of memory"
NO_CONNECTIONS = "gives no more connections; allow it more, or run fewer processes"
COMING_OR_GOING = "starting or stopping"
CROWDED = "too many changes of the same at one moment"
BUSY = "another program has been writing to it for long"
UNREADABLE = "its file cannot be read or written; check the disk and the rights of its folder"

# https://www.postgresql.org/docs/current/errcodes-appendix.html
BY_STATE = {
    "25006": READ_ONLY,
    "40001": CROWDED,
    "40P01": CROWDED,
    "53100": FULL,
    "53200": NO_MEMORY,
    "53300": NO_CONNECTIONS,
    "57P01": COMING_OR_GOING,
    "57P02": COMING_OR_GOING,
    "57P03": COMING_OR_GOING,
}
# A connection in such a state is good for nothing more, nor are those that were made before it.
LOST_STATES = ("25006", "57P01", "57P02", "57P03")
# https://www.sqlite.org/rescode.html
BY_CODE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_READONLY: UNREADABLE,
    sqlite3.SQLITE_IOERR: UNREADABLE,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_CANTOPEN: UNREADABLE,
    sqlite3.SQLITE_NOMEM: NO_MEMORY,
}
# Who is refused a connection gets no code, only words: PostgreSQL's, libpq's, PgBouncer's.
BY_WORDS = (
    ("read-only", READ_ONLY),
    ("read only", READ_ONLY),
    ("too many", NO_CONNECTIONS),
    ("connection slots", NO_CONNECTIONS),
    ("no more connections", NO_CONNECTIONS),
    ("query_wait_timeout", NO_CONNECTIONS),
    ("starting up", COMING_OR_GOING),
    ("shutting down", COMING_OR_GOING),
    ("not accepting connections", COMING_OR_GOING),
    ("no space left", FULL),
)


def reason(error: SQLAlchemyError) -> str:
    """Why the database takes nothing at the moment; empty for errors that trying again does not mend."""
    if isinstance(error, PoolTimeout):
        return NO_CONNECTIONS
    if isinstance(error, DisconnectionError):
        return COMING_OR_GOING
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.OperationalError):
        return BY_CODE.get(_code(cause), "")
    if isinstance(cause, psycopg.Error):
        return _of_server(cause, is_lost=is_lost(error))
    return ""


def is_lost(error: BaseException) -> bool:
    """Whether the connection went with it."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_silent(error: BaseException) -> bool:
    """Whether the connection went without a word of the server's: one that says so has undone what was begun."""
    return is_lost(error) and isinstance(error, DBAPIError) and not getattr(error.orig, "sqlstate", None)


def is_locked(error: DBAPIError) -> bool:
    """Whether another program holds an embedded database."""
    return isinstance(error.orig, sqlite3.Error) and _code(error.orig) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def throw_away(context: ExceptionContext) -> None:
    """Have a connection thrown away that will take nothing more, and all that are as old: for an engine's errors."""
    if isinstance(context.original_exception, psycopg.Error) and context.original_exception.sqlstate in LOST_STATES:
        context.is_disconnect = True


def _of_server(cause: psycopg.Error, *, is_lost: bool) -> str:
    state = cause.sqlstate or ""
    if known := BY_STATE.get(state):
        return known
    if is_lost or state.startswith("08") or (isinstance(cause, psycopg.OperationalError) and not state):
        words = str(cause).lower()
        return next((why for sign, why in BY_WORDS if sign in words), UNREACHABLE)
    return ""


def _code(error: sqlite3.Error) -> int:
    """The primary result code; the driver itself raises errors that have none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
