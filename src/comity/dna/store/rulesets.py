"""The agency's own rule sets, each as the file that was taken in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit

dna_rule_set: Final = sa.Table(
    "dna_rule_set",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("file", sa.LargeBinary, nullable=False),
)

_rule_set_rows = Rows(dna_rule_set)


@dataclass(frozen=True)
class OwnRuleSet:
    """A rule set of the agency's own: the file as it was taken in, with its hash, and when that was."""

    id: str
    sha256: str
    at: datetime
    file: bytes = field(repr=False)


def add_rule_set(unit: Unit, made: OwnRuleSet) -> None:
    """Keep a rule set of the agency's own."""
    _rule_set_rows.add(unit, vars(made))


def rule_sets(unit: Unit, **which: str) -> list[OwnRuleSet]:
    """The agency's own rule sets with these values of columns (all, where none is named), by id."""
    rows = _rule_set_rows.all(unit, which, order=("id",))
    return [OwnRuleSet(row.id, row.sha256, row.at, bytes(row.file)) for row in rows]
