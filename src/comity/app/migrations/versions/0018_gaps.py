"""Which numbers of partners' messages have not come is kept as messages come, not looked for in all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INBOX = sa.table("exchange_inbox", sa.column("sender"), sa.column("conversation"), sa.column("seq"))


def upgrade() -> None:
    """Make the table with the gaps of what has come so far; and an index that finds a message by its number."""
    gap = op.create_table(
        "exchange_gap",
        sa.Column("sender", sa.String(length=16), nullable=False),
        sa.Column("conversation", sa.String(length=36), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sender", "conversation", "first", name="pk_exchange_gap"),
    )
    op.drop_index("ix_exchange_inbox_conversation", "exchange_inbox")
    op.create_index("ix_exchange_inbox_conversation", "exchange_inbox", ["conversation", "sender", "seq"])
    one = _INBOX.c
    before = sa.func.lag(one.seq, 1, 0).over(partition_by=[one.conversation, one.sender], order_by=one.seq)
    come = sa.select(one.sender, one.conversation, one.seq, before.label("before")).subquery().c
    runs = sa.select(come.sender, come.conversation, come.before + 1, come.seq - 1).where(come.seq > come.before + 1)
    op.execute(sa.insert(gap).from_select(["sender", "conversation", "first", "last"], runs))
