"""Rows of somebody's cases in some order, found without reading all rows of the table or all of the cases.

Whoever has a share of the rows finds a page of them among the first `SAMPLE` in that order; for whoever has less than
that, the rows of the cases are few, and read by an index of the cases. Nobody needs to know which it is beforehand.
"""

from typing import Final

import sqlalchemy as sa

from comity.kit.database.unit import Unit
from comity.search.store.queries import query_table

SAMPLE: Final = 2000
BY_CASE: Final = sa.func.coalesce(query_table.c.state, "")
"""The state, in a form for which no index of states is taken: of few cases, the cases' index is the quicker one."""


def is_cut(unit: Unit, samples: list[sa.Subquery], most: int) -> bool:
    """Whether one of the samples is not all there is."""
    counts = [sa.select(sa.func.count().label("rows")).select_from(sample) for sample in samples]
    return any(rows == most for rows in unit.connection.execute(sa.union_all(*counts)).scalars())
