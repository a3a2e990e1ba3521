"""Many rows by one statement: what goes in comes out the same, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import JSON, bindparam, insert, select
from sqlmodel import Field, Session, SQLModel, col

from workbot.bulk import Given, Question
from workbot.db import UtcDateTime

DATABASES = ("sqlite", "postgresql")
HOSTILE = 'Zoë said "no\\" {{x}} \u2028 \U0001f389 %s :rows ?'


class Thing(SQLModel, table=True):
    """A row of every kind of column that the house has."""

    __tablename__ = "bulk_thing"

    id: UUID = Field(primary_key=True)
    number: int
    share: float
    is_good: bool
    order: str
    at: datetime | None = Field(sa_type=UtcDateTime)
    detail: dict[str, Any] | None = Field(sa_type=JSON)


TABLE = Thing.__table__  # type: ignore[attr-defined]
NEW = Given(**{column.name: column.type for column in TABLE.c})
WRITE = insert(TABLE).from_select(list(TABLE.c), select(*NEW.c))
PLAIN = [column for column in TABLE.c if column.name != "share"]
BY_NUMBER = Question(select(*PLAIN).where(TABLE.c.number.in_(bindparam("numbers", expanding=True))))
LARGER = select(TABLE.c.id, TABLE.c.number).where(TABLE.c.number > bindparam("least"))
IN_ORDER = Question(LARGER.order_by(TABLE.c.number), order=("number",))


def thing(number: int, **more: Any) -> dict[str, Any]:
    usual = {"id": uuid4(), "share": 0.1 + 0.2, "is_good": number % 2 == 0, "order": HOSTILE, "at": None}
    return usual | {"number": number, "detail": {"words": HOSTILE, "list": [1, None, True]}} | more


def test_what_is_written_together_is_read_the_same_as_what_objects_write(session: Session) -> None:
    moment = datetime(2026, 11, 23, 14, 30, 1, 123456, tzinfo=UTC)
    rows = [thing(1, at=moment), thing(2, detail=None)]
    kept = [dict(row) for row in rows]

    session.connection().execute(WRITE, NEW.rows(session, rows))

    found = session.exec(select(Thing).order_by(col(Thing.number))).scalars().all()
    assert [one.model_dump() for one in found] == kept


def test_many_are_asked_for_as_the_types_say(session: Session) -> None:
    moment = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    session.add_all(Thing.model_validate(thing(number, at=moment)) for number in (1, 2, 3))
    session.flush()

    found = BY_NUMBER.ask(session, {"numbers": [1, 3]})

    assert {row.number for row in found} == {1, 3}
    for row in found:
        assert (row.at, row.order, row.is_good) == (moment, HOSTILE, False)
        assert session.get_one(Thing, row.id).number == row.number


def test_many_come_in_their_order(session: Session) -> None:
    session.add_all(Thing.model_validate(thing(number)) for number in (30, 4, 100, 21))
    session.flush()

    assert [row.number for row in IN_ORDER.ask(session, {"least": 4})] == [21, 30, 100]
    assert list(IN_ORDER.ask(session, {"least": 1000})) == []


def test_fractions_are_refused_rather_than_rounded() -> None:
    with pytest.raises(TypeError, match="round"):
        Question(select(TABLE.c.share))
