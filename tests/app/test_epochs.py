"""`comity log epoch` on one node: the way out of a sealed one, what is refused, and what an interruption leaves."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from comity.access import service as access
from comity.access.model import NewPerson
from comity.app import epochs, headlock
from comity.app.homes import SEALED_MARK, seal
from comity.app.settings import load
from comity.app.wiring import Node, create_node
from comity.base.model import Actor, Assertion, Issuer
from comity.exchange.model import EpochWish
from comity.exchange.service.epochs import VERB
from comity.kit.codec import b64
from comity.kit.crypto.keyring import KeyRing
from comity.log import service as log
from comity.log.model import Record
from tests.app.conftest import Line, joined
from tests.people import CHEAP, PASSPHRASE, signed_in

LATER = "comity.invalid/XA/log/epoch-2"
EPOCH = ("log", "epoch", "--reason", "the disk failed", "--as", "operator-1", "--with", "approver-1")
PEOPLE = {
    "operator-1": ("it", "operator"), "approver-1": ("legal", "approver"), "approver-2": ("it", "approver"),
    "officer-1": ("contact", "officer"),
}  # fmt: skip


@contextmanager
def node_of(home: Path) -> Iterator[Node]:
    """The node of a home, as a command opens it."""
    made = create_node(load(home))
    try:
        yield made
    finally:
        made.close()


def grow(node: Node, entries: int) -> None:
    with node.database.unit("test.grow") as unit:
        for number in range(entries):
            log.append(unit, Record("test.grown", Actor.system(unit.node), {"number": number}, None))


@pytest.fixture
def line(line: Line) -> Line:
    """A new node with the people that an epoch takes, and some who must not."""
    line.init()
    with node_of(line.home) as node, node.database.unit("test.people") as unit:
        admin = signed_in(unit, "security-1")
        for person, (of, role) in PEOPLE.items():
            access.add_person(unit, NewPerson(person, of, frozenset({role}), PASSPHRASE), admin, CHEAP)
    return line


@pytest.fixture
def put_back(line: Line, tmp_path: Path) -> Line:
    """A node whose database file was put back by six entries; `head.lock` tells."""
    shutil.copytree(line.home, tmp_path / "old")
    with node_of(line.home) as node:
        grow(node, 6)
    for file in line.home.glob("node.db*"):
        file.unlink()
    for file in (tmp_path / "old").glob("node.db*"):
        shutil.copy(file, line.home)
    assert line.ask("status")["read_only"]
    return line


def first_entry(line: Line) -> dict[str, Any]:
    """What the newest epoch says of itself, opened."""
    with node_of(line.home) as node, node.database.read("test") as unit:
        one = log.epochs(unit)[-1]
        return {name: log.read_opening(unit, one.start, name).value for name in ("actor", "subject", "payload")}


# --- the way out -----------------------------------------------------------------------------------------------------


def test_a_node_that_went_back_goes_on_in_another_epoch(put_back: Line) -> None:
    before = put_back.ask("log", "verify")
    told = put_back.ask(*EPOCH)
    assert (told["epoch"], told["origin"], told["first_entry"], told["resumed"]) == (2, LATER, before["size"], False)
    assert told["entry"] is None, "it belongs to no federation"
    status = put_back.ask("status")
    assert (status["read_only"], status["log"]["origin"], status["log"]["size"]) == (False, LATER, before["size"] + 1)
    assert put_back.ask("log", "verify")["ok"]
    assert not (put_back.home / SEALED_MARK).exists() and not (put_back.home / epochs.MARK).exists()
    kept = headlock.remembered(put_back.home / headlock.FILE, "XA")
    assert kept is not None and (kept.origin, kept.size) == (LATER, before["size"] + 1)
    said = first_entry(put_back)
    assert said["payload"]["before"]["root"] == before["root"] and said["payload"]["planned"] is False
    assert said["payload"]["lock"]["size"] == before["size"] + 6, "what the lock outside the backups remembers"
    assert said["actor"]["person"] == "operator-1"
    assert put_back.run("person", "deactivate", "officer-1", "--as", "security-1")[0] == 0, "the node works again"
    assert put_back.ask("log", "verify")["ok"]


def test_a_proof_made_before_still_proves_itself(put_back: Line, tmp_path: Path) -> None:
    old, new = str(tmp_path / "old.proof"), str(tmp_path / "new.proof")
    put_back.ask("log", "prove", "0", "--out", old)
    put_back.ask(*EPOCH)
    put_back.ask("log", "prove", "0", "--out", new)
    for file, origin in ((old, "comity.invalid/XA/log"), (new, LATER)):
        assert put_back.ask("log", "check-proof", file)["checkpoint"]["origin"] == origin


def test_anybody_can_check_the_two_signatures(put_back: Line) -> None:
    put_back.ask(*EPOCH)
    said = first_entry(put_back)
    with node_of(put_back.home) as node, node.database.read("test") as unit:
        auth_hash = str(log.entry(unit, log.epochs(unit)[-1].start).clear["auth_hash"])
        signed = said["subject"]["signed"]
        assert access.find_assertion(unit, auth_hash).as_dict() == signed[0]["assertion"]
        for one, name in zip(signed, ("operator-1", "approver-1"), strict=True):
            person, assertion = access.find_person(unit, name), Assertion(**one["assertion"])
            assert (b64.decode(one["public_key"]), one["unit"]) == (person.public_key, person.unit)
            done = {"v": 1, "verb": VERB, "node": "XA", "person": name, "at": assertion.at, "subject": said["payload"]}
            access.check_assertion(assertion, person, done)


def test_a_database_put_back_once_more_is_noticed(put_back: Line, tmp_path: Path) -> None:
    shutil.copytree(put_back.home, tmp_path / "before")
    put_back.ask(*EPOCH)
    for file in put_back.home.glob("node.db*"):
        file.unlink()
    for file in (tmp_path / "before").glob("node.db*"):
        shutil.copy(file, put_back.home)
    found = put_back.ask("status")
    assert found["read_only"] and "epoch 2" in found["read_only_because"]
    told = put_back.ask(*EPOCH)
    assert told["epoch"] == 3, "nobody can have seen it: the lock remembers the second"
    assert put_back.ask("log", "verify")["ok"]


def test_a_restored_backup_goes_on(line: Line, tmp_path: Path) -> None:
    data, keys = str(tmp_path / "data"), str(tmp_path / "keys")
    line.ask("backup", "--out", data, "--keys-out", keys)
    there = line.at(tmp_path / "restored")
    there.ask("restore", data, "--keys", keys)
    assert there.ask("status")["read_only_because"] == "restored from a backup"
    assert there.ask(*EPOCH)["epoch"] == 2
    assert there.ask("status")["read_only"] is False
    assert "has begun" not in there.run("status")[1]
    there.ask("backup", "--out", data + "2", "--keys-out", keys + "2")
    again = line.at(tmp_path / "again")
    again.ask("restore", data + "2", "--keys", keys + "2")
    assert again.ask("log", "verify")["origin"] == LATER
    assert again.ask(*EPOCH)["epoch"] == 3


def test_the_office_gets_an_entry_that_lists_the_new_name(line: Line, tmp_path: Path) -> None:
    joined(line, tmp_path)
    seal(line.home, "restored from a backup")
    told = line.ask(*EPOCH, "--out", str(tmp_path / "entry.json"))
    assert told["entry"] == str(tmp_path / "entry.json")
    assert b"/log/epoch-2+" in (tmp_path / "entry.json").read_bytes()


# --- another key -----------------------------------------------------------------------------------------------------


def test_a_planned_change_of_the_logs_key(line: Line) -> None:
    before = KeyRing.load(line.home / "keys", "XA").log.public
    told = line.ask(*EPOCH, "--new-key")
    after = KeyRing.load(line.home / "keys", "XA").log.public
    assert (told["epoch"], told["lost"]) == (2, 0) and after != before
    assert sorted(path.name for path in (line.home / "keys").glob("log*")) == ["log.pem"], "the one before is destroyed"
    said = first_entry(line)
    assert said["payload"]["planned"] is True
    assert (said["payload"]["key"].split("+")[0], said["payload"]["before"]["key"].split("+")[0]) == (
        LATER, "comity.invalid/XA/log",
    )  # fmt: skip
    assert line.ask("log", "verify")["ok"]
    assert line.run("person", "deactivate", "officer-1", "--as", "security-1")[0] == 0
    assert line.ask("log", "verify")["ok"]


# --- bad input -------------------------------------------------------------------------------------------------------


def test_a_healthy_node_needs_no_epoch(line: Line) -> None:
    assert line.fails(*EPOCH) == (4, "log.epoch-healthy")
    assert line.ask("status")["log"]["origin"] == "comity.invalid/XA/log"
    assert line.ask(*EPOCH, "--planned")["epoch"] == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("--with", "operator-1"), (3, "access.role")),
        (("--with", "approver-2"), (4, "access.four-eyes")),
        (("--with", "officer-1"), (3, "access.role")),
        (("--as", "officer-1"), (3, "access.role")),
        (("--with", "nobody-1"), (3, "access.passphrase")),
        (("--reason", " "), (2, "log.epoch-reason")),
        (("--reason", "x" * 2001), (2, "log.epoch-reason")),
        (("--number", "1000000"), (2, "log.epoch-number")),
    ],
)
def test_the_wrong_people_or_words_change_nothing(
    put_back: Line, change: tuple[str, ...], expected: tuple[int, str]
) -> None:
    before = put_back.ask("log", "verify")
    assert put_back.fails(*EPOCH, *change) == expected
    assert put_back.ask("log", "verify") == before, "a sealed node signs nothing, not even the refusal"
    assert put_back.ask("status")["read_only"] and not (put_back.home / epochs.MARK).exists()
    assert put_back.ask(*EPOCH)["epoch"] == 2


def test_a_wrong_passphrase_on_a_sealed_node(put_back: Line, tmp_path: Path) -> None:
    before = put_back.ask("log", "verify")
    wrong = tmp_path / "wrong"
    wrong.write_text("not the passphrase\n")
    assert put_back.fails(*EPOCH, "--with-passphrase-file", str(wrong)) == (3, "access.passphrase")
    assert put_back.ask("log", "verify") == before
    wrong.write_text(f"{PASSPHRASE}\nand more")
    assert put_back.ask(*EPOCH, "--with-passphrase-file", str(wrong))["epoch"] == 2


def test_a_refused_act_on_a_healthy_node_is_logged(line: Line) -> None:
    size = line.ask("log", "verify")["size"]
    assert line.fails(*EPOCH, "--planned", "--with", "approver-2") == (4, "access.four-eyes")
    (last,) = line.ask("log", "show", "--after", str(size - 1))
    assert last["type"] == "act.refused" and line.ask("status")["read_only"] is False


# --- interrupted -----------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for the end of the process."""


def die(*_: object) -> None:
    raise Killed


@pytest.mark.parametrize("new_key", [False, True])
@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("at", ["after-commit", "settle_log", "unseal"])
def test_an_interruption_is_taken_to_its_end(
    line: Line, monkeypatch: pytest.MonkeyPatch, at: str, sealed: bool, new_key: bool
) -> None:
    if sealed:
        seal(line.home, "restored from a backup")
    with node_of(line.home) as node, monkeypatch.context() as patched:
        if at == "after-commit":
            patched.setattr(epochs, "_finish", die)
        elif at == "settle_log":
            patched.setattr(KeyRing, "settle_log", die)
        else:
            patched.setattr(epochs, "unseal", die)

        def people() -> tuple[Issuer, Issuer]:
            enter = access.enter
            return enter(node.database, "operator-1", PASSPHRASE), enter(node.database, "approver-1", PASSPHRASE)

        with pytest.raises(Killed):
            epochs.begin(node, EpochWish("a test", planned=True, new_key=new_key), people)
    assert line.ask("status")["read_only"], "sealed until it is taken to its end"
    told = line.ask(*EPOCH)
    assert (told["epoch"], told["resumed"]) == (2, True)
    assert line.ask("status")["read_only"] is False
    assert line.ask("log", "verify")["ok"]
    assert sorted(path.name for path in (line.home / "keys").glob("log*")) == ["log.pem"]
    assert line.run("person", "deactivate", "officer-1", "--as", "security-1")[0] == 0
    assert line.fails(*EPOCH) == (4, "log.epoch-healthy")


def test_killed_before_the_commit_it_begins_again(line: Line) -> None:
    (line.home / epochs.MARK).write_text("2\n")
    seal(line.home, epochs.BEGINNING)
    told = line.ask(*EPOCH, "--planned", "--new-key")
    assert (told["epoch"], told["resumed"]) == (2, False)
    assert first_entry(line)["payload"]["planned"] is True and line.ask("log", "verify")["ok"]


def test_a_mark_that_was_left_behind_means_nothing(line: Line) -> None:
    line.ask(*EPOCH, "--planned")
    with node_of(line.home) as node:
        grow(node, 3)
    (line.home / epochs.MARK).write_text("2\n")
    assert line.fails(*EPOCH) == (4, "log.epoch-healthy")
    seal(line.home, "restored from a backup")
    told = line.ask(*EPOCH)
    assert (told["epoch"], told["resumed"]) == (3, False)
