"""What waits is found by its lane; it had an index by its time besides, which every message paid for

Revision: 0008
After: 0007
"""

from alembic import op
from sqlalchemy import text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
QUEUED = text("state = 'queued'")


def upgrade() -> None:
    op.drop_index("message_waiting", "message")


def downgrade() -> None:
    op.create_index("message_waiting", "message", ["due_at"], sqlite_where=QUEUED, postgresql_where=QUEUED)
