"""A journey knows the day that the people file gave it, and since when it waits for its person

Revision: 0019
After: 0018
"""

import sqlalchemy as sa
from alembic import op

from workbot.storage.database import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

JOURNEYS = sa.table("journey", *(sa.column(name) for name in ("name", "person_id", "listed_on")))
PEOPLE = sa.table("person", *(sa.column(name) for name in ("id", "started_on", "left_on")))


def upgrade() -> None:
    with op.batch_alter_table("journey") as table:
        table.add_column(sa.Column("listed_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("paused_at", UtcDateTime(timezone=True), nullable=True))
    # What the file says now is nothing new: a journey that HR has moved since stays where it is.
    is_leaving = JOURNEYS.c.name == "offboarding"
    for column, those in ((PEOPLE.c.left_on, is_leaving), (PEOPLE.c.started_on, ~is_leaving)):
        listed = sa.select(column).where(PEOPLE.c.id == JOURNEYS.c.person_id).scalar_subquery()
        op.execute(sa.update(JOURNEYS).where(those).values(listed_on=listed))


def downgrade() -> None:
    with op.batch_alter_table("journey") as table:
        table.drop_column("paused_at")
        table.drop_column("listed_on")
