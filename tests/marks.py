"""Words that can be found again: whether anyone who has the database can read them where nothing is to be read."""

from __future__ import annotations

from sqlalchemy import inspect, text

from workbot.storage.database import Database

MARK = "Wolkenbruch"
# Where words wait only so that what comes again gets the same answer.
KEPT = ("taken_turn", "kept_form", "long_value", "message_part")


def legible(database: Database, mark: str = MARK) -> list[str]:
    """The rows of such tables that show a mark, whatever the column."""
    found = []
    with database.engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        for table in there.intersection(KEPT):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            found += [f"{table}: {row}" for row in rows if mark.lower() in repr(tuple(row)).lower()]
    return found


def rows(database: Database, table: str) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
