"""Many rows by one statement: what goes in comes out the same, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    insert,
    select,
)
from sqlmodel import Session

from workbot.storage.bulk import JsonQuery, JsonRows
from workbot.storage.database import UtcDateTime

DATABASES = ("sqlite", "postgresql")
HOSTILE = 'Zoë said "no\\" {{x}} \u2028 \U0001f389 %s :rows ?'


# A table of every kind of column that the app has, apart from the app's own.
TABLE = Table(
    "bulk_thing",
    MetaData(),
    Column("id", Uuid(), primary_key=True),
    Column("number", Integer()),
    Column("share", Float()),
    Column("is_good", Boolean()),
    Column("order", String()),
    Column("at", UtcDateTime()),
    Column("detail", JSON(none_as_null=True)),
)
NEW = JsonRows(**{column.name: column.type for column in TABLE.c})
WRITE = insert(TABLE).from_select(list(TABLE.c), select(*NEW.c))
PLAIN = [column for column in TABLE.c if column.name != "share"]
BY_NUMBER = JsonQuery(select(*PLAIN).where(TABLE.c.number.in_(bindparam("numbers", expanding=True))))
LARGER = select(TABLE.c.id, TABLE.c.number).where(TABLE.c.number > bindparam("least"))
IN_ORDER = JsonQuery(LARGER.order_by(TABLE.c.number), order=("number",))


def thing(number: int, **more: Any) -> dict[str, Any]:
    usual = {"id": uuid4(), "share": 0.1 + 0.2, "is_good": number % 2 == 0, "order": HOSTILE, "at": None}
    return usual | {"number": number, "detail": {"words": HOSTILE, "list": [1, None, True]}} | more


@pytest.fixture
def connection(session: Session) -> Connection:
    TABLE.create(session.connection())
    return session.connection()


def test_what_is_written_together_is_read_as_it_was(session: Session, connection: Connection) -> None:
    moment = datetime(2026, 11, 23, 14, 30, 1, 123456, tzinfo=UTC)
    rows = [thing(1, at=moment), thing(2, detail=None)]
    kept = [dict(row) for row in rows]

    connection.execute(WRITE, NEW.rows(session, rows))

    assert [dict(row) for row in connection.execute(select(TABLE).order_by(TABLE.c.number)).mappings()] == kept


def test_many_are_asked_for_as_the_types_say(session: Session, connection: Connection) -> None:
    moment = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    made = {number: thing(number, at=moment) for number in (1, 2, 3)}
    connection.execute(insert(TABLE), list(made.values()))

    found = BY_NUMBER.ask(session, {"numbers": [1, 3]})

    assert {row.number: row.id for row in found} == {number: made[number]["id"] for number in (1, 3)}
    assert {(row.at, row.order, row.is_good) for row in found} == {(moment, HOSTILE, False)}


def test_many_come_in_their_order(session: Session, connection: Connection) -> None:
    connection.execute(insert(TABLE), [thing(number) for number in (30, 4, 100, 21)])

    assert [row.number for row in IN_ORDER.ask(session, {"least": 4})] == [21, 30, 100]
    assert list(IN_ORDER.ask(session, {"least": 1000})) == []


def test_fractions_are_refused_rather_than_rounded() -> None:
    with pytest.raises(TypeError, match="round"):
        JsonQuery(select(TABLE.c.share))
