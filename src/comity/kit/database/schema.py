"""The one `MetaData` on which every room declares its tables, and the two column types that both databases need."""

import json
from datetime import UTC, datetime
from typing import Final, cast

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


class JsonText(sa.types.TypeDecorator[Json]):
    """A JSON value kept as ASCII text with sorted keys; the same text on both databases, and no float.

    Text, not a JSON type: PostgreSQL's would refuse U+0000 and lone surrogates, which partners may send.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Json, dialect: sa.Dialect) -> str | None:
        """`value` as text; None stays SQL NULL."""
        return None if value is None else json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Json:
        """The value that was stored."""
        return None if value is None else cast(Json, json.loads(value))
