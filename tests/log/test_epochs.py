"""A log in several epochs: one tree, each part signed under its own name; what the database says of it is checked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Conflict, Tampered
from comity.base.model import Actor, JsonObject
from comity.kit.codec.notes import VerifierKey, sign_note
from comity.kit.crypto.signing import Signer, SigningKey
from comity.kit.database.unit import Database, Unit
from comity.log import rules, service, store
from comity.log.model import EPOCH, Epoch, Record
from tests.log.test_service import fill, record

NAMES = ("comity.invalid/XA/log", "comity.invalid/XA/log/epoch-2")


def begun(unit: Unit, number: int = 2, key: Signer | None = None, **more: Any) -> int:
    """Epoch `number` begins, for a reason that a test has."""
    key = key or unit.keys.log
    payload: JsonObject = {**service.next_epoch(unit, number, key.public), "reason": "a test"}
    return service.begin(unit, replace(Record(EPOCH, Actor.system(unit.node), None, payload), **more), key)


@pytest.fixture
def two(database: Database) -> Database:
    """A log of 256 entries in its first epoch and 11 in its second."""
    fill(database, 256, batch=200)
    with database.unit("test.epoch") as unit:
        begun(unit)
    fill(database, 10, batch=5)
    return database


@contextmanager
def keyed(database: Database, key: SigningKey) -> Iterator[Database]:
    """The database while its node has that log key."""
    before = database.keys
    database.keys = replace(before, log=key)
    yield database
    database.keys = before


# --- names -----------------------------------------------------------------------------------------------------------


@given(st.integers(1, rules.MOST_EPOCHS), st.sampled_from(["XA", "XB", "X-1"]))
def test_a_name_tells_its_epoch_to_its_own_node(number: int, node: str) -> None:
    name = rules.origin(node, number)
    assert rules.epoch_of(name, node) == number
    assert not rules.epoch_of(name, "XZ")


@pytest.mark.parametrize(
    "ending",
    [
        "/epoch-1", "/epoch-0", "/epoch-02", "/epoch-1000000", "/epoch-", "/epoch-2/", "/epoch--2", "x",
        "/epoch-\N{ARABIC-INDIC DIGIT TWO}", "/epoch-2\n",
    ],
)  # fmt: skip
def test_no_other_name_is_an_epoch(ending: str) -> None:
    assert not rules.epoch_of(NAMES[0] + ending, "XA")


# --- the log goes on -------------------------------------------------------------------------------------------------


def test_the_tree_goes_on_and_each_part_is_signed_under_its_name(two: Database) -> None:
    with two.read("test.read") as unit:
        head, key = service.head(unit), service.verifier(unit)
        assert (head.origin, head.size, key.name) == (NAMES[1], 267, NAMES[1])
        notes = unit.connection.execute(sa.select(store.checkpoint_table.c.size, store.checkpoint_table.c.note)).all()
        assert {size: note.partition("\n")[0] for size, note in notes} == {
            200: NAMES[0], 256: NAMES[0], 257: NAMES[1], 262: NAMES[1], 267: NAMES[1],
        }  # fmt: skip
        for index in (0, 255, 256, 266):
            assert service.check_inclusion(service.prove(unit, index), key) == head
        assert [service.check_own(unit, note)[1] for _, note in sorted(notes)] == [1, 1, 2, 2, 2]
        first, second = service.epochs(unit)
        assert (first.number, first.start, second.number, second.start) == (1, 0, 2, 256)
        assert service.told(unit, second)["reason"] == "a test" and service.told(unit, first) == {}
        assert service.verify_tree(unit) == head
        report = service.verify(unit)
    assert report.ok and report.head == head and report.checkpoints == 5


def test_a_proof_of_the_first_epoch_holds_under_its_key_and_no_other(database: Database) -> None:
    fill(database, 3)
    with database.read("test.read") as unit:
        old_key, old = service.verifier(unit), service.prove(unit, 1)
    with database.unit("test.epoch") as unit:
        begun(unit)
    with database.read("test.read") as unit:
        new_key, new = service.verifier(unit), service.prove(unit, 1)
    assert service.check_inclusion(old, old_key).size == 3
    assert service.check_inclusion(new, new_key).size == 4
    assert old.entry == new.entry, "the entry is the same; what signs for it is not"
    for proof, key in ((old, new_key), (new, old_key)):
        with pytest.raises(Tampered):
            service.check_inclusion(proof, key)


def test_two_epochs_are_not_one_log_to_a_witness(two: Database) -> None:
    with two.read("test.read") as unit:
        note = store.checkpoint_at(unit.connection, 256)
        assert note is not None
        earlier, _ = service.check_own(unit, note)
        hashes = service.consistency(unit, 256, 267)
        with pytest.raises(Tampered):
            service.check_consistency(earlier, service.checkpoint(unit), hashes, service.verifier(unit))


def test_an_empty_log_may_begin_with_a_later_epoch(database: Database) -> None:
    with database.unit("test.epoch") as unit:
        assert begun(unit, 7) == 0
    fill(database, 3)
    with database.read("test.read") as unit:
        assert service.head(unit).origin == rules.origin("XA", 7)
        assert [one.number for one in service.epochs(unit)] == [1, 7]
        assert service.verify(unit).ok


def test_a_third_epoch_under_another_key(two: Database) -> None:
    key = SigningKey.generate()
    with two.unit("test.epoch") as unit:
        begun(unit, 3, key)
    with keyed(two, key):
        fill(two, 3)
        with two.read("test.read") as unit:
            report = service.verify(unit)
            assert service.verifier(unit) == VerifierKey(rules.origin("XA", 3), key.public)
            assert report.ok, report.findings
            assert [one.number for one in service.epochs(unit)] == [1, 2, 3]
    with pytest.raises(Conflict, match="epoch 3"), two.unit("test.append") as unit:
        service.append(unit, record())
    with two.read("test.read") as unit:
        assert service.verify(unit).ok, "who only checks needs no private key"


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [-1, 0, 1, 2, 1_000_000])
def test_no_epoch_comes_twice_or_before(two: Database, number: int) -> None:
    with two.unit("test.epoch") as unit, pytest.raises(BadInput):
        begun(unit, number)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: {"type": "epoch.other"},
        lambda _: {"payload": None},
        lambda payload: {"payload": payload | {"number": 3}},
        lambda payload: {"payload": payload | {"key": payload["before"]["key"]}},
        lambda payload: {"payload": payload | {"before": payload["before"] | {"size": 0}}},
    ],
)
def test_an_epoch_begins_only_with_the_entry_that_says_so(
    database: Database, change: Callable[[JsonObject], dict[str, Any]]
) -> None:
    fill(database, 2)
    with database.unit("test.epoch") as unit, pytest.raises(BadInput):
        begun(unit, **change({**service.next_epoch(unit, 2, unit.keys.log.public)}))
    with database.read("test.read") as unit:
        assert service.head(unit).origin == NAMES[0] and service.verify(unit).ok


def test_an_epoch_begins_before_anything_else_of_its_unit(database: Database) -> None:
    with database.unit("test.epoch") as unit:
        service.append(unit, record())
        with pytest.raises(Conflict):
            begun(unit)


def test_an_epoch_that_is_rolled_back_never_was(database: Database) -> None:
    fill(database, 2)
    with database.unit("test.epoch") as unit:
        with pytest.raises(RuntimeError), unit.act():
            begun(unit)
            raise RuntimeError
        service.append(unit, record())
    with database.read("test.read") as unit:
        assert service.head(unit).origin == NAMES[0] and service.verify(unit).ok


def test_what_an_epoch_says_of_itself_stays(two: Database) -> None:
    with two.unit("test.erase") as unit, pytest.raises(Conflict):
        service.erase(unit, 256, ["payload"], record())


def test_notes_of_others_are_nobodys_epoch(two: Database) -> None:
    with two.read("test.read") as unit:
        note = service.checkpoint(unit)
        with pytest.raises(Tampered, match="no epoch"):
            service.check_own(unit, note.replace("/XA/", "/XB/"))
        text = note.partition("\n\n")[0] + "\n"
        later = text.replace("epoch-2", "epoch-5")
        lost = sign_note(later, rules.origin("XA", 5), unit.keys.log)
        assert service.check_own(unit, lost)[1] == 5, "such an epoch may have been lost"
        for forged in (sign_note(text, NAMES[1], SigningKey.generate()), note.replace("epoch-2", "epoch-3"),
                       sign_note(later, rules.origin("XA", 5), SigningKey.generate())):  # fmt: skip
            with pytest.raises(Tampered):
                service.check_own(unit, forged)


# --- a changed database ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("column", ["number", "start", "vkey"])
def test_every_changed_column_of_an_epoch_is_found(two: Database, number: int, column: str) -> None:
    table = store.epoch_table
    changed = {"number": 9, "start": 100, "vkey": VerifierKey(NAMES[number - 1], SigningKey.generate().public).format()}
    with two.unit("test.tamper") as unit:
        unit.connection.execute(sa.update(table).where(table.c.number == number).values({column: changed[column]}))
    _found(two, number)


@pytest.mark.parametrize("number", [1, 2])
def test_a_deleted_epoch_is_found(two: Database, number: int) -> None:
    table = store.epoch_table
    with two.unit("test.tamper") as unit:
        unit.connection.execute(sa.delete(table).where(table.c.number == number))
    _found(two, number)


def test_an_added_epoch_is_found(two: Database) -> None:
    with two.unit("test.tamper") as unit:
        store.add_epochs(unit.connection, [Epoch(3, 260, service.epochs(unit)[-1].key)])
    with two.read("test.verify") as unit:
        assert "log_epoch 3" in {finding.row for finding in service.verify(unit).findings}


def test_the_heads_epoch_is_not_believed(two: Database) -> None:
    for epoch in (1, 3):
        with two.unit("test.tamper") as unit:
            unit.connection.execute(sa.update(store.head_table).values(epoch=epoch))
        with two.read("test.verify") as unit:
            assert [finding.row for finding in service.verify(unit).findings] == ["log_head"]
            with pytest.raises(Tampered):
                service.head(unit)


def _found(database: Database, number: int) -> None:
    """`verify` names the row, and nothing of a log whose epochs are not sound is signed over."""
    with database.read("test.verify") as unit:
        report = service.verify(unit)
    assert not report.ok
    assert any(finding.row.startswith("log_epoch") for finding in report.findings), (number, report.findings)
