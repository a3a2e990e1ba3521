"""What happened is kept

Revision: 0025
After: 0024
"""

import sqlalchemy as sa
from alembic import op

from workbot.storage.database import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("trace", sa.String(), nullable=False),
    )
    op.create_index("event_subject", "event", ["subject"])
    op.create_index("event_at", "event", ["at"])


def downgrade() -> None:
    op.drop_table("event")
