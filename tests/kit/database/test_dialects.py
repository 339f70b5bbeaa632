"""What only the dialect module may know, held to one behaviour on both databases."""

import pytest
import sqlalchemy as sa

from comity.base.errors import Misconfigured
from comity.kit.database.dialects import dialect_for
from comity.kit.database.unit import Database

PAIRS = sa.Table(
    "probe_pair", sa.MetaData(),
    sa.Column("a", sa.Integer, primary_key=True), sa.Column("b", sa.Integer, primary_key=True),
    sa.Column("value", sa.Text),
)  # fmt: skip


@pytest.fixture
def pairs(database: Database) -> Database:
    PAIRS.create(database.engine)
    return database


def test_upsert_inserts_then_updates(pairs: Database) -> None:
    with pairs.unit("probe.write") as unit:
        for value in ("first", "second"):
            unit.connection.execute(unit.dialect.upsert(PAIRS, {"a": 1, "b": 2, "value": value}, ("a", "b")))
        unit.connection.execute(unit.dialect.upsert(PAIRS, {"a": 1, "b": 2}, ("a", "b")))
        assert unit.connection.execute(sa.select(PAIRS)).all() == [(1, 2, "second")]


def test_insert_if_new_says_whether_it_was(pairs: Database) -> None:
    with pairs.unit("probe.write") as unit:
        firsts = [
            unit.dialect.insert_if_new(PAIRS, {"a": 1, "b": 2, "value": value}, ("a", "b"))
            for value in ("first", "second")
        ]
        counts = [unit.connection.execute(insert).rowcount for insert in firsts]
        assert (counts, unit.connection.scalar(sa.select(PAIRS.c.value))) == ([1, 0], "first")


def test_the_promised_durability_is_set(database: Database, engine: str) -> None:
    asked = {
        "sqlite": ("PRAGMA synchronous", "PRAGMA journal_mode", "PRAGMA foreign_keys", "PRAGMA busy_timeout"),
        "postgresql": ("SHOW synchronous_commit", "SHOW lock_timeout"),
    }
    expected = {"sqlite": [2, "wal", 1, 30_000], "postgresql": ["on", "30s"]}
    with database.unit("probe.look") as unit:
        found = [unit.connection.exec_driver_sql(question).scalar() for question in asked[engine]]
    assert found == expected[engine]


def test_an_error_shows_no_value(pairs: Database) -> None:
    row = {"a": 1, "b": 2, "value": "the-name-of-a-witness"}
    with pairs.unit("probe.write") as unit:
        unit.connection.execute(sa.insert(PAIRS), row)
        with pytest.raises(sa.exc.IntegrityError) as caught, unit.act():
            unit.connection.execute(sa.insert(PAIRS), row)
    assert "witness" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://", "nonsense", ""])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        dialect_for(url)


def test_the_backup_hint_never_shows_a_password() -> None:
    assert "secret" not in dialect_for("postgresql://node:secret@host/comity").backup_hint()
    assert "/srv/node.db" in dialect_for("sqlite:////srv/node.db").backup_hint()
