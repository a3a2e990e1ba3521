"""A stored file says what it is about, so that who may have it can be asked; those of reports are known by their names

Revision: 0020
After: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
REPORTS = """
UPDATE stored_file SET subject = 'pulse-report:' || (SELECT CAST(wave.id AS VARCHAR(36)) FROM wave WHERE {named})
WHERE EXISTS (SELECT 1 FROM wave WHERE {named})
"""
NAME = "wave.survey || '-' || CAST(wave.number AS VARCHAR(12)) || '-{locale}.{ending}'"
NAMES = ", ".join(NAME.format(locale=locale, ending=ending) for locale in ("en", "fr") for ending in ("png", "csv"))


def upgrade() -> None:
    with op.batch_alter_table("stored_file") as table:
        table.add_column(sa.Column("subject", sa.String(), nullable=False, server_default=sa.text("''")))
    op.execute(REPORTS.format(named=f"stored_file.name IN ({NAMES})"))


def downgrade() -> None:
    with op.batch_alter_table("stored_file") as table:
        table.drop_column("subject")
