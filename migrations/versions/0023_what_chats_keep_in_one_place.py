"""What chats keep stands in one table each, whatever the platform: forms, long values, parts of messages, directories

Revision: 0023
After: 0022
"""

import sqlalchemy as sa
from alembic import op

from workbot.storage.database import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

FORM = ("key", "tenant", "user", "form", "place", "message", "asked_at")
# Each table of a platform, the one that has its rows now, and the columns of both.
MOVED = (
    ("slack", "slack_form", "kept_form", dict(zip(FORM, FORM)) | {"response_url": "response_url"}),
    ("teams", "teams_form", "kept_form", dict(zip(FORM, FORM))),
    ("slack", "slack_memo", "long_value", {"key": "key", "value": "value", "used_at": "used_at"}),
    ("teams", "teams_memo", "long_value", {"key": "key", "value": "value", "used_at": "used_at"}),
    ("slack", "slack_part", "message_part", {"root": "root", "number": "number", "ts": "message"}),
    ("teams", "teams_part", "message_part", {"root": "root", "number": "number", "activity": "message"}),
    ("teams", "teams_directory", "directory_state", {"tenant": "tenant", "link": "link", "compared_at": "compared_at"}),
)
WORKSPACES = {"tenant": "tenant", "compared_at": "compared_at"}


def upgrade() -> None:
    _make_shared()
    for platform, old, new, columns in MOVED:
        _copy_in(platform, old, new, columns)
        op.drop_table(old)
    _copy_in("slack", "slack_workspace", "directory_state", WORKSPACES, only="compared_at")
    op.drop_index("ix_slack_workspace_compared_at", "slack_workspace")
    with op.batch_alter_table("slack_workspace") as table:
        table.drop_column("compared_at")


def downgrade() -> None:
    _make_own()
    for platform, old, new, columns in MOVED:
        _copy_back(platform, old, new, columns)
    with op.batch_alter_table("slack_workspace") as table:
        table.add_column(sa.Column("compared_at", UtcDateTime(timezone=True)))
    op.create_index("ix_slack_workspace_compared_at", "slack_workspace", ["compared_at"])
    op.execute(
        "UPDATE slack_workspace SET compared_at = (SELECT compared_at FROM directory_state"
        " WHERE platform = 'slack' AND directory_state.tenant = slack_workspace.tenant)"
    )
    for table in ("kept_form", "long_value", "message_part", "directory_state"):
        op.drop_table(table)


def _copy_in(platform, old, new, columns, only=""):
    there = _table(old, columns.keys())
    rows = sa.select(sa.literal(platform), *there.c)
    rows = rows.where(there.c[only].is_not(None)) if only else rows
    more = {"kept_form": {"response_url": ""}, "directory_state": {"link": ""}}.get(new, {})
    missing = {name: value for name, value in more.items() if name not in columns.values()}
    into = _table(new, ("platform", *columns.values(), *missing))
    op.execute(into.insert().from_select(list(into.c), rows.add_columns(*map(sa.literal, missing.values()))))


def _copy_back(platform, old, new, columns):
    there = _table(new, ("platform", *columns.values()))
    rows = sa.select(*(there.c[name] for name in columns.values())).where(there.c.platform == platform)
    into = _table(old, columns.keys())
    op.execute(into.insert().from_select(list(into.c), rows))


def _table(name, columns):
    return sa.table(name, *map(sa.column, columns))


def _make_shared():
    op.create_table(
        "kept_form",
        sa.Column("platform", sa.String(), primary_key=True),
        *_form_columns(),
        sa.Column("response_url", sa.String(), nullable=False),
    )
    op.create_index("ix_kept_form_asked_at", "kept_form", ["asked_at"])
    op.create_table("long_value", sa.Column("platform", sa.String(), primary_key=True), *_value_columns())
    op.create_index("ix_long_value_used_at", "long_value", ["used_at"])
    op.create_table(
        "message_part", sa.Column("platform", sa.String(), primary_key=True), *_part_columns("message")
    )
    op.create_table(
        "directory_state", sa.Column("platform", sa.String(), primary_key=True), *_directory_columns()
    )


def _make_own():
    for platform in ("slack", "teams"):
        more = (sa.Column("response_url", sa.String(), nullable=False),) if platform == "slack" else ()
        op.create_table(f"{platform}_form", *_form_columns(), *more)
        op.create_index(f"ix_{platform}_form_asked_at", f"{platform}_form", ["asked_at"])
        op.create_table(f"{platform}_memo", *_value_columns())
        op.create_index(f"ix_{platform}_memo_used_at", f"{platform}_memo", ["used_at"])
    op.create_table("slack_part", *_part_columns("ts"))
    op.create_table("teams_part", *_part_columns("activity"))
    op.create_table("teams_directory", *_directory_columns())


def _form_columns():
    return (
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
    )


def _value_columns():
    return (
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=False),
    )


def _part_columns(message):
    return (
        sa.Column("root", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column(message, sa.String(), nullable=False),
    )


def _directory_columns():
    return (
        sa.Column("tenant", sa.String(), primary_key=True),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("compared_at", UtcDateTime(timezone=True)),
    )
