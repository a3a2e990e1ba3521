"""What is sent from one showing of a form is taken once

Revision: 0009
After: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
SENT = sa.text("form <> ''")


def upgrade() -> None:
    for name in ("form", "sent_as"):
        op.add_column("taken_turn", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_index(
        "taken_turn_form",
        "taken_turn",
        ["platform", "tenant", "user", "form"],
        unique=True,
        sqlite_where=SENT,
        postgresql_where=SENT,
    )


def downgrade() -> None:
    op.drop_index("taken_turn_form", "taken_turn")
    with op.batch_alter_table("taken_turn") as table:
        for name in ("form", "sent_as"):
            table.drop_column(name)
