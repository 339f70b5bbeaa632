"""Large files on their way between nodes."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is pushed to partners, and what is fetched from them."""
    op.create_table(
        "exchange_push",
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("recipient", sa.String(length=16), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=False),
        sa.Column("deadline", UtcTime(), nullable=False),
        sa.Column("since", UtcTime(), nullable=True),
        sa.Column("reason", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("message", "recipient", "n", name="pk_exchange_push"),
    )
    op.create_index("ix_exchange_push_due", "exchange_push", ["state", "recipient", "next_at"])
    op.create_table(
        "exchange_arrival",
        sa.Column("sender", sa.String(length=16), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("deadline", UtcTime(), nullable=False),
        sa.Column("since", UtcTime(), nullable=True),
        sa.Column("reason", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("sender", "message", "n", name="pk_exchange_arrival"),
    )
    op.create_index("ix_exchange_arrival_state", "exchange_arrival", ["state"])
