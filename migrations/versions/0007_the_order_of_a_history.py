"""A request's history is found in its order

Revision: 0007
After: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("request_entry_order", "request_entry", ["request_id", "position"])
    op.drop_index("ix_request_entry_request_id", "request_entry")


def downgrade() -> None:
    op.create_index("ix_request_entry_request_id", "request_entry", ["request_id"])
    op.drop_index("request_entry_order", "request_entry")
