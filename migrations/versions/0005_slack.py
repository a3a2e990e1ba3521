"""Slack: workspaces, forms that are open there, uploads; accounts that a directory named; desks' channels elsewhere

Revision: 0005
After: 0004
"""

import sqlalchemy as sa
from alembic import op

from workbot.storage.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("account") as table:
        table.add_column(sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE account SET listed = true WHERE tenant = '' AND platform IN ('slack', 'teams')")
    with op.batch_alter_table("place") as table:
        table.add_column(sa.Column("private", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("closed", sa.String(), nullable=False, server_default=sa.text("''")))
        table.add_column(sa.Column("channels", sa.JSON()))
        table.add_column(sa.Column("emoji", sa.String(), nullable=False, server_default=sa.text("''")))
    op.execute("UPDATE place SET channels = '{}'")
    with op.batch_alter_table("place") as table:
        table.alter_column("channels", existing_type=sa.JSON(), nullable=False)
    with op.batch_alter_table("request") as table:
        table.add_column(sa.Column("quoted", sa.String(), nullable=False, server_default=sa.text("''")))
        table.add_column(sa.Column("quoted_author", sa.String(), nullable=False, server_default=sa.text("''")))
        table.add_column(sa.Column("quoted_link", sa.String(), nullable=False, server_default=sa.text("''")))
        table.create_index("ix_request_quoted_link", ["quoted_link"])

    op.create_table(
        "slack_workspace",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("is_enterprise", sa.Boolean(), nullable=False),
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("bot_user", sa.String(), nullable=False),
        sa.Column("bot_id", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("bot_token", sa.String(), nullable=False),
        sa.Column("refresh_token", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True)),
        sa.Column("renewing_until", UtcDateTime(timezone=True)),
        sa.Column("broken", sa.String(), nullable=False),
        sa.Column("compared_at", UtcDateTime(timezone=True)),
    )
    op.create_index("ix_slack_workspace_compared_at", "slack_workspace", ["compared_at"])
    op.create_table(
        "slack_state",
        sa.Column("state", sa.String(), primary_key=True),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_slack_state_expires_at", "slack_state", ["expires_at"])
    op.create_table(
        "slack_form",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("response_url", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_slack_form_asked_at", "slack_form", ["asked_at"])
    op.create_table(
        "slack_memo",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_slack_memo_used_at", "slack_memo", ["used_at"])
    op.create_table(
        "slack_part",
        sa.Column("root", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("ts", sa.String(), nullable=False),
    )
    op.create_table(
        "slack_file",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("file", sa.String(), primary_key=True),
        sa.Column("slack_id", sa.String(), nullable=False),
        sa.Column("permalink", sa.String(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    for table in ("slack_file", "slack_part", "slack_memo", "slack_form", "slack_state", "slack_workspace"):
        op.drop_table(table)
    with op.batch_alter_table("request") as batch:
        batch.drop_index("ix_request_quoted_link")
        for name in ("quoted", "quoted_author", "quoted_link"):
            batch.drop_column(name)
    with op.batch_alter_table("place") as batch:
        for name in ("private", "closed", "channels", "emoji"):
            batch.drop_column(name)
    with op.batch_alter_table("account") as batch:
        batch.drop_column("listed")
