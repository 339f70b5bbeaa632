"""Time stamps of an authority over this node's checkpoints, and how asking for the next one stands."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "exchange_stamp",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("stamped_at", UtcTime(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("authority", sa.String(length=1024), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_exchange_stamp"),
    )
    op.create_table(
        "exchange_stamping",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=512), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=True),
        sa.CheckConstraint("one = 1", name="ck_exchange_stamping_one"),
        sa.PrimaryKeyConstraint("one", name="pk_exchange_stamping"),
    )
