"""The tables of what lawyers signed: reviews of rows, and the signed sets, of which the newest is in use."""

import sqlalchemy as sa

from comity.kit.database import schema
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.statements import Prepared
from comity.kit.database.unit import Unit
from comity.legal.model import Review, SignedSet
from comity.legal.store.law import legal_table, plain_bytes

legal_review = sa.Table(
    "legal_review",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("instrument", sa.String(64), nullable=False),
    sa.Column("measure", sa.String(64), nullable=False),
    sa.Column("article", sa.String(64), nullable=False),
    sa.Column("row_hash", sa.String(64), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("by", sa.String(255), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

legal_set = sa.Table(
    "legal_set",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("by", sa.String(255), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("manifest", sa.LargeBinary, nullable=False),
    sa.Column("act", JsonText, nullable=False),
    sa.Column("auth_hash", sa.String(64), nullable=False),
)

_HEAD = Prepared(sa.select(legal_set.c.digest).order_by(legal_set.c.number.desc()).limit(1))  # with every message


IN_FORCE = "legal.in-force"
"""Under which a unit may note the law that it has found in force; whatever changes the law forgets the note."""


def head(unit: Unit) -> str:
    """The digest of the newest signed set: the version of what this node decides by; empty where none was signed."""
    row = _HEAD.first(unit.connection, {})
    return "" if row is None else str(row.digest)


def add_set(unit: Unit, signed: SignedSet) -> None:
    """Keep a signed set for good."""
    unit.scratch.pop(IN_FORCE, None)
    unit.connection.execute(
        legal_set.insert().values(
            number=signed.number, at=signed.at, by=signed.by, digest=signed.digest, manifest=signed.manifest,
            act=signed.act, auth_hash=signed.auth_hash,
        )
    )  # fmt: skip


def find_set(unit: Unit, number: int | None = None) -> SignedSet | None:
    """The set of that number, or the newest; None where there is none."""
    query = legal_set.select().order_by(legal_set.c.number.desc()).limit(1)
    row = unit.connection.execute(query if number is None else query.where(legal_set.c.number == number)).first()
    if row is None:
        return None
    return SignedSet(row.number, row.at, row.by, row.digest, plain_bytes(row.manifest), row.act, row.auth_hash)


def misstored(unit: Unit) -> str:
    """The first row of the law that holds a value of another kind than its column's; empty where there is none."""
    for table in (legal_set, legal_table, legal_review):
        for row, columns in schema.misstored(unit.connection, table).items():
            return f"{table.name} row {row}, {', '.join(columns)}"
    return ""


def knows_set(unit: Unit, auth_hash: str) -> bool:
    """Whether a set is stored that was signed by that act."""
    found = sa.select(legal_set.c.number).where(legal_set.c.auth_hash == auth_hash)
    return unit.connection.execute(found).first() is not None


def sets(unit: Unit) -> list[SignedSet]:
    """All signed sets, oldest first."""
    rows = unit.connection.execute(legal_set.select().order_by(legal_set.c.number))
    return [SignedSet(r.number, r.at, r.by, r.digest, plain_bytes(r.manifest), r.act, r.auth_hash) for r in rows]


def add_review(unit: Unit, review: Review) -> None:
    """Keep a review of one row."""
    unit.connection.execute(
        legal_review.insert().values(
            id=review.id, instrument=review.instrument, measure=review.measure, article=review.article,
            row_hash=review.row_hash, note=review.note, by=review.by, at=review.at,
        )
    )  # fmt: skip


def reviews(unit: Unit) -> dict[str, Review]:
    """All reviews by their ids."""
    rows = unit.connection.execute(legal_review.select())
    return {r.id: Review(r.id, r.instrument, r.measure, r.article, r.row_hash, r.note, r.by, r.at) for r in rows}
