"""What was kept of replies and of long values could be read: it goes

Revision: 0022
After: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A turn of the last two days that comes again changes nothing still, and is answered by nothing.
    op.execute("UPDATE taken_turn SET reply = NULL WHERE reply IS NOT NULL")
    # Forms are two days old at most, and then gone by themselves.
    op.execute("DELETE FROM slack_memo")
    op.execute("DELETE FROM teams_memo")


def downgrade() -> None:
    op.execute("UPDATE taken_turn SET reply = NULL WHERE reply IS NOT NULL")
    op.execute("DELETE FROM slack_memo")
    op.execute("DELETE FROM teams_memo")
    # What was closed cannot be read by what was before.
    op.execute("DELETE FROM slack_form")
    op.execute("DELETE FROM teams_form")
