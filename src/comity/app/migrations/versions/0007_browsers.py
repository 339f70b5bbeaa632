"""Passkeys, one-time links and sessions of people at a browser; assertions as long as a passkey's are."""

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import JsonText, UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and widen a column."""
    _widen_signatures()
    _make_passkeys()
    _make_links()
    _make_ceremonies()
    _make_sessions()


def _widen_signatures() -> None:
    with op.batch_alter_table("access_assertion") as table:
        table.alter_column("signature", existing_type=sa.String(length=128), type_=sa.Text(), existing_nullable=False)


def _make_passkeys() -> None:
    op.create_table(
        "access_passkey",
        sa.Column("credential", sa.String(length=1400), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("rp_id", sa.String(length=253), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("credential", name="pk_access_passkey"),
        sa.UniqueConstraint("key_id", name="uq_access_passkey_key_id"),
    )
    op.create_index("ix_access_passkey_person", "access_passkey", ["person"])


def _make_links() -> None:
    op.create_table(
        "access_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="pk_access_link"),
    )
    op.create_index("ix_access_link_person", "access_link", ["person"])


def _make_ceremonies() -> None:
    op.create_table(
        "access_ceremony",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("act", JsonText(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_ceremony"),
    )
    op.create_index("ix_access_ceremony_expires", "access_ceremony", ["expires"])


def _make_sessions() -> None:
    op.create_table(
        "access_session",
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=63), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("opened_by", JsonText(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name="pk_access_session"),
        sa.UniqueConstraint("token_hash", name="uq_access_session_token_hash"),
    )
    op.create_index("ix_access_session_person", "access_session", ["person"])
