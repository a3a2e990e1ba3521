"""Conditions on people, as definitions write them: `location: North`, or any of several, `location: [North, South]`.

Every line that is given must hold. Case, accents and outer space do not matter, and a value that a person lacks is the
empty text. What holds is decided in Python for one person; for everyone the database is asked which spellings of a
value there are, and then for the people who have one that holds: so both say the same, whatever it knows of accents.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Set
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, RootModel
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement, Table, Text, and_, func, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session

from workbot.i18n import plain
from workbot.people.models import Person

# What a condition may name besides a person's free attributes.
OWN_COLUMNS = ("employment", "location", "title", "locale")
ABSENT = "null"
PEOPLE: Table = Person.__table__  # type: ignore[attr-defined]


def _some_texts(given: object) -> str | tuple[str, ...]:
    """One text or several, kept as they were written: the same file is then the same version."""
    if isinstance(given, str):
        return given
    if isinstance(given, list | tuple) and all(isinstance(value, str) for value in given):
        if not given:
            raise PydanticCustomError("condition", "list at least one value")
        return tuple(given)
    raise PydanticCustomError("condition", "give a text or a list of texts; numbers and dates want quotes")


Values = Annotated[str | tuple[str, ...], BeforeValidator(_some_texts)]


class Conditions(RootModel[dict[str, Values]]):
    """What people must have: one of the values of every name that is given. Without any, it is everyone."""

    model_config = ConfigDict(frozen=True)

    root: dict[str, Values] = Field(default_factory=dict)

    def wanted(self) -> dict[str, tuple[str, ...]]:
        """The values by name, as they were written."""
        return {name: (given,) if isinstance(given, str) else given for name, given in self.root.items()}

    def hold_for(self, person: Person) -> bool:
        """Whether they hold for one person."""
        return all(_holds(_value(person, name), values) for name, values in self._folded())

    def clause(self, session: Session) -> ColumnElement[bool]:
        """Whether they hold for a row of `person`; asks for the spellings of every value first."""
        return and_(true(), *(_clause(session, name, values) for name, values in self._folded()))

    def _folded(self) -> Iterator[tuple[str, Set[str]]]:
        for name, values in self.wanted().items():
            yield name, set(map(plain, values))


def _value(person: Person, name: str) -> Any:
    return getattr(person, name) if name in OWN_COLUMNS else person.attributes.get(name)


def _holds(value: Any, wanted: Set[str]) -> bool:
    """Whether a value is one of some folded texts; of a list, one of its items is enough."""
    if isinstance(value, list) and value:
        return any(_holds(item, wanted) for item in value)
    return ("" if value is None or value == [] else plain(str(value))) in wanted


def _clause(session: Session, name: str, wanted: Set[str]) -> ColumnElement[bool]:
    if name in OWN_COLUMNS:
        return _spelled(session, PEOPLE.c[name], str, wanted)
    # As JSON has it.
    attribute = func.coalesce(_Attribute(PEOPLE.c.attributes, name), ABSENT)
    return _spelled(session, attribute, json.loads, wanted)


def _spelled(
    session: Session, written: ColumnElement[str], read: Callable[[str], Any], wanted: Set[str]
) -> ColumnElement[bool]:
    """Whether what is written somewhere is one of the spellings there that hold."""
    spellings = session.scalars(select(written).distinct())
    return written.in_([spelled for spelled in spellings if _holds(read(spelled), wanted)])


class _Attribute(FunctionElement[str]):
    """The JSON text of one member of an object: which one, by a name in any letters and marks."""

    type = Text()
    inherit_cache = True


@compiles(_Attribute)
def _attribute_in_sql(attribute: _Attribute, compiler: SQLCompiler, **how: Any) -> str:
    given, name = (compiler.process(part, **how) for part in attribute.clauses)
    return f"CAST({given} -> CAST({name} AS text) AS text)"


@compiles(_Attribute, "sqlite")
def _attribute_on_sqlite(attribute: _Attribute, compiler: SQLCompiler, **how: Any) -> str:
    # Paths (`$."name"`) do not find names that JSON wrote with escapes.
    given, name = (compiler.process(part, **how) for part in attribute.clauses)
    text = "CASE WHEN type IN ('true', 'false') THEN type WHEN atom IS NULL THEN value ELSE json_quote(value) END"
    return f"(SELECT {text} FROM json_each({given}) WHERE key = {name})"  # noqa: S608  # bound
