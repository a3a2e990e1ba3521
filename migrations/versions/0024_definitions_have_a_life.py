"""Versions know where they come from and whether they are published; what runs stays on

Revision: 0024
After: 0023
"""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from workbot.storage.database import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NEW = {"origin": "shipped", "state": "published", "file_digest": "", "release": ""}
VERSIONS = sa.table("definition_version", sa.column("kind"), sa.column("name"))


def upgrade() -> None:
    # Added in place: what runs refers to the table. The next start sees which of them are the organisation's own.
    for name, value in NEW.items():
        op.add_column("definition_version", sa.Column(name, sa.String(), nullable=False, server_default=sa.text(f"'{value}'")))
    op.add_column("definition_version", sa.Column("author_id", sa.Uuid(), nullable=True))
    switch = op.create_table(
        "definition_switch",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("turned_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.UniqueConstraint("kind", "name"),
    )
    names = op.get_bind().execute(sa.select(VERSIONS.c.kind, VERSIONS.c.name).distinct()).all()
    now = datetime.now(UTC)
    if names:
        rows = [{"id": uuid4(), "kind": kind, "name": name, "is_on": True, "turned_at": now} for kind, name in names]
        op.bulk_insert(switch, rows)


def downgrade() -> None:
    op.drop_table("definition_switch")
    for column in ("author_id", *NEW):
        op.drop_column("definition_version", column)
