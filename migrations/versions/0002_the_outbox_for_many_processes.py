"""The outbox for many processes

Revision: 0002
After: 0001
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import workbot.storage.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Words = sqlmodel.sql.sqltypes.AutoString
Moment = workbot.storage.database.UtcDateTime

# Indexes over the rows of one condition only.
PARTIAL = {
    "message_queue": ("state = 'queued'", ["lane", "priority", "due_at", "id"]),
    "message_waiting": ("state = 'queued'", ["due_at"]),
    "message_under_way": ("state = 'sending'", ["recipient"]),
    "message_unknown": ("state = 'unknown'", ["lease_until"]),
    "message_sent": ("state = 'sent'", ["recipient", "sent_at"]),
    "message_reference": ("reference <> ''", ["platform", "reference"]),
    "message_campaign": ("campaign <> ''", ["campaign", "state"]),
}
# What old rows hold in the new columns.
NEW = {
    "lane": (sa.String(), sa.text("''")),
    "campaign": (sa.String(), sa.text("''")),
    "trace": (sa.String(), sa.text("''")),
    "is_update": (sa.Boolean(), sa.false()),
    "is_read": (sa.Boolean(), sa.false()),
}


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("key", Words(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("path", Words(), nullable=False),
        sa.Column("started_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_campaign_started_at", "campaign", ["started_at"])
    op.create_table(
        "pace",
        sa.Column("lane", Words(), nullable=False),
        sa.Column("post_at", Moment(timezone=True), nullable=False),
        sa.Column("update_at", Moment(timezone=True), nullable=False),
        sa.Column("slowness", sa.Float(), nullable=False),
        sa.Column("changed_at", Moment(timezone=True), nullable=False),
        sa.Column("paused_until", Moment(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.PrimaryKeyConstraint("lane"),
    )
    # Added in place: making the table anew would pull it from under the messages that refer to it.
    op.add_column("place", sa.Column("tenant", Words(), nullable=False, server_default=sa.text("''")))

    for index in ("message_due", "message_lane", "message_subject", "message_reference"):
        op.drop_index(index, "message")
    with op.batch_alter_table("message") as message:
        message.alter_column("lane", new_column_name="recipient", existing_type=sa.String(), existing_nullable=False)
    with op.batch_alter_table("message") as message:
        for name, (kind, value) in NEW.items():
            message.add_column(sa.Column(name, kind, nullable=False, server_default=value))
    with op.batch_alter_table("message") as message:
        for name, (kind, _value) in NEW.items():
            message.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
    # Claiming and sending have become one step: what was claimed only, nobody has begun to send.
    op.execute("UPDATE message SET state = 'queued', claimed_by = '' WHERE state = 'claimed'")
    op.create_index("message_subject", "message", ["subject", "recipient"])
    for name, (condition, columns) in PARTIAL.items():
        op.create_index(
            name, "message", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition)
        )


def downgrade() -> None:
    for name in PARTIAL:
        op.drop_index(name, "message")
    op.drop_index("message_subject", "message")
    with op.batch_alter_table("message") as message:
        for name in NEW:
            message.drop_column(name)
    with op.batch_alter_table("message") as message:
        message.alter_column("recipient", new_column_name="lane", existing_type=sa.String(), existing_nullable=False)
    op.create_index("message_due", "message", ["state", "due_at", "priority"])
    op.create_index("message_lane", "message", ["lane", "state"])
    op.create_index("message_subject", "message", ["subject", "lane"])
    op.create_index("message_reference", "message", ["platform", "reference"])
    op.drop_column("place", "tenant")
    op.drop_table("pace")
    op.drop_table("campaign")
