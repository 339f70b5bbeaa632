"""The last figures of the database of profiles, and the one pass over it that they are made of."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import sqlalchemy as sa

from comity.base.clock import parse_rfc3339, rfc3339
from comity.dna.model import Summary
from comity.kit.database.rows import Rows
from comity.kit.database.schema import JsonText, metadata
from comity.kit.database.unit import Unit

dna_summary: Final = sa.Table(
    "dna_summary",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("told", JsonText, nullable=False),
)
_rows: Final = Rows(dna_summary)


class Portion(NamedTuple):
    """Some active profiles: their rows' numbers with packed forms, and their categories."""

    packed: list[tuple[int, bytes]]
    categories: list[str]


def portions(unit: Unit, profiles: sa.Table) -> Iterator[Portion]:
    """All active profiles of the table, few at a time, in the order in which they came."""
    columns = profiles.c
    query = sa.select(columns.seq, columns.packed, columns.category).where(columns.active).order_by(columns.seq)
    with unit.connection.execute(query) as rows:
        for found in rows.partitions(10_000):
            yield Portion([(row.seq, bytes(row.packed)) for row in found], [row.category for row in found])


def keep(unit: Unit, made: Summary) -> None:
    """Keep these figures in the place of those before."""
    told = {**vars(made), "at": rfc3339(made.at)}
    _rows.put(unit, {"id": 1, "told": told}, ("id",))


def last(unit: Unit) -> Summary | None:
    """The figures that were made last."""
    row = _rows.first(unit, {"id": 1})
    return Summary(**{**row.told, "at": parse_rfc3339(row.told["at"])}) if row else None
