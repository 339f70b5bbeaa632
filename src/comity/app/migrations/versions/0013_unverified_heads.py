"""Heads of partners' logs that were not compared yet are found without reading the others."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("exchange_head_unverified", "exchange_head", ["verified", "node", "epoch"])
