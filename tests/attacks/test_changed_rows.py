"""An administrator with full rights on the disk edits or deletes rows of the log: `comity log verify` says which."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from comity.app.settings import load
from comity.app.wiring import create_node
from comity.base.model import Actor
from comity.log import service as log
from comity.log import store
from comity.log.model import Record
from tests.app.conftest import Line

TABLES = (store.entry_table, store.opening_table, store.checkpoint_table, store.head_table, store.node_table)
COLUMNS = [(t.name, c.name) for t in TABLES for c in t.columns if c.name != "one"]


@pytest.fixture
def grown(furnished: Line) -> Line:
    """A log long enough for its first complete subtree."""
    node = create_node(load(furnished.home))
    with node.database.unit("test.grow") as unit:
        for number in range(256):
            log.append(unit, Record("test.grown", Actor.system(unit.node), {"number": number}, None))
    node.close()
    return furnished


@contextmanager
def tampered(line: Line, *statements: str) -> Iterator[int]:
    """The node's database file after these statements, which are undone at the end; how many rows they changed."""
    with closing(sqlite3.connect(line.home / "node.db")) as database, closing(sqlite3.connect(":memory:")) as before:
        database.backup(before)
        changed = sum(database.execute(statement).rowcount for statement in statements)
        database.commit()
        yield changed
        before.backup(database)


def flipped(table: str, column: str, kind: str) -> str:
    """Another value of the same kind in the newest row that has one."""
    new = {
        "blob": f"""CAST(substr("{column}", 1, length("{column}") - 1)
            || CASE substr("{column}", -1) WHEN x'07' THEN x'08' ELSE x'07' END AS BLOB)""",
        "integer": f'"{column}" + 1000',
        "text": f"""CASE substr("{column}", 1, 1) WHEN '9' THEN '8' ELSE '9' END || substr("{column}", 2)""",
    }[kind]
    return (
        f'UPDATE {table} SET "{column}" = {new} WHERE rowid ='
        f' (SELECT max(rowid) FROM {table} WHERE "{column}" IS NOT NULL)'
    )


def kind_of(line: Line, table: str, column: str) -> str:
    """How SQLite keeps the column; empty where no row has a value."""
    query = f'SELECT typeof("{column}") FROM {table} WHERE "{column}" IS NOT NULL ORDER BY rowid DESC LIMIT 1'
    with closing(sqlite3.connect(line.home / "node.db")) as database:
        found = database.execute(query).fetchone()
    return str(found[0]) if found else ""


def test_every_column_of_the_log_flipped_is_found(grown: Line) -> None:
    assert grown.ask("log", "verify")["ok"]
    for table, column in COLUMNS:
        kind = kind_of(grown, table, column)
        change = flipped(table, column, kind) if kind else f"UPDATE {table} SET \"{column}\" = 'XZ'"
        with tampered(grown, change) as changed:
            assert changed, (table, column)
            code, out, _ = grown.run("log", "verify")
            assert code == 1, (table, column)
            assert "NOT whole" in out
            assert table in out
    assert grown.ask("log", "verify")["ok"], "everything was put back"


@pytest.mark.parametrize("table", [t.name for t in TABLES])
def test_a_row_deleted_is_found(grown: Line, table: str) -> None:
    with tampered(grown, f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})") as changed:
        assert changed == 1
        assert grown.run("log", "verify")[0] == 1


def test_two_entries_that_change_places_are_found(grown: Line) -> None:
    swap = "UPDATE log_entry SET seq = CASE seq WHEN 2 THEN 3 ELSE 2 END + 100000 WHERE seq IN (2, 3)"
    with tampered(grown, swap, "UPDATE log_entry SET seq = seq - 100000 WHERE seq > 99999") as changed:
        assert changed == 4
        assert grown.run("log", "verify")[0] == 1
