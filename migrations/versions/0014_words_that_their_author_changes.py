"""What was said under a request, or began one, is found by the message that it was written in

Revision: 0014
After: 0013
"""

import sqlalchemy as sa
from alembic import op

from workbot.storage.database import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
WRITTEN, QUOTED = sa.text("reference <> ''"), sa.text("quoted_reference <> ''")
ADDED = {
    "request_entry": ({"platform": sa.String(), "reference": sa.String()}, ("edited_at", "withdrawn_at")),
    "request": (
        {"quoted_reference": sa.String(), "quoted_by": sa.String()},
        ("quoted_edited_at", "quoted_withdrawn_at"),
    ),
}


def upgrade() -> None:
    for table, (words, moments) in ADDED.items():
        for name, kind in words.items():
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default=""))
        for name in moments:
            op.add_column(table, sa.Column(name, UtcDateTime(), nullable=True))
    op.create_index(
        "request_entry_message", "request_entry", ["reference"], sqlite_where=WRITTEN, postgresql_where=WRITTEN
    )
    op.create_index("request_quoted", "request", ["quoted_reference"], sqlite_where=QUOTED, postgresql_where=QUOTED)


def downgrade() -> None:
    op.drop_index("request_quoted", "request")
    op.drop_index("request_entry_message", "request_entry")
    for table, (words, moments) in ADDED.items():
        with op.batch_alter_table(table) as changed:
            for name in (*words, *moments):
                changed.drop_column(name)
