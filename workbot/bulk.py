"""Writing or asking for many rows, each in its own way, by one statement.

A server plans and answers once; and a thread that uses an embedded database hands Python over to others at
every row that it steps through, and waits to get it back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import JSON, ColumnElement, FromClause, String, bindparam, literal_column
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine
from sqlmodel import Session

Writer = Callable[[Any], Any]


class Given:
    """Rows that come as the parameter `rows`, to join a table with."""

    def __init__(self) -> None:
        self.table: FromClause = _Items(bindparam("rows", type_=String)).table_valued("value", name="given")
        self._kinds: dict[str, TypeEngine[Any]] = {}
        # How values of some members are written, by dialect; the statement is whole before it is first used.
        self._writers: dict[str, dict[str, Writer]] = {}

    def column(self, name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
        """A member of the rows, which may be null."""
        self._kinds[name] = kind
        return _Member(self.table.c.value, literal_column(name), kind)

    def rows(self, session: Session, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """The parameter, for a statement that this session executes."""
        dialect = session.get_bind().dialect
        if dialect.name not in self._writers:
            self._writers[dialect.name] = self._written_by(dialect)
        writers = self._writers[dialect.name]
        written = [
            {**row, **{name: write(row[name]) for name, write in writers.items() if row[name] is not None}}
            for row in rows
        ]
        return {"rows": json.dumps(written, ensure_ascii=False, default=str)}

    def _written_by(self, dialect: Dialect) -> dict[str, Writer]:
        """How the database writes a value, where JSON does not do; what is JSON already stays it."""
        kinds = {name: kind.dialect_impl(dialect) for name, kind in self._kinds.items() if not isinstance(kind, JSON)}
        processors = {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
        return {name: write for name, write in processors.items() if write}


class _Items(FunctionElement[Any]):
    """The items of a JSON list, a row each."""

    inherit_cache = True


class _Member(FunctionElement[Any]):
    """A member of a JSON object, as a value of a type."""

    inherit_cache = True

    def __init__(self, row: ColumnElement[Any], name: ColumnElement[Any], kind: TypeEngine[Any]) -> None:
        super().__init__(row, name)
        self.type = kind


@compiles(_Items)
def _items(items: _Items, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(items.clauses, **how)} AS json))"


@compiles(_Items, "sqlite")
def _items_on_sqlite(items: _Items, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_each({compiler.process(items.clauses, **how)})"


@compiles(_Member)
def _member(member: _Member, compiler: SQLCompiler, **how: Any) -> str:
    row, name = (compiler.process(part, **how) for part in member.clauses)
    return f"CAST(({row} ->> '{name}') AS {compiler.dialect.type_compiler_instance.process(member.type)})"


@compiles(_Member, "sqlite")
def _member_on_sqlite(member: _Member, compiler: SQLCompiler, **how: Any) -> str:
    # What JSON says is of the right type already; a cast to DATETIME would make a number of it.
    row, name = (compiler.process(part, **how) for part in member.clauses)
    return f"json_extract({row}, '$.{name}')"
