"""Statements that differ by database, built once: what they cost to build would be a tenth of a message's time."""

from typing import Final

import sqlalchemy as sa

from comity.kit.database.statements import Prepared
from comity.kit.database.unit import Unit

_built: Final[dict[tuple[str, str], Prepared]] = {}


def insert_if_new(unit: Unit, table: sa.Table) -> Prepared:
    """Insert a row, all columns given as parameters, unless one with the same primary key exists; 1 if it was new."""
    key = (unit.dialect.name, table.name)
    if key not in _built:
        values = {column.name: sa.bindparam(column.name, type_=column.type) for column in table.columns}
        _built[key] = Prepared(unit.dialect.insert_if_new(table, values, [c.name for c in table.primary_key]))
    return _built[key]
