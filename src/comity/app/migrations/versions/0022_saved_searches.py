"""A person's saved searches."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import UtcTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "access_saved",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_saved"),
    )
    op.create_index("ix_access_saved_person", "access_saved", ["person"])
