"""`comity log prove` and `check-proof`: one entry, proven without the node."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.base.errors import BadInput, NotFound, Tampered
from comity.base.model import Actor
from comity.kit import shell
from comity.kit.codec import tlogproof
from comity.kit.codec.notes import VerifierKey, sign_note
from comity.kit.crypto.signing import SigningKey
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Vault
from comity.kit.vault.desk import Desk
from comity.log import cli, service
from comity.log.model import Record

Run = Callable[..., int]
OFFICER = Actor("XA", "officer-1", "unit-a", frozenset({"officer"}))


def fill(database: Database, count: int) -> None:
    with database.unit("test.fill") as unit:
        for number in range(count):
            service.append(unit, Record("message.sent", OFFICER, {"n": number}, None, peer="XB"))


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Run:
    """`run("prove", "3")`: one command on a log; none of these needs a person."""

    def never(*_given: object) -> None:
        raise AssertionError

    desk = Desk("XA", tmp_path, database, Vault(tmp_path / "vault"), never, never)  # type: ignore[arg-type]
    return lambda *arguments: shell.run(cli.commands(lambda: desk, never, service.Upstairs()), arguments)  # type: ignore[arg-type]


def key_of(database: Database) -> VerifierKey:
    with database.read("test.key") as unit:
        return service.verifier(unit)


def test_every_entry_proves_itself(database: Database) -> None:
    fill(database, 9)
    with database.read("test.read") as unit:
        for index in range(9):
            text = service.proof_file(unit, str(index))
            head, entry = service.check_proof(text, service.verifier(unit))
            assert (head, entry) == (service.head(unit), service.entry(unit, index))
            assert service.proof_file(unit, entry.id) == text


def test_every_entry_is_proven_against_every_checkpoint_that_holds_it(database: Database) -> None:
    notes = []
    for _ in range(9):
        fill(database, 1)
        with database.read("test.note") as unit:
            notes.append(service.checkpoint(unit))
    with database.read("test.read") as unit:
        key = service.verifier(unit)
        for size, note in enumerate(notes, 1):
            for index in range(size):
                text = service.proof_in(unit, index, note)
                head, _ = service.check_proof(text, key, service.entry(unit, index).data)
                assert (head.size, text.endswith(note)) == (size, True)
            with pytest.raises(NotFound):
                service.proof_in(unit, size, note)
        signed_by_another = sign_note(
            notes[0].partition("\n\n")[0] + "\n", "comity.invalid/XB/log", SigningKey.generate()
        )
        with pytest.raises(Tampered):
            service.proof_in(unit, 0, signed_by_another)


def test_a_cosigned_checkpoint_is_preferred(database: Database) -> None:
    fill(database, 3)
    with database.read("test.read") as unit:
        earlier = service.checkpoint(unit)
    fill(database, 2)
    with database.read("test.read") as unit:
        text = service.proof_file(unit, "1", lambda _unit, entry: earlier if entry < 3 else None)
        assert service.check_proof(text, service.verifier(unit))[0].size == 3
        text = service.proof_file(unit, "4", lambda _unit, entry: earlier if entry < 3 else None)
        assert service.check_proof(text, service.verifier(unit))[0].size == 5


def test_the_files_of_the_command_hold(run: Run, database: Database, tmp_path: Path,
                                        capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    fill(database, 5)
    out, key = tmp_path / "entry.tlog-proof", key_of(database).format()
    assert run("prove", "3", "--out", str(out)) == 0
    assert key in capsys.readouterr().out
    assert run("check-proof", str(out), "--key", key, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["entry"]["index"], shown["checkpoint"]["size"]) == (3, 5)
    assert run("check-proof", str(out)) == 0
    assert "Proven: entry 3 is in the log comity.invalid/XA/log" in capsys.readouterr().out
    assert run("prove", "3") == 0
    assert capsys.readouterr().out == out.read_text()


def test_a_proof_without_its_entry_needs_the_bytes(database: Database) -> None:
    fill(database, 3)
    with database.read("test.read") as unit:
        inclusion, key = service.prove(unit, 1), service.verifier(unit)
    with pytest.raises(BadInput) as caught:
        service.check_proof(inclusion.proof, key)
    assert caught.value.code == "log.proof-entry"
    assert service.check_proof(inclusion.proof, key, inclusion.entry)[1].index == 1
    with pytest.raises(Tampered):
        service.check_proof(inclusion.proof, key, inclusion.entry.replace(b"XB", b"XC"))


def test_another_key_another_entry_another_place(database: Database) -> None:
    fill(database, 6)
    with database.read("test.read") as unit:
        text, key = service.proof_file(unit, "2"), service.verifier(unit)
        other = service.entry(unit, 4).data
    with pytest.raises(Tampered):
        service.check_proof(text, VerifierKey(key.name, SigningKey.generate().public))
    proof = tlogproof.parse_proof(text)
    for index, extra in ((3, proof.extra), (2, other)):
        forged = tlogproof.format_proof(tlogproof.Proof(index, proof.hashes, proof.checkpoint_note, extra))
        with pytest.raises(Tampered):
            service.check_proof(forged, key)


@pytest.mark.parametrize("named", ["5", "-1", "1" * 30, "no-such-id", "", "२"])
def test_an_unknown_entry_is_named(run: Run, database: Database, capsys: pytest.CaptureFixture[str],
                                    named: str) -> None:  # fmt: skip
    fill(database, 5)
    with database.read("test.read") as unit, pytest.raises(NotFound) as caught:
        service.proof_file(unit, named)
    assert caught.value.code == "log.entry-unknown"
    assert run("prove", "--", named) == 2
    assert capsys.readouterr().out == ""


def test_an_empty_log_proves_nothing(database: Database) -> None:
    def none(unit: Unit) -> str:
        return service.proof_file(unit, "0")

    with database.read("test.read") as unit, pytest.raises(NotFound):
        none(unit)


def test_files_that_cannot_be_written_or_read(run: Run, database: Database, tmp_path: Path,
                                               capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    fill(database, 1)
    there = tmp_path / "there"
    there.write_text("kept")
    cases = {
        ("prove", "0", "--out", str(there)): (4, "log.out-exists"),
        ("prove", "0", "--out", str(tmp_path / "none" / "file")): (2, "shell.out"),
        ("check-proof", str(tmp_path / "missing")): (2, "shell.file"),
        ("check-proof", str(there)): (2, "codec.tlog-proof"),
        ("check-proof", str(there), "--key", "nonsense"): (2, "codec.note"),
    }
    for arguments, (code, name) in cases.items():
        assert run(*arguments, "--json") == code
        assert json.loads(capsys.readouterr().err)["error"]["code"] == name
    assert there.read_text() == "kept"
