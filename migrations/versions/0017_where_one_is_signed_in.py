"""Where one is signed in, and since which sign-out; who asked for links

Revision: 0017
After: 0016
"""

import sqlalchemy as sa
from alembic import op

from workbot.storage.database import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("session_generation", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("sign_in_link", sa.Column("client", sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_sign_in_link_made_at", "sign_in_link", ["made_at"])
    op.add_column("web_session", sa.Column("browser", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("web_session", sa.Column("client", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("web_session", sa.Column("generation", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_table(
        "sign_in_ask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sign_in_ask_client", "sign_in_ask", ["client"])
    op.create_index("ix_sign_in_ask_at", "sign_in_ask", ["at"])


def downgrade() -> None:
    op.drop_table("sign_in_ask")
    op.drop_column("web_session", "generation")
    op.drop_column("web_session", "client")
    op.drop_column("web_session", "browser")
    op.drop_index("ix_sign_in_link_made_at", "sign_in_link")
    op.drop_column("sign_in_link", "client")
    op.drop_column("person", "session_generation")
