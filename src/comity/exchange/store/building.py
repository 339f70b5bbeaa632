"""Statements that differ by database, built once: what they cost to build would be a tenth of a message's time."""

from typing import Final

import sqlalchemy as sa

from comity.kit.database.unit import Unit

_built: Final[dict[tuple[str, str], sa.Executable]] = {}


def insert_if_new(unit: Unit, table: sa.Table) -> sa.Executable:
    """Insert a row, all columns given as parameters, unless one with the same primary key exists: see rowcount."""
    key = (unit.dialect.name, table.name)
    if key not in _built:
        values = {column.name: sa.bindparam(column.name, type_=column.type) for column in table.columns}
        _built[key] = unit.dialect.insert_if_new(table, values, [column.name for column in table.primary_key])
    return _built[key]
