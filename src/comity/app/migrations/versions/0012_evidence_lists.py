"""Lists of evidence have their indexes, and a custody event the log entry that tells of it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them; events of before have no entry beside them, and the log has it all the same."""
    op.add_column("evidence_custody", sa.Column("entry", sa.BigInteger(), nullable=True))
    for what in ("item", "request", "release", "parcel"):
        op.create_index(f"ix_evidence_{what}_case", f"evidence_{what}", ["case_id", "id"])
    op.create_index("ix_evidence_request_side", "evidence_request", ["side", "id"])
