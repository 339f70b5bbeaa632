"""The elimination database, flags for examiners, and by which number profiles of the same alleles are found."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import JsonText, UtcTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, the column and its index. Profiles that were there before have no such number: a double of one
    is found by searching."""
    op.create_table(
        "dna_elimination",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("alleles", JsonText(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("kit", sa.String(128)),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "dna_flag",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("specimen", sa.String(128), nullable=False),
        sa.Column("category", sa.String(128), nullable=False),
        sa.Column("profile", sa.String(36), nullable=False),
        sa.Column("other", sa.String(36), nullable=False),
        sa.Column("told", JsonText(), nullable=False),
        sa.Column("held", JsonText()),
        sa.Column("identity", sa.LargeBinary()),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("finding", sa.String(16), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcTime()),
        sa.Column("result", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("specimen", "profile", "other", "result"):
        op.create_index(f"dna_flag_{column}", "dna_flag", [column])
    op.create_index(
        "dna_flag_open", "dna_flag", ["id"], sqlite_where=sa.text("finding = ''"),
        postgresql_where=sa.text("finding = ''"),
    )  # fmt: skip
    op.add_column("dna_profile", sa.Column("likeness", sa.BigInteger()))
    known = sa.text("likeness IS NOT NULL")
    op.create_index(
        "dna_profile_likeness", "dna_profile", ["likeness"], sqlite_where=known, postgresql_where=known
    )  # fmt: skip
