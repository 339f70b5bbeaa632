"""The last figures of the database of DNA profiles."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import JsonText

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "dna_summary",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("told", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dna_summary"),
    )
