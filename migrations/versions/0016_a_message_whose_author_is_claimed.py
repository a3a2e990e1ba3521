"""Of a message that began a request it is known whose word for its author is all there is

Revision: 0016
After: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request", sa.Column("quoted_claimed_by", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("request") as table:
        table.drop_column("quoted_claimed_by")
