"""The duty desk: shifts, hand-over notes, and who has seen which alarm."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "access_shift",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=63), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("begins", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("planned_by", sa.String(length=63), nullable=False),
        sa.Column("cancelled_by", sa.String(length=63), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_shift"),
    )
    op.create_index("ix_access_shift_rota", "access_shift", ["unit", "ends"])
    op.create_index("ix_access_shift_person", "access_shift", ["person", "ends"])
    op.create_table(
        "access_hand_over",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("unit", sa.String(length=63), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("taken_by", sa.String(length=63), nullable=False),
        sa.Column("taken_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_access_hand_over"),
    )
    op.create_index("ix_access_hand_over_unit", "access_hand_over", ["unit", "id"])
    op.create_table(
        "exchange_alarm_seen",
        sa.Column("alarm", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("alarm", "person", name="pk_exchange_alarm_seen"),
    )
