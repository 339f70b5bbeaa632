"""Access tokens of programs, and systems among the people."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import JsonText, UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and a column."""
    with op.batch_alter_table("access_person") as table:
        table.add_column(sa.Column("system", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "access_token",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", JsonText(), nullable=False),
        sa.Column("issued_by", JsonText(), nullable=False),
        sa.Column("issued_at", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_access_token"),
        sa.UniqueConstraint("key_id", name="uq_access_token_key_id"),
        sa.UniqueConstraint("token_hash", name="uq_access_token_token_hash"),
    )
    op.create_index("ix_access_token_person", "access_token", ["person"])
