"""Teams: where people and channels are reached, teams that have us, forms that are open there, how far directories are read

Revision: 0006
After: 0005
"""

import sqlalchemy as sa
from alembic import op

from workbot.storage.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "teams_conversation",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("target", sa.String(), primary_key=True),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("service_url", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("closed", sa.String(), nullable=False),
        sa.Column("heard_at", UtcDateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_teams_conversation_heard_at", "teams_conversation", ["tenant", "heard_at"])
    op.create_table(
        "teams_team",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("team", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("service_url", sa.String(), nullable=False),
    )
    op.create_table(
        "teams_form",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_teams_form_asked_at", "teams_form", ["asked_at"])
    op.create_table(
        "teams_memo",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_teams_memo_used_at", "teams_memo", ["used_at"])
    op.create_table(
        "teams_part",
        sa.Column("root", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("activity", sa.String(), nullable=False),
    )
    op.create_table(
        "teams_directory",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("compared_at", UtcDateTime(timezone=True)),
    )


def downgrade() -> None:
    for table in ("teams_directory", "teams_part", "teams_memo", "teams_form", "teams_team", "teams_conversation"):
        op.drop_table(table)
