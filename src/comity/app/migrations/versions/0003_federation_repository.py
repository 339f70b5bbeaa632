"""The directory is a TUF repository: editions of the former format go; a node remembers where it looks for new ones.

A node that had a directory joins its federation again, by an invitation; its keys, its log and its files stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and clear what this release cannot read."""
    op.add_column("exchange_root", sa.Column("source", sa.String(length=1024), nullable=True))
    op.execute("DELETE FROM exchange_root")
    op.execute("DELETE FROM exchange_directory")
