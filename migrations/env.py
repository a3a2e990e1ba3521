"""Alembic's entry: the models of every part, against the database it is given."""

from alembic import context
from sqlmodel import SQLModel

from migrations import models  # noqa: F401  # registers every table
from workbot.storage.database import advisory_lock
from workbot.storage.engines import make_engine

engine = make_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        version_table=context.config.attributes["version_table"],
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        advisory_lock(connection, "migrate")
        context.run_migrations()
engine.dispose()
