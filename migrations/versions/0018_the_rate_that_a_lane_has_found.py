"""A lane keeps what refusals have taught it of the rate that is allowed; those that crept begin anew

Revision: 0018
After: 0017
"""

import sqlalchemy as sa
from alembic import op

from workbot.storage.database import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pace", sa.Column("updates_paused_until", UtcDateTime(timezone=True), nullable=True))
    op.add_column("pace", sa.Column("found", sa.JSON(none_as_null=True), nullable=True))
    op.execute("UPDATE pace SET slowness = 1")


def downgrade() -> None:
    op.drop_column("pace", "found")
    op.drop_column("pace", "updates_paused_until")
