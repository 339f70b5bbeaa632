"""Populations whose allele frequencies statistics are made with."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import JsonText, UtcTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "dna_population",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("frequencies", JsonText(), nullable=False),
        sa.Column("samples", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_dna_population"),
    )
