"""Versioned state: what this node tells of items, what partners tell, and how far theirs are known."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import UtcTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _told()
    _followed()
    op.create_table(
        "dna_told",
        sa.Column("partner", sa.String(16), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("least_loci", sa.Integer(), nullable=False),
        sa.Column("profiles", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "ours"),
    )


def _told() -> None:
    op.create_table(
        "exchange_item",
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id"),
        sa.UniqueConstraint("kind", "number"),
    )
    op.create_table(
        "exchange_item_told",
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(16), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "partner", "id"),
        sa.UniqueConstraint("kind", "partner", "number"),
    )


def _followed() -> None:
    op.create_table(
        "exchange_item_held",
        sa.Column("holder", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("era", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("marked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("holder", "kind", "id"),
    )
    op.create_table(
        "exchange_item_cursor",
        sa.Column("holder", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("era", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer()),
        sa.Column("asked_at", UtcTime()),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("checked", UtcTime()),
        sa.Column("own_era", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("holder", "kind"),
    )
