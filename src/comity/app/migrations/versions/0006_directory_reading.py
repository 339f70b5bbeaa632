"""What a node read in its directory is kept beside it under its own key, so that not each process verifies it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; an edition without it is verified anew by each process, until the next one comes."""
    op.add_column("exchange_directory", sa.Column("reading", sa.LargeBinary(), nullable=True))
