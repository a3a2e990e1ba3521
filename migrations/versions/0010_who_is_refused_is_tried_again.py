"""Whoever a platform refuses is tried there again

Revision: 0010
After: 0009
"""

import sqlalchemy as sa
from alembic import op

import workbot.storage.database

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# What Teams said without saying that it was for good: whoever it was said of is believed to be there.
UNPROVEN = ("Teams takes nothing there%", "Teams does not know them (BadArgument%", "Teams does not know them (BadSyntax%")


def upgrade() -> None:
    op.add_column("account", sa.Column("retry_at", workbot.storage.database.UtcDateTime(timezone=True), nullable=True))
    account = sa.table(
        "account",
        sa.column("platform", sa.String()),
        sa.column("unreachable", sa.String()),
        sa.column("unreachable_since", workbot.storage.database.UtcDateTime(timezone=True)),
    )
    unproven = sa.or_(*(account.c.unreachable.like(words) for words in UNPROVEN))
    op.execute(
        account.update()
        .where(account.c.platform == "teams", unproven)
        .values(unreachable="", unreachable_since=None)
    )


def downgrade() -> None:
    op.drop_column("account", "retry_at")
