"""Writing many rows, each in its own way, and asking for many, by one statement.

A server plans and answers once; and a thread that uses an embedded database hands Python over to others at
every row that it steps through, and waits to get it back.
"""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    ColumnClause,
    ColumnElement,
    Float,
    FromClause,
    Select,
    String,
    Uuid,
    bindparam,
    column,
    func,
    select,
    type_coerce,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine
from sqlmodel import Session

Writer = Callable[[Any], Any]
Reader = Callable[[Any], Any]


class JsonRows:
    """Rows of some columns that come as the parameter `rows`, to join a table with."""

    def __init__(self, **columns: TypeEngine[Any]) -> None:
        named: list[ColumnClause[Any]] = [column(name, kind) for name, kind in columns.items()]
        self.table: FromClause = _Rows(bindparam("rows", type_=String), *named).table_valued(*named, name="given")
        self.c = self.table.c
        self._kinds = columns
        # How values of some columns are written, by dialect.
        self._writers: dict[str, dict[str, Writer]] = {}

    def rows(self, session: Session, rows: Sequence[dict[str, Any]]) -> dict[str, str]:
        """The parameter, for a statement that this session executes; the rows are used up."""
        dialect = session.get_bind().dialect
        if dialect.name not in self._writers:
            self._writers[dialect.name] = self._written_by(dialect)
        for name, write in self._writers[dialect.name].items():
            for row in rows:
                if (value := row[name]) is not None:
                    row[name] = write(value)
        return {"rows": json.dumps(rows, ensure_ascii=False, default=str)}

    def _written_by(self, dialect: Dialect) -> dict[str, Writer]:
        """How the database writes a value, where JSON does not do; what is JSON already stays it."""
        kinds = {name: kind.dialect_impl(dialect) for name, kind in self._kinds.items() if not isinstance(kind, JSON)}
        processors = {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
        return {name: write for name, write in processors.items() if write}


class JsonQuery:
    """A question for many rows of plain columns.

    An embedded database answers it by one row that holds them all. `order` names the columns that the statement
    orders them by: an aggregate need not keep that. Raises TypeError for fractions, which lose digits on the way.
    """

    def __init__(self, statement: Select[Any], *, order: Sequence[str] = ()) -> None:
        self.statement = statement
        asked = statement.subquery("asked")
        self._names = [column.name for column in asked.c]
        self._whole = select(func.json_group_array(func.json_array(*(type_coerce(c, NullType) for c in asked.c))))
        self._kinds = [column.type for column in asked.c]
        if any(isinstance(kind, Float) for kind in self._kinds):
            raise TypeError("an embedded database would round a fraction")
        self._order = [self._names.index(name) for name in order]
        self._row: Any = namedtuple("Row", self._names)  # type: ignore[misc]  # known at run time
        self._readers: list[tuple[int, Reader]] | None = None

    def ask(self, session: Session, values: Mapping[str, Any]) -> Sequence[Any]:
        """The rows, whose columns are their attributes."""
        connection = session.connection()
        if connection.dialect.name != "sqlite":
            return connection.execute(self.statement, values).all()
        rows: list[list[Any]] = json.loads(connection.execute(self._whole, values).scalar_one())
        if self._order:
            rows.sort(key=itemgetter(*self._order))
        if self._readers is None:
            self._readers = list(self._read_by(connection.dialect))
        for place, read in self._readers:
            for row in rows:
                if (value := row[place]) is not None:
                    row[place] = read(value)
        return [self._row._make(row) for row in rows]

    def _read_by(self, dialect: Dialect) -> Iterator[tuple[int, Reader]]:
        """How what JSON says of a column is read, where it is not the value itself."""
        for place, kind in enumerate(self._kinds):
            own = kind.dialect_impl(dialect)
            read = _uuid if isinstance(kind, Uuid) else own.result_processor(dialect, None)
            if read:
                yield place, read


@lru_cache(maxsize=8192)
def _uuid(text: str) -> UUID:
    """The same keys are met again and again."""
    return UUID(text)


def is_new(key: Column[Any], value: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether no row has a value in a column of unique keys.

    A subquery for each value: joined, a planner that knows little of a table that has just grown would go through it.
    """
    other = key.table.alias()
    there = other.c[key.name]
    return select(there).where(there == value).scalar_subquery().is_(None)


class _Rows(FunctionElement[Any]):
    """The objects of a JSON list as rows: the list, then their members that are columns."""

    inherit_cache = True


@compiles(_Rows)
def _rows(rows: _Rows, compiler: SQLCompiler, **how: Any) -> str:
    given, *members = rows.clauses
    kinds = compiler.dialect.type_compiler_instance
    columns = [f"{compiler.preparer.quote(member.name)} {kinds.process(member.type)}" for member in members]
    items = f"json_to_recordset(CAST({compiler.process(given, **how)} AS json))"
    return f"(SELECT * FROM {items} AS item({', '.join(columns)}))"  # noqa: S608  # nothing of it comes from outside


@compiles(_Rows, "sqlite")
def _rows_on_sqlite(rows: _Rows, compiler: SQLCompiler, **how: Any) -> str:
    # What JSON says is of the right type already; a cast to DATETIME would make a number of it.
    given, *members = rows.clauses
    quote = compiler.preparer.quote
    columns = ", ".join(f"json_extract(value, '$.{member.name}') AS {quote(member.name)}" for member in members)
    return f"(SELECT {columns} FROM json_each({compiler.process(given, **how)}))"  # noqa: S608  # nor here
