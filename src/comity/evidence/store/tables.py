"""The tables of evidence, and what binds a sealed value to its row."""

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from comity.base.errors import NotFound
from comity.kit.database.schema import JsonText, UtcTime, metadata

item_table: Final = sa.Table(
    "evidence_item",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("case_id", sa.String(36), nullable=False),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("exhibit", sa.String(64), nullable=False),
    sa.Column("container_sha256", sa.String(64), nullable=False),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_evidence_item_exhibit", "case_id", "origin", "exhibit"),
    sa.Index("ix_evidence_item_case", "case_id", "id"),
)

custody_table: Final = sa.Table(
    "evidence_custody",
    metadata,
    sa.Column("item", sa.String(36), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("line", sa.LargeBinary, nullable=False),
    sa.Column("entry", sa.BigInteger),  # of this node's log, where it tells of the event
)

request_table: Final = sa.Table(
    "evidence_request",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("partner", sa.String(16), nullable=False),
    sa.Column("case_id", sa.String(36), nullable=False),
    sa.Column("about", sa.String(36), nullable=False),
    sa.Column("category", sa.String(64), nullable=False),
    sa.Column("purpose", sa.String(64), nullable=False),
    sa.Column("conversation", sa.String(36), nullable=False, index=True),
    sa.Column("message", sa.String(36), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", JsonText, nullable=False),
    sa.Column("basis", JsonText, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_evidence_request_case", "case_id", "id"),
    sa.Index("ix_evidence_request_side", "side", "id"),
)

release_table: Final = sa.Table(
    "evidence_release",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("request", sa.String(36), nullable=False, index=True),
    sa.Column("recipient", sa.String(16), nullable=False),
    sa.Column("case_id", sa.String(36), nullable=False),
    sa.Column("items", JsonText, nullable=False),
    sa.Column("use", sa.String(32), nullable=False),
    sa.Column("purpose", sa.String(64), nullable=False),
    sa.Column("expires", UtcTime, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("target", sa.String(64), nullable=False),
    sa.Column("proposal", JsonText, nullable=False),
    sa.Column("package_sha256", sa.String(64), nullable=False),
    sa.Column("package_size", sa.BigInteger, nullable=False),
    sa.Column("message", sa.String(36), nullable=False),
    sa.Column("conversation", sa.String(36), nullable=False),
    sa.Column("receipt", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_evidence_release_case", "case_id", "id"),
)

parcel_table: Final = sa.Table(
    "evidence_parcel",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("request", sa.String(36), nullable=False, index=True),
    sa.Column("sender", sa.String(16), nullable=False),
    sa.Column("case_id", sa.String(36), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("package_sha256", sa.String(64), nullable=False),
    sa.Column("package_size", sa.BigInteger, nullable=False),
    sa.Column("use", sa.String(32), nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Column("message", sa.String(36), nullable=False),
    sa.Column("conversation", sa.String(36), nullable=False),
    sa.Column("receipt", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_evidence_parcel_case", "case_id", "id"),
)

Condition = Callable[[sa.ColumnElement[str]], sa.ColumnElement[bool]]
"""Makes of a column with ids of cases the condition that a reader knows the case."""


def aad(table: str, row: str) -> bytes:
    """What a sealed value of that row is bound to."""
    return f"evidence|{table}|{row}".encode()


def unknown(what: str, id: str) -> NotFound:
    """No item, request, release or package (`what`) has that id here."""
    return NotFound(f"evidence.{what}-unknown", f"This node keeps no evidence {what} of that id", where=id[:80],
                    todo="See `comity evidence show`.")  # fmt: skip
