"""The plain statements of one table: what they find, add, change and drop, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from comity.kit.database.rows import Rows
from comity.kit.database.schema import JsonText, UtcTime
from comity.kit.database.unit import Database

THINGS = sa.Table(
    "probe_row", sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("case", sa.String(20)),
    sa.Column("at", UtcTime),
    sa.Column("told", JsonText),
    sa.Column("count", sa.Integer),
)  # fmt: skip
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def row(id: int, **changes: Any) -> dict[str, Any]:
    return {"id": id, "case": "c", "at": NOON, "told": {"a": [1, None]}, "count": id} | changes


@pytest.fixture
def things(database: Database) -> Iterator[Database]:
    THINGS.create(database.engine)
    yield database


def test_rows_are_added_and_found(things: Database) -> None:
    rows = Rows(THINGS)
    with things.unit("probe.rows") as unit:
        rows.add(unit, row(3))
        rows.add_all(unit, [row(1), row(2, case="d", told=None)])
        rows.add_all(unit, [])
        assert [found.id for found in rows.all(unit, {"case": "c"}, order=["id"])] == [1, 3]
        assert rows.all(unit, {}, ["count"], ["count"]) == [(1,), (2,), (3,)]
        first = rows.first(unit, {"id": 3, "case": "c"})
        assert first is not None and first._asdict() == row(3)
        assert rows.first(unit, {"id": 3, "case": "d"}) is None
        assert rows.first(unit, {"at": NOON, "case": "d"}, ["told", "id"]) == (None, 2)


def test_a_condition_on_nothing_finds_nothing(things: Database) -> None:
    rows = Rows(THINGS)
    with things.unit("probe.rows") as unit:
        rows.add(unit, row(1, case=None))
        assert rows.first(unit, {"case": None}) is None
        assert rows.drop(unit, {"case": None}) == 0


def test_rows_are_changed_and_dropped(things: Database) -> None:
    rows = Rows(THINGS)
    with things.unit("probe.rows") as unit:
        rows.add_all(unit, [row(1), row(2), row(3, case="d")])
        assert rows.change(unit, {"case": "c"}, {"case": "e", "told": [1]}) == 2  # a column both asked for and set
        assert rows.change(unit, {"id": 9}, {"count": 0}) == 0
        assert [(f.case, f.told) for f in rows.all(unit, {"told": [1]}, order=["id"])] == [("e", [1]), ("e", [1])]
        assert rows.drop(unit, {"case": "e"}) == 2
        assert [found.id for found in rows.all(unit, {})] == [3]


def test_columns_become_the_rows_that_they_would_be_one_by_one(things: Database) -> None:
    rows, some = Rows(THINGS), [row(1), row(2, told=None, count=1), row(3, told=[1], count=1)]
    columns = {name: [one[name] for one in some] for name in ("id", "told")}
    with things.unit("probe.rows") as unit:
        rows.add_columns(unit, columns, {name: value for name, value in row(1).items() if name not in columns})
        assert [found._asdict() for found in rows.all(unit, {}, order=["id"])] == some
        with pytest.raises(ValueError), unit.act():
            rows.add_columns(unit, {"id": [4, 5], "told": [None]}, {})
        assert len(rows.all(unit, {})) == 3


def test_a_row_takes_the_place_of_another_or_leaves_it_its_place(things: Database) -> None:
    rows = Rows(THINGS)
    with things.unit("probe.rows") as unit:
        rows.put(unit, row(1), ["id"])
        rows.put(unit, row(1, case="d"), ["id"])
        assert not rows.add_new(unit, row(1, case="e"))
        assert rows.add_new(unit, row(2, case="e"))
        assert [found.case for found in rows.all(unit, {}, order=["id"])] == ["d", "e"]


def test_what_a_savepoint_takes_back_is_gone(things: Database) -> None:
    rows = Rows(THINGS)
    with things.unit("probe.rows") as unit:
        rows.add(unit, row(1))
        _, code = unit.attempt("a failing act", lambda: rows.add_all(unit, [row(2), row(1)]))
        assert code == "node.internal"
        assert [found.id for found in rows.all(unit, {})] == [1]
