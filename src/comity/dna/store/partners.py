"""Terms with partners: those set here, and those that nodes tell each other; one row for each, replaced when they
change. The log keeps what they were."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import sqlalchemy as sa

from comity.dna.model import PartnerTerms, ToldTerms
from comity.kit.database.rows import Row, Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.statements import Prepared
from comity.kit.database.unit import Unit

dna_partner: Final = sa.Table(
    "dna_partner",
    metadata,
    sa.Column("partner", sa.String(16), primary_key=True),
    sa.Column("least_loci", sa.Integer, nullable=False),
    sa.Column("profiles", sa.BigInteger),
    sa.Column("bound", sa.String(32), nullable=False),  # a decimal: statements of the hot path take no floats
    sa.Column("source", sa.String(500), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)
dna_told: Final = sa.Table(
    "dna_told",
    metadata,
    sa.Column("partner", sa.String(16), primary_key=True),
    sa.Column("ours", sa.Boolean, primary_key=True),
    sa.Column("least_loci", sa.Integer, nullable=False),
    sa.Column("profiles", sa.BigInteger, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)
_rows = Rows(dna_partner)
_told = Rows(dna_told)
_LEAST: Final = Prepared(
    sa.union_all(
        sa.select(dna_partner.c.least_loci).where(dna_partner.c.partner == sa.bindparam("p")),
        sa.select(dna_told.c.least_loci).where(dna_told.c.partner == sa.bindparam("p"), sa.not_(dna_told.c.ours)),
    )
)


def keep(unit: Unit, terms: PartnerTerms) -> None:
    """Keep the terms with a partner, in the place of those before."""
    _rows.put(unit, {
        "partner": terms.partner, "least_loci": terms.least_loci, "profiles": terms.profiles,
        "bound": repr(terms.bound), "source": terms.source, "at": unit.now,
    }, ("partner",))  # fmt: skip


def of(unit: Unit, partner: str) -> PartnerTerms | None:
    """The terms with that partner."""
    row = _rows.first(unit, {"partner": partner})
    return _terms(row) if row else None


def least_loci(unit: Unit, partner: str) -> int:
    """The loci that searches with a partner need, as the terms with it or its own word ask for the more; 0 for none."""
    return max((row.least_loci for row in _LEAST.all(unit.connection, {"p": partner})), default=0)


def listed(unit: Unit) -> Sequence[PartnerTerms]:
    """The terms with every partner that has any, by partner."""
    return [_terms(row) for row in _rows.all(unit, {}, order=("partner",))]


def _terms(row: Row) -> PartnerTerms:
    return PartnerTerms(row.partner, row.least_loci, row.profiles, float(row.bound), row.source)


def keep_told(unit: Unit, told: ToldTerms) -> None:
    """Keep what was told, in the place of what was told before."""
    _told.put(unit, asdict(told), ("partner", "ours"))


def drop_told(unit: Unit, partner: str, *, ours: bool) -> None:
    """Nothing is told (any more)."""
    _told.drop(unit, {"partner": partner, "ours": ours})


def told(unit: Unit, partner: str, *, ours: bool) -> ToldTerms | None:
    """What the partner was told, or told this node."""
    row = _told.first(unit, {"partner": partner, "ours": ours})
    return ToldTerms(*row) if row else None


def all_told(unit: Unit) -> Sequence[ToldTerms]:
    """Everything told either way, by partner."""
    return [ToldTerms(*row) for row in _told.all(unit, {}, order=("partner", "ours"))]
