"""Our own queries are found by the record that they ask about."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    named = sa.text("ref IS NOT NULL")
    op.create_index("ix_search_query_ref", "search_query", ["ref"], sqlite_where=named, postgresql_where=named)
