"""What searches with each partner need, and how many profiles it says that it holds."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import UtcTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "dna_partner",
        sa.Column("partner", sa.String(16), nullable=False),
        sa.Column("least_loci", sa.Integer(), nullable=False),
        sa.Column("profiles", sa.BigInteger()),
        sa.Column("bound", sa.String(32), nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("partner"),
    )
