"""Changing many rows, each in its own way, by one statement.

A server plans and answers once; and a thread that uses an embedded database hands Python over to others at
every row that it steps through, and waits to get it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, cast, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


def given(rows: Iterable[Mapping[str, object]]) -> str:
    """What to give for the parameter `rows` of a statement that joins `Given` rows."""
    return json.dumps(list(rows), ensure_ascii=False)


class Given:
    """Rows that come as the parameter `rows`, to join a table with."""

    def __init__(self) -> None:
        self._row = _Items(bindparam("rows", type_=String)).table_valued("value", name="given").c.value

    def column(self, name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
        return cast(_Member(self._row, literal_column(name)), kind)


class _Items(FunctionElement[Any]):
    """The items of a JSON list, a row each."""

    inherit_cache = True


class _Member(FunctionElement[Any]):
    """A member of a JSON object."""

    inherit_cache = True


@compiles(_Items)
def _items(items: _Items, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(items.clauses, **how)} AS json))"


@compiles(_Items, "sqlite")
def _items_on_sqlite(items: _Items, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_each({compiler.process(items.clauses, **how)})"


@compiles(_Member)
def _member(member: _Member, compiler: SQLCompiler, **how: Any) -> str:
    row, name = (compiler.process(part, **how) for part in member.clauses)
    return f"({row} ->> '{name}')"


@compiles(_Member, "sqlite")
def _member_on_sqlite(member: _Member, compiler: SQLCompiler, **how: Any) -> str:
    row, name = (compiler.process(part, **how) for part in member.clauses)
    return f"json_extract({row}, '$.{name}')"
