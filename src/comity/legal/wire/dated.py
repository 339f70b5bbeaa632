"""The dated tables: participations, declarations, offences, findings on recipients, calendars, quotas; CSV (RFC 4180).

The header says which table a file is. Rows are named by their line in the file. What a row says is checked here by
itself; codes and overlaps are checked against all other tables by `rules.tables`.
"""

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Final, TypeVar

from comity.legal.model import (
    DatedQuota,
    DatedTable,
    DayOff,
    Declaration,
    Direction,
    Offence,
    Participation,
    Quota,
    Recipient,
    Scope,
    Tripped,
)
from comity.legal.rules.calendars import is_day_off
from comity.legal.wire.fields import MAX_BYTES, bad, day

COLUMNS: Final = {
    "participations": ("instrument", "state", "from", "until", "territory", "source"),
    "declarations": ("id", "instrument", "state", "article", "effect", "value", "from", "until", "text", "source"),
    "offences": ("state", "code", "text", "iccs", "eaw_list", "category", "max_penalty_months", "from", "until"),
    "recipients": (
        "by",
        "recipient",
        "basis",
        "reason",
        "death_penalty",
        "torture_risk",
        "from",
        "until",
        "source",
    ),
    "calendar": ("state", "day", "from", "until", "name", "source"),
    "quotas": ("direction", "scope", "name", "measure", "per_day", "then", "from", "until", "source"),
}
MAY_BE_EMPTY: Final = frozenset({"until", "value", "eaw_list", "reason"})
MAX_FIELD: Final = 10_000

T = TypeVar("T")
C = TypeVar("C", bound=str)


def read_table(data: bytes, name: str) -> DatedTable:
    """The dated table in `data`; BadInput names file `name`, line and reason."""
    if len(data) > MAX_BYTES:
        raise bad(f"larger than {MAX_BYTES} bytes", name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise bad(f"not UTF-8: {error.reason} at byte {error.start}", name) from error
    kind, rows = _rows(text, name)
    if kind == "participations":
        return DatedTable(kind, name, participations=_each(rows, _participation))
    if kind == "declarations":
        return DatedTable(kind, name, declarations=_each(rows, _declaration))
    if kind == "recipients":
        return DatedTable(kind, name, recipients=_each(rows, _recipient))
    if kind == "calendar":
        return DatedTable(kind, name, calendar=_each(rows, _day_off))
    if kind == "quotas":
        return DatedTable(kind, name, quotas=_each(rows, _quota))
    return DatedTable(kind, name, offences=_each(rows, _offence))


def _rows(text: str, name: str) -> tuple[str, list[tuple[dict[str, str], str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[dict[str, str], str]] = []
    try:
        header = tuple(cell.strip() for cell in next(reader, []))
        kind = next((k for k, columns in COLUMNS.items() if sorted(columns) == sorted(header)), "")
        if not kind:
            known = "; ".join(f"{k}: {','.join(c)}" for k, c in COLUMNS.items())
            raise bad(f"the first line is not the header of a known table ({known})", f"{name} row 1")
        for cells in reader:
            if cells:
                rows.append((_cells(header, cells, f"{name} row {reader.line_num}"), f"{name} row {reader.line_num}"))
    except csv.Error as error:
        raise bad(f"not CSV: {error}", f"{name} row {reader.line_num}") from error
    if not rows:
        raise bad("no rows under the header", name)
    return kind, rows


def _cells(header: tuple[str, ...], cells: list[str], where: str) -> dict[str, str]:
    if len(cells) != len(header):
        raise bad(f"{len(cells)} cells under {len(header)} columns", where)
    row = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
    for column, cell in row.items():
        if not cell and column not in MAY_BE_EMPTY:
            raise bad(f"{column} is missing", where)
        if len(cell) > MAX_FIELD:
            raise bad(f"{column} is longer than {MAX_FIELD} characters", where)
    return row


def _each(rows: list[tuple[dict[str, str], str]], read: Callable[[dict[str, str], str], T]) -> tuple[T, ...]:
    return tuple(read(row, where) for row, where in rows)


def _dates(row: dict[str, str], where: str) -> tuple[date, date | None]:
    start = day(row["from"], "from", where)
    end = day(row["until"], "until", where) if row["until"] else None
    if end is not None and end < start:
        raise bad(f"until {end} lies before from {start}", where)
    return start, end


def _state(row: dict[str, str], where: str, column: str = "state") -> str:
    state = row[column]
    if len(state) != 2 or not state.isascii() or not state.isalpha() or not state.isupper():
        raise bad(f"{column}: {state!r} is not an ISO 3166-1 code", where)
    return state


def _participation(row: dict[str, str], where: str) -> Participation:
    start, end = _dates(row, where)
    parts = [] if row["territory"] == "all" else row["territory"].split(";")
    if not all(part.startswith("-") and len(part) > 1 for part in parts):
        raise bad("territory: `all`, or the parts left out, such as -XB-ISLES;-XB-PORT", where)
    left_out = tuple(part[1:] for part in parts)
    return Participation(row["instrument"], _state(row, where), start, end, left_out, row["source"], where)


def _declaration(row: dict[str, str], where: str) -> Declaration:
    start, end = _dates(row, where)
    return Declaration(
        id=row["id"], instrument=row["instrument"], state=_state(row, where), article=row["article"],
        effect=row["effect"], value=row["value"], valid_from=start, valid_until=end, text=row["text"],
        source=row["source"], where=where,
    )  # fmt: skip


def _offence(row: dict[str, str], where: str) -> Offence:
    start, end = _dates(row, where)
    months = row["max_penalty_months"]
    if not months.isascii() or not months.isdigit() or len(months) > 5:
        raise bad(f"max_penalty_months: {months!r} is not a whole number", where)
    return Offence(
        state=_state(row, where), code=row["code"], text=row["text"], iccs=row["iccs"], eaw_list=row["eaw_list"],
        category=row["category"], max_penalty_months=int(months), valid_from=start, valid_until=end, where=where,
    )  # fmt: skip


def _recipient(row: dict[str, str], where: str) -> Recipient:
    start, end = _dates(row, where)
    if row["basis"] == "derogation" and not row["reason"]:
        raise bad("reason is missing: a derogation has one", where)
    return Recipient(
        by=_state(row, where, "by"), recipient=_state(row, where, "recipient"), basis=row["basis"],
        reason=row["reason"], death_penalty=row["death_penalty"], torture_risk=row["torture_risk"], valid_from=start,
        valid_until=end, source=row["source"], where=where,
    )  # fmt: skip


def _day_off(row: dict[str, str], where: str) -> DayOff:
    """A day such as ``2026-12-25``, ``--12-25`` (each year) or ``saturday`` (each week)."""
    if not is_day_off(row["day"]):
        raise bad(f"day: {row['day']!r} is none; write 2026-12-25, --12-25 (each year) or saturday (each week)", where)
    start, end = _dates(row, where)
    return DayOff(_state(row, where), row["day"], start, end, row["name"], row["source"], where)


WAYS: Final[tuple[Direction, ...]] = ("outgoing", "incoming")
SCOPES: Final[tuple[Scope, ...]] = ("partner", "person", "case", "instrument")
ENDS: Final[tuple[Tripped, ...]] = ("queue", "refuse")


def _quota(row: dict[str, str], where: str) -> DatedQuota:
    """A capacity for one name or, with ``*``, for each one, of one measure or, with ``*``, of all together."""
    start, end = _dates(row, where)
    number = row["per_day"]
    if not number.isascii() or not number.isdigit() or len(number) > 7:
        raise bad(f"per_day: {number!r} is not a whole number", where)
    quota = Quota(
        _one_of(row, "direction", WAYS, where), _one_of(row, "scope", SCOPES, where), row["name"], row["measure"],
        int(number), _one_of(row, "then", ENDS, where), set_by=row["source"],
    )  # fmt: skip
    return DatedQuota(quota, start, end, row["source"], where)


def _one_of(row: dict[str, str], column: str, known: tuple[C, ...], where: str) -> C:
    for code in known:
        if row[column] == code:
            return code
    raise bad(f"{column}: {row[column]!r} is none of {', '.join(known)}", where)
