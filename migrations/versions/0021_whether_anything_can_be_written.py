"""A row that is written to see whether anything can be

Revision: 0021
After: 0020
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "write_probe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filler", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # The first of many processes that look at the same moment would otherwise meet another's.
    op.execute("INSERT INTO write_probe (id, at, filler) VALUES (1, CURRENT_TIMESTAMP, '')")


def downgrade() -> None:
    op.drop_table("write_probe")
