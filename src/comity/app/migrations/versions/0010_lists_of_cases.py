"""Indexes for what pages list of a case: its entries in the log, its clocks; and the erasures that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_case_file_state", "case_file", ["state"])
    op.create_index("ix_legal_clock_case_due", "legal_clock", ["case", "ended_at", "due"])
    only = sa.text("key_id != 'log-openings'")
    op.create_index(
        "log_opening_case", "log_opening", ["key_id", "seq"], sqlite_where=only, postgresql_where=only
    )  # fmt: skip
