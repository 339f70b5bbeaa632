"""What became of hits, how long answers took, and indexes for lists of queries in order of time."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from comity.kit.database.schema import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ANSWERS = ("no_hit", "candidates", "near_match", "partner_refused", "partial", "deny", "reject")
_QUERY = sa.table(
    "search_query", sa.column("id"), sa.column("side"), sa.column("partner"), sa.column("case"),
    sa.column("asked_at", UtcTime()), sa.column("answered_in"), sa.column("superseded_by"),
)  # fmt: skip
_STEP = sa.table("search_transition", sa.column("query"), sa.column("event"), sa.column("at", UtcTime()))


def upgrade() -> None:
    """Make the tables, the column and the indexes; fill them from the lives of the queries that are there."""
    follow_up = op.create_table(
        "search_follow_up",
        sa.Column("query", sa.String(length=36), nullable=False),
        sa.Column("partner", sa.String(length=16), nullable=False),
        sa.Column("case", sa.String(length=36), nullable=False),
        sa.Column("confirmed_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("query", name="pk_search_follow_up"),
    )
    op.create_index("ix_search_follow_up_confirmed_at", "search_follow_up", ["confirmed_at"])
    op.create_index("ix_search_follow_up_due_at", "search_follow_up", ["due_at", "query"])
    op.create_index("ix_search_follow_up_case", "search_follow_up", ["case", "due_at"])
    op.create_table(
        "search_outcome",
        sa.Column("query", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("query", "seq", name="pk_search_outcome"),
    )
    op.add_column("search_query", sa.Column("answered_in", sa.Integer(), nullable=True))
    op.drop_index("ix_search_query_case", "search_query")
    for name, *columns in (
        ("side",), ("stand", "state"), ("answer", "status"), ("asker", "partner"),
    ):  # fmt: skip
        op.create_index(f"ix_search_query_{name}", "search_query", ["side", *columns, "asked_at", "id"])
    op.create_index("ix_search_query_case", "search_query", ["case", "asked_at", "id"])
    _fill(follow_up)


def _fill(follow_up: sa.Table) -> None:
    """Times to the first answer, and the hits that were confirmed before."""
    connection = op.get_bind()
    chosen = sa.select(_QUERY, _STEP.c.event, _STEP.c.at).join(_STEP, _STEP.c.query == _QUERY.c.id)
    steps = connection.execute(
        chosen.where(_STEP.c.event.in_((*_ANSWERS, "expert_confirm"))).order_by(_STEP.c.at, _STEP.c.query)
    ).all()
    times: dict[str, int] = {}
    hits: dict[str, dict[str, object]] = {}
    for row in steps:
        if row.event != "expert_confirm":
            times.setdefault(row.id, max(0, int((row.at - row.asked_at).total_seconds())))
        elif row.side == "asking":
            hit = {"query": row.id, "partner": row.partner, "case": row.case, "confirmed_at": row.at}
            hits.setdefault(row.id, {**hit, "due_at": row.at + timedelta(days=30), "kind": None})
    for query, took in times.items():
        connection.execute(sa.update(_QUERY).where(_QUERY.c.id == query).values(answered_in=took))
    if hits:
        op.bulk_insert(follow_up, list(hits.values()))
