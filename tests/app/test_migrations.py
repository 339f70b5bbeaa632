"""Migrations: they build what the rooms declare, once or again, and a database of another release is refused."""

import json
import lzma
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from comity.app.migrations import revisions, upgrading
from comity.app.settings import Settings, save
from comity.app.tables import metadata
from comity.base.errors import Misconfigured
from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
from tests.app.conftest import Line
from tests.app.first_release import make

Empty = Callable[[str], str]


@pytest.fixture
def fresh(empty_url: Empty, keys: KeyRing) -> Iterator[Database]:
    """A database without tables."""
    database = Database(empty_url("fresh"), node="XA", keys=keys)
    yield database
    database.dispose()


def upgrade(database: Database) -> None:
    with database.unit("test.upgrade") as unit:
        upgrading.upgrade(unit.connection)


def test_migrations_build_what_the_rooms_declare(fresh: Database) -> None:
    upgrade(fresh)
    with fresh.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert revisions.revision(connection) == revisions.NEWEST
        checked = sa.inspect(connection)
        for table in metadata.sorted_tables:  # what autogeneration does not compare
            assert checked.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]


def test_upgrading_again_changes_nothing(fresh: Database) -> None:
    upgrade(fresh)
    upgrade(fresh)
    with fresh.read("test.read") as unit:
        revisions.require_newest(unit.connection)


def test_a_failed_upgrade_leaves_nothing(fresh: Database) -> None:
    with pytest.raises(RuntimeError), fresh.unit("test.upgrade") as unit:
        upgrading.upgrade(unit.connection)
        raise RuntimeError
    with fresh.read("test.read") as unit:
        assert sa.inspect(unit.connection).get_table_names() == []


def test_the_release_knows_its_migrations() -> None:
    known = upgrading.all_revisions()
    assert known[-1] == revisions.NEWEST
    assert set(known) == revisions.KNOWN


def test_an_empty_database_must_be_upgraded(fresh: Database) -> None:
    with fresh.read("test.read") as unit, pytest.raises(Misconfigured, match="comity upgrade") as caught:
        revisions.require_newest(unit.connection)
    assert caught.value.code == "node.schema"


def test_a_newer_database_is_refused(fresh: Database) -> None:
    upgrade(fresh)
    with fresh.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with fresh.read("test.read") as unit, pytest.raises(Misconfigured) as caught:
        revisions.require_newest(unit.connection)
    assert caught.value.code == "node.newer"
    with pytest.raises(Misconfigured):
        upgrade(fresh)


def test_upgrade_by_command(line: Line) -> None:
    line.init()
    assert line.ask("upgrade") == {"before": revisions.NEWEST, "after": revisions.NEWEST, "changed": False}
    code, out, _ = line.run("upgrade")
    assert (code, out) == (0, f"The database is at revision {revisions.NEWEST} already.\n")


def test_commands_say_what_an_old_or_newer_database_needs(line: Line) -> None:
    line.init()
    engine = sa.create_engine(f"sqlite:///{line.home}/node.db")
    for version, code in (("9999", "node.newer"), ("0000", "node.newer")):
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
        assert line.fails("status") == (7, code)
        assert line.fails("upgrade") == (7, code)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    code_, _, err = line.run("status")
    assert code_ == 7
    assert "comity upgrade" in err
    engine.dispose()


# --- from the first release ----------------------------------------------------------------------------------------


@pytest.fixture
def first_release(tmp_path: Path) -> Path:
    """A home as the first release left it: made by `first_release/make.py`."""
    home = tmp_path / "first"
    (home / "keys").mkdir(parents=True, mode=0o700)
    (home / "node.db").write_bytes(lzma.decompress(make.DATABASE.read_bytes()))
    for name, text in json.loads(make.KEYS.read_text(encoding="ascii")).items():
        (home / "keys" / name).touch(mode=0o600)
        (home / "keys" / name).write_text(text, encoding="ascii")
    save(Settings(home, "XA", "Agency of XA"))
    return home


def test_the_first_release_is_upgraded_and_its_log_holds(first_release: Path, line: Line) -> None:
    there = line.at(first_release)
    assert there.ask("upgrade")["before"] == "0001"
    expected = json.loads(make.EXPECTED.read_text(encoding="utf-8"))
    assert expected["entries"] > 50
    assert there.ask("log", "verify") == expected
    assert there.ask("status")["queries"]
    assert "officer-1" in there.run("person", "list")[1]


def test_the_doctor_asks_for_the_upgrade_before_it_reads_anything(first_release: Path, line: Line) -> None:
    there = line.at(first_release)
    checks = {one["check"]: one for one in json.loads(there.run("doctor", "--json")[1])["checks"]}
    assert "comity upgrade" in checks["schema"]["todo"]
    assert checks.keys() == {"keys", "token", "certificate", "schema", "disk"}
    there.ask("upgrade")
    checks = {one["check"]: one for one in json.loads(there.run("doctor", "--json")[1])["checks"]}
    assert checks["schema"]["ok"] and checks["log"]["ok"]


def test_the_first_release_ends_with_the_schema_of_this_one(first_release: Path, line: Line) -> None:
    line.at(first_release).ask("upgrade")
    engine = sa.create_engine(f"sqlite:///{first_release}/node.db")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_what_was_kept_of_the_first_release_stays_small() -> None:
    assert make.DATABASE.stat().st_size < 200_000


def test_a_copy_with_a_changed_entry_is_found_out(first_release: Path, line: Line, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(first_release, copy)
    line.at(copy).ask("upgrade")
    engine = sa.create_engine(f"sqlite:///{copy}/node.db")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE log_entry SET bytes = CAST(replace(bytes, 'person.', 'PERSON.') AS BLOB) WHERE seq = 0"
        )
    engine.dispose()
    line.at(copy).ask("upgrade")
    code, _, _ = line.at(copy).run("log", "verify")
    assert code == 1
