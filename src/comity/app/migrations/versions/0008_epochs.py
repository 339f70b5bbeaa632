"""Logs go on in other epochs: this node's own, and partners', whose heads, keys and freezes are kept by epoch."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and add the columns; all that is there is of first epochs, and frozen for two histories."""
    op.create_table(
        "log_epoch",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vkey", sa.String(length=512), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_log_epoch"),
    )
    op.add_column("log_head", sa.Column("epoch", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "exchange_log_key",
        sa.Column("node", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("vkey", sa.String(length=512), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=True),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("repaired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("node", "epoch", name="pk_exchange_log_key"),
    )
    op.add_column(
        "exchange_freeze", sa.Column("reason", sa.String(length=16), nullable=False, server_default="two-histories")
    )
    with op.batch_alter_table("exchange_head") as batch:
        batch.add_column(sa.Column("epoch", sa.Integer(), nullable=False, server_default="1"))
        batch.drop_constraint("pk_exchange_head", type_="primary")
        batch.create_primary_key("pk_exchange_head", ["node", "epoch", "size"])
