"""Accounts whose access has ended, and those that bear an address of ours without being linked

Revision: 0015
After: 0014
"""

import sqlalchemy as sa
from alembic import op

from workbot.storage.database import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Why accounts were closed that nobody may act by any more.
ENDED = ("deactivated in Slack", "the account was closed in Entra")


def upgrade() -> None:
    op.add_column("account", sa.Column("access_ended_at", UtcDateTime(timezone=True), nullable=True))
    account = sa.table("account", sa.column("unreachable"), sa.column("unreachable_since"), sa.column("access_ended_at"))
    ended = sa.update(account).where(account.c.unreachable.in_(ENDED), account.c.unreachable_since.is_not(None))
    op.execute(ended.values(access_ended_at=account.c.unreachable_since))
    op.create_table(
        "account_claim",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("refused_at", UtcDateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("platform", "tenant", "user"),
    )
    op.create_index("ix_account_claim_person_id", "account_claim", ["person_id"])
    op.add_column("slack_workspace", sa.Column("is_home", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "slack_channel",
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("channel", sa.String(), primary_key=True),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("inviter", sa.String(), nullable=False),
        sa.Column("checked_at", UtcDateTime(timezone=True), nullable=True),
    )
    # Who was guest or elsewhere already is found only where the directory is read from its beginning.
    op.execute("UPDATE teams_directory SET link = ''")


def downgrade() -> None:
    op.drop_table("slack_channel")
    op.drop_column("slack_workspace", "is_home")
    op.drop_index("ix_account_claim_person_id", "account_claim")
    op.drop_table("account_claim")
    op.drop_column("account", "access_ended_at")
