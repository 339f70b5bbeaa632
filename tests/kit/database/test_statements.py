"""Prepared statements: the same rows, values and errors as SQLAlchemy's own way, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from comity.base.errors import Conflict
from comity.kit.database.schema import JsonText, UtcTime
from comity.kit.database.statements import Prepared
from comity.kit.database.unit import Database, Unit

THINGS = sa.Table(
    "probe_thing", sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.String(20)),
    sa.Column("bytes", sa.LargeBinary),
    sa.Column("at", UtcTime),
    sa.Column("told", JsonText),
    sa.Column("yes", sa.Boolean),
)  # fmt: skip
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"id": 1, "text": "100 %s %", "bytes": b"\0\xff", "at": NOON, "told": {"a": [1, None]}, "yes": True},
    {"id": 2, "text": None, "bytes": None, "at": None, "told": None, "yes": False},
]
ADD = Prepared(sa.insert(THINGS))
ONE = Prepared(sa.select(THINGS).where(THINGS.c.id == sa.bindparam("which")))
FROM = Prepared(
    sa.select(THINGS.c.id, THINGS.c.at.label("moment"), sa.literal("50 %").label("share"))
    .where(THINGS.c.id >= sa.bindparam("least"), sa.or_(THINGS.c.yes.is_(True), THINGS.c.yes.is_(False)))
    .order_by(THINGS.c.id)
    .limit(sa.bindparam("most"))
)
CHANGE = Prepared(
    sa.update(THINGS).where(THINGS.c.id >= sa.bindparam("least")).values(text="x", at=sa.bindparam("now"))
)


@pytest.fixture
def things(database: Database) -> Iterator[Database]:
    THINGS.create(database.engine)
    with database.unit("probe.fill") as unit:
        ADD.run_many(unit.connection, ROWS)
    yield database


def plain(unit: Unit) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in unit.connection.execute(sa.select(THINGS).order_by(THINGS.c.id))]


def test_values_go_in_and_come_out_as_with_sqlalchemy(things: Database) -> None:
    with things.read("probe.read") as unit:
        found = [ONE.first(unit.connection, {"which": n}) for n in (1, 2)]
        assert [row._asdict() for row in found if row is not None] == ROWS
        assert plain(unit) == found
        assert ONE.first(unit.connection, {"which": 3}) is None


def test_labels_limits_and_fixed_values(things: Database) -> None:
    with things.read("probe.read") as unit:
        rows = FROM.all(unit.connection, {"least": 1, "most": 5})
        assert [(r.id, r.moment, r.share) for r in rows] == [(1, NOON, "50 %"), (2, None, "50 %")]
        assert len(FROM.all(unit.connection, {"least": 1, "most": 1})) == 1


def test_a_change_says_how_many_rows_and_belongs_to_the_unit(things: Database) -> None:
    with pytest.raises(ZeroDivisionError), things.unit("probe.undone") as unit:
        assert CHANGE.run(unit.connection, {"least": 2, "now": NOON}) == 1
        raise ZeroDivisionError
    with things.unit("probe.change") as unit:
        assert CHANGE.run(unit.connection, {"least": 3, "now": NOON}) == 0
        assert CHANGE.run(unit.connection, {"least": 2, "now": NOON}) == 1
        assert [row[1] for row in plain(unit)] == ["100 %s %", "x"]


def test_a_savepoint_takes_it_back(things: Database) -> None:
    with things.unit("probe.act") as unit:
        with pytest.raises(ZeroDivisionError), unit.act():
            ADD.run(unit.connection, {"id": 3, "text": "gone"})
            raise ZeroDivisionError
        ADD.run(unit.connection, {"id": 4, "text": "stays"})
        assert [row[0] for row in plain(unit)] == [1, 2, 4]


def test_errors_are_sqlalchemys_and_name_no_values(things: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError) as caught, things.unit("probe.twice") as unit:
        ADD.run(unit.connection, {"id": 1, "text": "a secret"})
    assert "a secret" not in str(caught.value)
    with pytest.raises(Conflict, match="read"), things.read("probe.read") as unit:
        ADD.run(unit.connection, {"id": 9})


def test_an_error_while_rows_are_fetched_is_sqlalchemys_too(things: Database) -> None:
    """The first row is fine, the absolute value of the second does not fit into 64 bits."""
    lowest = sa.literal(1 - 2**63, sa.BigInteger)
    query = Prepared(sa.select(sa.func.abs(lowest - (THINGS.c.id - 1)).label("size")).order_by(THINGS.c.id))
    with pytest.raises(sa.exc.DBAPIError), things.read("probe.read") as unit:
        query.all(unit.connection, {})
