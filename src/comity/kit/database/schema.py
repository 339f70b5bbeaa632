"""The one `MetaData` on which every room declares its tables, the two column types that both databases need, and what
a database file that was changed from outside may hold in them."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, cast

import sqlalchemy as sa

from comity.base.model import Json

metadata: Final = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)
"""Constraint names are fixed by convention, so that a migration can name them on both databases."""


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC moment with microseconds, in and out; a naive one is refused with ValueError.

    SQLite has no time type and would hand back naive values; PostgreSQL answers in the session's zone.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """`value` moved to UTC, as the database keeps it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time without a zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The stored moment, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


class JsonReady(str):
    """Text of a JSON value in the form that `JsonText` keeps, made by who knows a quicker way to it."""

    __slots__ = ()


class JsonText(sa.types.TypeDecorator[Json]):
    """A JSON value kept as ASCII text with sorted keys; the same text on both databases, and no float.

    Text, not a JSON type: PostgreSQL's would refuse U+0000 and lone surrogates, which partners may send.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Json, dialect: sa.Dialect) -> str | None:
        """`value` as text; None stays SQL NULL."""
        if type(value) is JsonReady:
            return str(value)
        return None if value is None else _ENCODER.encode(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Json:
        """The value that was stored."""
        return None if value is None else cast(Json, json.loads(value))


def misstored(connection: sa.Connection, table: sa.Table) -> dict[int, list[str]]:
    """The columns that hold a value of another kind than theirs, by the row's number (SQLite's rowid).

    SQLite keeps whatever it is handed: whoever changes the file can leave text where bytes belong, and such a row
    cannot even be read. PostgreSQL takes no such value; nothing is found there.
    """
    if connection.dialect.name != "sqlite":
        return {}
    tests = [_wrong(column).label(f"wrong_{place}") for place, column in enumerate(table.columns)]
    query: sa.Select[Any] = sa.select(sa.literal_column("rowid"), *tests)  # type: ignore[assignment]  # of any width
    query = query.select_from(table).where(sa.or_(*(test.element for test in tests)))
    names = [column.name for column in table.columns]
    return {
        row[0]: [name for name, wrong in zip(names, row[1:], strict=True) if wrong] for row in connection.execute(query)
    }


def sound(table: sa.Table, rows: Iterable[int]) -> sa.ColumnElement[bool]:
    """The condition that leaves out the rows of these numbers, as `misstored` gave them; true where there are none."""
    left_out = list(rows)
    return sa.literal_column(f"{table.name}.rowid").not_in(left_out) if left_out else sa.true()


_KINDS: Final = ((sa.LargeBinary, "blob"), (sa.Integer, "integer"), (sa.String, "text"))


def _wrong(column: sa.Column[object]) -> sa.ColumnElement[bool]:
    """Whether SQLite holds something in `column` that its type cannot be made of."""
    if isinstance(column.type, UtcTime):
        second = sa.func.substr(column, 1, 19)
        whole = sa.func.datetime(second, "+0 days") == second  # the modifier makes a 30 February the 2 March that it is
        parts = sa.func.substr(column, 20).op("GLOB")("." + "[0-9]" * 6)
        return sa.and_(
            column.is_not(None), ~sa.func.coalesce(sa.and_(sa.func.typeof(column) == "text", whole, parts), 0)
        )
    kind = next(kind for known, kind in _KINDS if isinstance(column.type, known) or _made_of(column, known))
    return sa.func.typeof(column).not_in([kind, "null"])


def _made_of(column: sa.Column[object], known: type[sa.types.TypeEngine[Any]]) -> bool:
    """Whether the column's own type is kept as `known`."""
    return isinstance(column.type, sa.types.TypeDecorator) and isinstance(column.type.impl_instance, known)
