"""Rows of tables as JSON and back, the same from either database: bytes, moments and dates carry a tag."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.base.clock import parse_rfc3339
from comity.base.model import Json, JsonObject

_AT_ONCE: Final = 500
_BYTES: Final = 1 << 20
_FETCH_BYTES: Final = 64 << 20


def packed(connection: sa.Connection, table: sa.Table) -> Iterator[JsonObject]:
    """The table's rows as records of at most 500 rows, or about 1 MiB, or one row that is larger."""
    options = {"stream_results": True, "yield_per": _at_once(connection, table)}
    found = connection.execute(sa.select(table), execution_options=options)
    rows: list[Json] = []
    size = 0
    for row in found.mappings():
        one: JsonObject = {name: plain(value) for name, value in row.items()}
        rows.append(one)
        size += sum(len(str(value)) for value in one.values())
        if size >= _BYTES or len(rows) == _AT_ONCE:
            yield {"kind": "rows", "table": table.name, "rows": rows}
            rows, size = [], 0
    if rows:
        yield {"kind": "rows", "table": table.name, "rows": rows}


def _at_once(connection: sa.Connection, table: sa.Table) -> int:
    """How many rows to fetch at once, so that even the largest fit into some 64 MiB."""
    sizes = [sa.func.max(sa.func.length(c)) for c in table.columns if isinstance(c.type, sa.LargeBinary)]
    largest = max([1, *(n or 0 for n in connection.execute(sa.select(*sizes)).one())]) if sizes else 1
    return max(1, min(_AT_ONCE, _FETCH_BYTES // largest))


def unpacked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The values of a record's rows, as the table takes them."""
    return [{name: _rich(value) for name, value in row.items()} for row in rows]


def plain(value: Any) -> Json:
    """A column's value as JSON."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"$time": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Mapping | list):
        return {"$json": json.dumps(value)}
    assert value is None or isinstance(value, bool | int | str), f"no such column type yet: {type(value)}"
    return value


def _rich(value: Any) -> Any:
    """The value that `plain` wrote."""
    if not isinstance(value, dict):
        return value
    ((tag, inside),) = value.items()
    match tag:
        case "$bytes":
            return base64.b64decode(inside, validate=True)
        case "$time":
            return parse_rfc3339(inside)
        case "$date":
            return date.fromisoformat(inside)
        case _:
            return json.loads(inside)
