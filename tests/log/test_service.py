"""The verbs of the log on real databases: what is appended can be proven, and a changed row cannot hide."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound, Tampered
from comity.base.model import Actor, DataKey, Json
from comity.kit.codec.notes import VerifierKey
from comity.kit.database.unit import Database, Unit
from comity.log import rules, service, store
from comity.log.model import FIELDS, Frontier, Head, Inclusion, Record
from tests.clock import FixedClock

OFFICER = Actor("XA", "officer-1", "unit-a", frozenset({"officer"}))
CASE_KEY = DataKey("case-key-1", b"k" * 32)


def record(number: int = 0, *, kind: str = "message.sent", **more: object) -> Record:
    values = {"type": kind, "actor": OFFICER, "subject": {"number": number}, "payload": {"digest": f"{number:064x}"}}
    return Record(**(values | more))  # type: ignore[arg-type]  # the names are Record's own


def fill(database: Database, count: int, *, batch: int = 64) -> None:
    done = 0
    while done < count:
        with database.unit("test.fill") as unit:
            for number in range(done, min(count, done + batch)):
                service.append(unit, record(number))
        done += batch


def verified(database: Database) -> None:
    with database.read("test.verify") as unit:
        report = service.verify(unit, lambda _unit, name: CASE_KEY if name == CASE_KEY.id else None)
    assert report.ok, report.findings


def test_an_empty_log(database: Database) -> None:
    with database.read("test.read") as unit:
        assert service.head(unit) == Head("comity.invalid/XA/log", 0, rules.EMPTY_ROOT)
        assert service.check_checkpoint(service.checkpoint(unit), service.verifier(unit)).size == 0
        assert service.verify(unit).ok
        with pytest.raises(NotFound):
            service.prove(unit, 0)
        assert service.entries(unit) == []


def test_append_head_prove_and_check(database: Database) -> None:
    with database.unit("test.append") as unit:
        assert [service.append(unit, record(n)) for n in range(3)] == [0, 1, 2]
        assert service.head(unit).size == 0
    with database.read("test.read") as unit:
        key = service.verifier(unit)
        proof = service.prove(unit, 1, ("payload", "actor"))
        head = service.check_inclusion(proof, key, {"payload": {"digest": f"{1:064x}"}})
        assert head == service.head(unit)
        assert head.size == 3
        again = service.parse_inclusion(json.loads(json.dumps(proof.as_dict())))
        assert again == proof
        assert proof.opening["actor"].value == {
            "node": "XA", "person": "officer-1", "unit": "unit-a", "roles": ["officer"],
        }  # fmt: skip
        assert b"officer-1" not in proof.entry
        assert service.entry(unit, 1).clear["commits"] != service.entry(unit, 2).clear["commits"]
    verified(database)


def test_one_unit_writes_one_checkpoint(database: Database) -> None:
    fill(database, 130, batch=64)
    with database.read("test.read") as unit:
        rows = unit.connection.execute(sa.select(store.checkpoint_table.c.size)).scalars().all()
    assert sorted(rows) == [64, 128, 130]


def test_the_stored_head_is_the_plain_tree(database: Database) -> None:
    for batch in (1, 2, 5, 31, 64, 200, 255, 60):
        with database.unit("test.fill") as unit:
            for number in range(batch):
                service.append(unit, record(number))
    with database.read("test.read") as unit:
        leaves = [rules.leaf_hash(e.data) for e in service.entries(unit, limit=1000)]
        assert len(leaves) == 618
        assert service.head(unit).root == rules.root(rules.append(Frontier(), leaves).frontier)
    verified(database)


def test_every_entry_is_provable_and_every_size_consistent(database: Database) -> None:
    fill(database, 70, batch=7)
    with database.read("test.read") as unit:
        key, note = service.verifier(unit), service.checkpoint(unit)
        heads = [service.check_inclusion(service.prove(unit, index), key) for index in range(70)]
        assert set(heads) == {service.head(unit)}
        frontier = Frontier()
        for entry in service.entries(unit):
            earlier = Head(key.name, frontier.size, rules.root(frontier))
            hashes = service.consistency(unit, frontier.size, 70)
            assert service.check_consistency(earlier, note, hashes, key) == heads[0]
            frontier = rules.append(frontier, [entry.leaf_hash]).frontier
        for first in range(71):
            for second in range(first, 71):
                assert len(service.consistency(unit, first, second)) <= 8


def test_a_stretch_leads_through_every_size(database: Database) -> None:
    fill(database, 600, batch=300)
    with database.read("test.read") as unit:
        name, leaves = service.verifier(unit).name, [e.leaf_hash for e in service.entries(unit, limit=600)]
        sizes = (1, 7, 256, 300, 600)
        heads = [Head(name, size, rules.root(rules.append(Frontier(), leaves[:size]).frontier)) for size in sizes]
        for at in range(len(heads)):
            service.check_stretch(heads[at:], service.stretch(unit, sizes[at], 600))
        shown = service.stretch(unit, 1, 600)
        with pytest.raises(Tampered, match="of 256 entries has another root"):
            service.check_stretch([*heads[:2], replace(heads[2], root=bytes(32)), *heads[3:]], shown)
        with pytest.raises(Tampered, match="earlier head is of"):
            service.check_stretch([*heads[:4], replace(heads[4], origin="comity.invalid/XB/log")], shown)
        for first, second in ((0, 4), (-1, 4), (5, 4), (1, 601)):
            with pytest.raises(BadInput, match="no stretch"):
                service.stretch(unit, first, second)


def test_proofs_use_stored_subtrees(database: Database) -> None:
    fill(database, 1100, batch=300)
    with database.read("test.read") as unit:
        key = service.verifier(unit)
        for index in (0, 255, 256, 700, 1023, 1024, 1099):
            service.check_inclusion(service.prove(unit, index), key)
        nodes = store.all_nodes(unit.connection, store.misstored_rows(unit.connection))
        assert len(nodes) == 4
        early = rules.append(Frontier(), [e.leaf_hash for e in service.entries(unit, limit=600)]).frontier
        earlier = Head(key.name, 600, rules.root(early))
        service.check_consistency(earlier, service.checkpoint(unit), service.consistency(unit, 600, 1100), key)
    verified(database)


@pytest.mark.parametrize("before", [0, 1, 6, 255])
def test_a_unit_proves_its_own_entries_as_a_later_one_does(database: Database, before: int) -> None:
    if before:
        fill(database, before, batch=before)
    early: dict[int, Inclusion] = {}

    def prove(unit: Unit) -> None:
        for index in range(before, before + 3):
            early[index] = service.prove(unit, index, ("payload", "subject"))
        with pytest.raises(NotAllowed):
            service.prove(unit, before + 3)
        early[before + 3] = service.prove(unit, before + 3, key=CASE_KEY)
        with pytest.raises(NotFound):
            service.prove(unit, before + 4)

    with database.unit("test.prove") as unit:
        for number in range(3):
            service.append(unit, record(number))
        service.append(unit, record(3, key=CASE_KEY))
        unit.before_commit("test.prove", prove)
    with database.read("test.read") as unit:
        for index, inclusion in early.items():
            fields = tuple(inclusion.opening)
            assert service.prove(unit, index, fields, CASE_KEY) == inclusion
            service.check_inclusion(inclusion, service.verifier(unit))


def test_a_rolled_back_act_drops_its_entries(database: Database) -> None:
    with database.unit("test.act") as unit:
        assert service.append(unit, record(1)) == 0
        with pytest.raises(ZeroDivisionError), unit.act():
            assert service.append(unit, record(2)) == 1
            raise ZeroDivisionError
        assert service.append(unit, record(3)) == 1
    with database.unit("test.act") as unit, pytest.raises(ZeroDivisionError), unit.act():
        service.append(unit, record(4))
        raise ZeroDivisionError
    with database.read("test.read") as unit:
        values = [service.read_opening(unit, i, "subject").value for i in range(service.head(unit).size)]
    assert values == [{"number": 1}, {"number": 3}]
    verified(database)


def test_a_failed_unit_leaves_nothing(database: Database) -> None:
    fill(database, 2)
    with pytest.raises(ZeroDivisionError), database.unit("test.fail") as unit:
        service.append(unit, record(9))
        raise ZeroDivisionError
    with database.read("test.read") as unit:
        assert service.head(unit).size == 2
    verified(database)


def test_a_hook_behind_the_log_may_prove_and_append(database: Database) -> None:
    seen: list[int] = []

    def hook(unit: Unit) -> None:
        proof = service.prove(unit, 0)
        seen.append(service.check_inclusion(proof, service.verifier(unit)).size)
        service.append(unit, record(2))

    with database.unit("test.hook") as unit:
        service.append(unit, record(1))
        with pytest.raises(NotFound):
            service.prove(unit, 0)
        unit.before_commit("test", hook)
    assert seen == [1]
    with database.read("test.read") as unit:
        assert service.head(unit).size == 2
    verified(database)


def test_a_read_unit_cannot_append(database: Database) -> None:
    with database.read("test.read") as unit, pytest.raises(Conflict):
        service.append(unit, record())


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "Officer Miller"}, {"peer": "a b"}, {"auth_hash": "x"}, {"policy_hash": "A" * 64},
        {"retention": "forever"}, {"legal_basis": "line\nbreak"}, {"payload": 1.5},
        {"peer_head": Head("o" * 66_000, 1, bytes(32))},
    ],
)  # fmt: skip
def test_the_clear_fields_take_only_codes(database: Database, more: dict[str, object]) -> None:
    with database.unit("test.bad") as unit, pytest.raises(BadInput):
        service.append(unit, record(**more))  # type: ignore[arg-type]  # the names are Record's own
    verified(database)


def test_openings_under_a_case_key(database: Database) -> None:
    with database.unit("test.case") as unit:
        service.append(unit, record(key=CASE_KEY, case="case-1"))
    with database.read("test.read") as unit:
        assert service.read_opening(unit, 0, "case", CASE_KEY).value == "case-1"
        with pytest.raises(NotAllowed):
            service.read_opening(unit, 0, "case")
        with pytest.raises(NotAllowed):
            service.prove(unit, 0, key=DataKey("other", b"k" * 32))
        with pytest.raises(Tampered):
            service.read_opening(unit, 0, "case", DataKey(CASE_KEY.id, b"x" * 32))
        with pytest.raises(BadInput):
            service.read_opening(unit, 0, "colour")
        assert service.verify(unit).unread == 4
        assert not service.verify(unit, lambda _unit, _name: None).ok
    verified(database)


def test_erasure_keeps_the_tree_and_is_itself_recorded(database: Database) -> None:
    fill(database, 3)
    with database.unit("test.erase") as unit:
        before = service.head(unit)
        assert service.erase(unit, 1, ["subject", "payload"], record(payload="citizen's request")) == 3
        with pytest.raises(BadInput):
            service.erase(unit, 1, [], record())
        with pytest.raises(NotFound):
            service.erase(unit, 99, ["payload"], record())
    with database.read("test.read") as unit:
        key = service.verifier(unit)
        service.check_consistency(before, service.checkpoint(unit), service.consistency(unit, 3, 4), key)
        service.check_inclusion(service.prove(unit, 1, ("actor",)), key)
        with pytest.raises(NotFound):
            service.prove(unit, 1)
        report = service.verify(unit)
        assert (report.ok, report.erased, report.opened) == (True, 2, 14)
    with database.unit("test.erase") as unit, pytest.raises(Conflict):
        service.erase(unit, 3, ["subject"], record())


def _changed(value: object) -> object:
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, str):
        return ("0" if value[0] != "0" else "1") + value[1:]
    if value is None:
        return "XZ"
    return FixedClock(value).advance(1)  # type: ignore[arg-type]  # what is left is a time


TABLES = (store.entry_table, store.opening_table, store.checkpoint_table, store.head_table, store.node_table)
COLUMNS = [(t, c.name) for t in TABLES for c in t.columns if c.name != "one"]


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{t.name}.{c}" for t, c in COLUMNS])
def test_every_changed_column_is_found_and_named(database: Database, table: sa.Table, column: str) -> None:
    fill(database, 256, batch=200)
    verified(database)
    key = next(iter(table.primary_key.columns))
    with database.unit("test.tamper") as unit:
        target = unit.connection.execute(sa.select(sa.func.max(key))).scalar_one()
        value = unit.connection.execute(sa.select(table.c[column]).where(key == target)).scalars().first()
        unit.connection.execute(sa.update(table).where(key == target).values({column: _changed(value)}))
    with database.read("test.verify") as unit:
        report = service.verify(unit, lambda _unit, _name: None)
    name = {"log_head": "log_head", "log_node": "log_node 8/0"}.get(table.name, f"{table.name} {target}")
    assert not report.ok
    assert name in {finding.row for finding in report.findings}


@pytest.mark.parametrize("table", TABLES, ids=[t.name for t in TABLES])
def test_a_value_of_another_kind_is_a_finding_that_names_the_row(database: Database, table: sa.Table) -> None:
    """SQLite, unlike PostgreSQL, keeps text where bytes belong; a row that cannot be read is no reason to break off."""
    fill(database, 256, batch=200)
    key = next(iter(table.primary_key.columns))
    with database.unit("test.tamper") as unit:
        target = unit.connection.execute(sa.select(sa.func.max(key))).scalar_one()
        for column in (c.name for c in table.columns if c.name not in ("seq", "one") and c.name != key.name):
            for value in ("'text'", "x'00ff'", "12.5", "'2026-02-30 10:00:00.000000'"):
                change = f'UPDATE {table.name} SET "{column}" = {value} WHERE "{key.name}" = {target}'
                with unit.connection.begin_nested() as changed:
                    if not _took(unit, change):
                        assert unit.connection.dialect.name == "postgresql", "only PostgreSQL guards its columns' kinds"
                        continue
                    report = service.verify(unit, lambda _unit, _name: None)
                    changed.rollback()
                assert table.name in {finding.row.split()[0] for finding in report.findings}, (column, value)


def _took(unit: Unit, change: str) -> bool:
    """Whether the database let a value of another kind in."""
    try:
        with unit.connection.begin_nested():
            unit.connection.execute(sa.text(change))
    except sa.exc.DBAPIError:
        return False
    return True


@pytest.mark.parametrize("column", [c.name for c in store.opening_table.columns if c.nullable])
def test_an_opening_that_vanished_is_found(database: Database, column: str) -> None:
    fill(database, 2)
    with database.unit("test.tamper") as unit:
        table = store.opening_table
        unit.connection.execute(sa.update(table).where(table.c.seq == 1).values({column: None}))
    with database.read("test.verify") as unit:
        assert [finding.row for finding in service.verify(unit).findings] == ["log_opening 1"]


@pytest.mark.parametrize("table", TABLES, ids=[t.name for t in TABLES])
def test_a_deleted_row_is_found(database: Database, table: sa.Table) -> None:
    fill(database, 256, batch=256)
    key = next(iter(table.primary_key.columns))
    with database.unit("test.tamper") as unit:
        target = unit.connection.execute(sa.select(sa.func.max(key))).scalar_one()
        unit.connection.execute(sa.delete(table).where(key == target))
    with database.read("test.verify") as unit:
        named = {finding.row.split()[0] for finding in service.verify(unit).findings}
    # Of a deleted last entry, the opening is left over.
    assert ("log_opening" if table is store.entry_table else table.name) in named


def test_swapped_openings_are_found(database: Database) -> None:
    """A sealed value is bound to its entry and field: it opens nowhere else."""
    fill(database, 2)
    table = store.opening_table
    with database.unit("test.tamper") as unit:
        blob = unit.connection.execute(sa.select(table.c.payload).where(table.c.seq == 0)).scalar_one()
        unit.connection.execute(sa.update(table).where(table.c.seq == 1).values(payload=blob))
    with database.read("test.verify") as unit:
        assert [finding.row for finding in service.verify(unit).findings] == ["log_opening 1"]


def test_a_truncated_log_is_not_signed_over(database: Database) -> None:
    """Whoever winds back entries and head, but forges no signature, is stopped at the next act."""
    fill(database, 8, batch=4)
    with database.unit("test.tamper") as unit:
        unit.connection.execute(sa.update(store.head_table).values(size=7))
    with database.unit("test.next") as unit, pytest.raises(Tampered):
        service.append(unit, record())


def test_forged_inclusions_are_refused(database: Database, keyring: Callable[[str], object]) -> None:
    fill(database, 5)
    with database.read("test.read") as unit:
        key, proof, other = service.verifier(unit), service.prove(unit, 2), service.prove(unit, 3)
    stranger = VerifierKey("comity.invalid/XB/log", keyring("XB").log.public)  # type: ignore[attr-defined]
    good: dict[str, Json] = {"payload": {"digest": f"{2:064x}"}}
    service.check_inclusion(proof, key, good)
    forged = [
        Inclusion(2, other.entry, proof.proof, other.opening),
        Inclusion(3, proof.entry, proof.proof, proof.opening),
        Inclusion(2, proof.entry, proof.proof, other.opening),
        Inclusion(2, proof.entry, proof.proof, {}),
        Inclusion(2, proof.entry + b" ", proof.proof, proof.opening),
    ]
    for inclusion in forged:
        with pytest.raises((Tampered, BadInput)):
            service.check_inclusion(inclusion, key, good)
    wrong: list[Json] = [{"digest": "0"}, None, True]
    for value in wrong:
        with pytest.raises(Tampered):
            service.check_inclusion(proof, key, {"payload": value})
    with pytest.raises(Tampered):
        service.check_inclusion(proof, stranger, good)


def test_two_heads_of_one_size_are_refused(database: Database) -> None:
    fill(database, 5)
    with database.read("test.read") as unit:
        key, note, hashes = service.verifier(unit), service.checkpoint(unit), service.consistency(unit, 3, 5)
        with pytest.raises(BadInput):
            service.consistency(unit, 3, 6)
    foreign = Head("comity.invalid/XB/log", 3, bytes(32))
    for earlier in (foreign, *(Head(key.name, size, bytes(32)) for size in (0, 3, 5, 9))):
        with pytest.raises(Tampered):
            service.check_consistency(earlier, note, hashes if earlier.size == 3 else [], key)


@pytest.mark.parametrize(
    "bundle",
    [{}, {"entry": 1}, {"entry": "", "tlog_proof": "", "opening": {}}, {"entry": "", "tlog_proof": 1, "opening": {}}],
)
def test_misshapen_bundles_are_refused(bundle: dict[str, Json]) -> None:
    with pytest.raises(BadInput):
        service.parse_inclusion(bundle)


def test_every_entry_commits_to_four_fields(database: Database) -> None:
    fill(database, 1)
    with database.read("test.read") as unit:
        commits = service.entry(unit, 0).clear["commits"]
    assert isinstance(commits, dict)
    assert set(commits) == set(FIELDS)
