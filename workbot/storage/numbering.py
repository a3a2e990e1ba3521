"""Rows that are numbered within what they belong to, without a gap or a double whoever writes at the same moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Table, bindparam, func, insert, select
from sqlmodel import Session, SQLModel


class NumberedRows:
    """Writes rows of `table`, each with the next `position` among those of its `parent` (the names of their columns).

    One more than the highest is given once: the row of `owners` is held until the commit. The statements are built
    here, once, and without the cost of objects, since such rows come with everything that is done.
    """

    def __init__(
        self, table: type[SQLModel], owners: type[SQLModel], *, columns: Sequence[str], parent: str, position: str
    ) -> None:
        rows: Table = table.__table__  # type: ignore[attr-defined]
        held: Table = owners.__table__  # type: ignore[attr-defined]
        owner: BindParameter[UUID] = bindparam("owner")
        last = select(func.coalesce(func.max(rows.c[position]), 0)).where(rows.c[parent] == owner)
        self._hold = select(held.c.id).where(held.c.id == owner).with_for_update()
        values = {parent: owner, position: last.scalar_subquery() + 1} | {name: bindparam(name) for name in columns}
        self._add = insert(rows).values(values).returning(rows.c[position])

    def add(self, session: Session, owner: UUID, values: Mapping[str, Any]) -> int:
        """Write a row of a value for each of the columns; the position that it was given."""
        session.flush()
        connection = session.connection()
        connection.execute(self._hold, {"owner": owner})
        position: int = connection.execute(self._add, {**values, "owner": owner}).scalar_one()
        return position
