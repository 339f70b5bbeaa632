"""A short index over retired DNA profiles, which searches leave out."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "dna_profile_retired", "dna_profile", ["seq"], sqlite_where=sa.text("active = 0"),
        postgresql_where=sa.text("NOT active"),
    )  # fmt: skip
