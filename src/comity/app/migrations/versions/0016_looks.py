"""What each person looked at last."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "access_look",
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("thing", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("person", "thing", name="pk_access_look"),
    )
    op.create_index("ix_access_look_recent", "access_look", ["person", "at"])
