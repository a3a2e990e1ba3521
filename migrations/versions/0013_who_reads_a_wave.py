"""A wave knows who may read its results: waves that there are keep those who were promised

Revision: 0013
After: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WAVES = sa.table("wave", sa.column("id", sa.Uuid()), sa.column("definition_id", sa.Uuid()), sa.column("readers", sa.String()))
VERSIONS = sa.table("definition_version", sa.column("id", sa.Uuid()), sa.column("content", sa.JSON()))


def upgrade() -> None:
    with op.batch_alter_table("wave") as table:
        table.add_column(sa.Column("readers", sa.String(), nullable=False, server_default=sa.text("''")))
    _keep_what_was_promised(op.get_bind())


def downgrade() -> None:
    with op.batch_alter_table("wave") as table:
        table.drop_column("readers")


def _keep_what_was_promised(connection: sa.Connection) -> None:
    """Until now the roles stood only in the definition that each wave was launched with, and in its promise."""
    pinned = sa.select(VERSIONS).where(VERSIONS.c.id.in_(sa.select(WAVES.c.definition_id)))
    for row in connection.execute(pinned).all():
        roles = row.content.get("report", {}).get("roles", ["hr"])
        of_this = sa.update(WAVES).where(WAVES.c.definition_id == row.id)
        connection.execute(of_this.values(readers=" ".join(dict.fromkeys(roles))))
