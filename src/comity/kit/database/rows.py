"""The plain statements of one table: rows found, added, changed and dropped by the equality of some columns.

Each is built and compiled at its first use and run as `Prepared` afterwards; a statement of any other kind a room
writes out itself. Columns are named as the table names them; a condition on None finds nothing, as in SQL.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from comity.kit.database.statements import Columns, Prepared, Values
from comity.kit.database.statements import Row as Row
from comity.kit.database.unit import Unit

_WHERE: Final = "where_"


class Rows:
    """The rows of `table`; safe for several threads, which may build the same statement twice."""

    def __init__(self, table: sa.Table) -> None:
        self._table: Final = table
        self._known: Final[dict[tuple[object, ...], Prepared]] = {}

    def first(self, unit: Unit, where: Values, columns: Sequence[str] = ()) -> Row | None:
        """A row that has these values, with these columns (all, where none is named); None where there is none."""
        return self._select(where, columns, ()).first(unit.connection, _conditions(where))

    def all(self, unit: Unit, where: Values, columns: Sequence[str] = (), order: Sequence[str] = ()) -> list[Row]:
        """Every such row, ordered by these columns."""
        return self._select(where, columns, order).all(unit.connection, _conditions(where))

    def add(self, unit: Unit, values: Values) -> None:
        """A new row."""
        self._prepared(("add",), lambda: sa.insert(self._table)).run(unit.connection, values)

    def add_all(self, unit: Unit, rows: Sequence[Values]) -> None:
        """New rows, all with the same columns; nothing happens where there are none."""
        if rows:
            self._prepared(("add",), lambda: sa.insert(self._table)).run_many(unit.connection, rows)

    def add_columns(self, unit: Unit, columns: Columns, same: Values) -> None:
        """Many new rows, written column by column; `same` are the values that all of them have."""
        self._prepared(("add",), lambda: sa.insert(self._table)).run_columns(unit.connection, columns, same)

    def change(self, unit: Unit, where: Values, values: Values) -> int:
        """Give these values to every row that has those of `where`; how many there were."""
        found = self._prepared(("change", *where), lambda: sa.update(self._table).where(*self._same(where)))
        return found.run(unit.connection, {**values, **_conditions(where)})

    def drop(self, unit: Unit, where: Values) -> int:
        """Delete every such row; how many there were."""
        found = self._prepared(("drop", *where), lambda: sa.delete(self._table).where(*self._same(where)))
        return found.run(unit.connection, _conditions(where))

    def put(self, unit: Unit, values: Values, keys: Sequence[str]) -> None:
        """A new row, or new values of the one that has the same `keys` (a primary or unique key)."""

        def build() -> sa.Executable:
            return unit.dialect.upsert(self._table, self._bound(values), keys)

        self._prepared(("put", unit.dialect.name, *keys, "", *values), build).run(unit.connection, values)

    def add_new(self, unit: Unit, values: Values) -> bool:
        """A new row, unless there is one with the same primary key; whether it was new."""

        def build() -> sa.Executable:
            keys = [column.name for column in self._table.primary_key]
            return unit.dialect.insert_if_new(self._table, self._bound(values), keys)

        return self._prepared(("add new", unit.dialect.name, *values), build).run(unit.connection, values) == 1

    def _select(self, where: Values, columns: Sequence[str], order: Sequence[str]) -> Prepared:
        def build() -> sa.Select[Any]:
            chosen = [self._table.c[name] for name in columns] or [*self._table.c]
            return sa.select(*chosen).where(*self._same(where)).order_by(*(self._table.c[name] for name in order))

        return self._prepared(("select", tuple(where), tuple(columns), tuple(order)), build)

    def _prepared(self, key: tuple[object, ...], build: Callable[[], Any]) -> Prepared:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Prepared(build())
        return found

    def _same(self, where: Values) -> list[sa.ColumnElement[bool]]:
        columns = [self._table.c[name] for name in where]
        return [column == sa.bindparam(f"{_WHERE}{column.name}", type_=column.type) for column in columns]

    def _bound(self, values: Values) -> dict[str, sa.BindParameter[Any]]:
        return {name: sa.bindparam(name, type_=self._table.c[name].type) for name in values}


def _conditions(where: Values) -> dict[str, Any]:
    """The parameters of a condition; their names are apart from the columns', which an update sets."""
    return {_WHERE + name: value for name, value in where.items()}
