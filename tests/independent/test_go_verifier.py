"""A node's notes, proofs, tiles and exports, judged by Go's checksum database code; and every change to them refused.

Left out of `make check`, which needs no Go (marker `golang`); `make test` installs what is needed.
"""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from comity.access import service as access
from comity.app.wiring import upstairs
from comity.base.model import Actor
from comity.exchange import service as exchange
from comity.exchange.service.members import witness_key
from comity.exchange.store import witnesses
from comity.kit.codec import tlogproof
from comity.kit.codec.notes import VerifierKey
from comity.kit.codec.zips import read_stored_zip
from comity.kit.crypto.signing import SigningKey
from comity.kit.database.unit import Database
from comity.log import cli, service
from comity.log.model import Record
from tests.clock import FixedClock
from tests.exchange.federation import Federation, federation
from tests.faces import Line, desk_over
from tests.independent import golang
from tests.log.test_verifier import SUMDB
from tests.people import enrol

pytestmark = pytest.mark.golang
Question = dict[str, Any]
Make = Callable[[str], Database]
OTHER = VerifierKey("comity.invalid/XA/log", SigningKey.generate().public).format()


@dataclass
class Witnessed:
    """The node XA, whose log, longer than two tiles, XB cosigned twice; and its command line."""

    world: Federation
    line: Line
    cosigned: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.world.nodes["XA"].database

    def grow(self, entries: int) -> None:
        """Log something."""
        with self.database.unit("test.grow") as unit:
            for number in range(entries):
                service.append(unit, Record("test.grown", Actor.system("XA"), {"number": number}, None))

    def witness(self) -> None:
        """XB cosigns the present head."""
        assert exchange.gather(self.world.nodes["XA"].station)[0].ok
        with self.database.read("test.cosigned") as unit:
            newest = witnesses.cosigned(unit, 0)[-1]
        self.cosigned.append(newest.note)
        self.sizes.append(newest.size)

    @property
    def keys(self) -> list[str]:
        """The log's own verifier key and the witness's, as anybody is given them."""
        with self.database.read("test.keys") as unit:
            return [service.verifier(unit).format(), witness_key(exchange.member(unit, "XB").witness).format()]

    def consistency(self, old: int) -> list[str]:
        with self.database.read("test.consistency") as unit:
            hashes = service.consistency(unit, old, service.head(unit).size)
        return [base64.b64encode(one).decode() for one in hashes]

    @property
    def checkpoint(self) -> str:
        with self.database.read("test.checkpoint") as unit:
            return service.checkpoint(unit)


@pytest.fixture
def node(make_database: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Witnessed]:
    with federation(make_database, listening=("XA", "XB")) as world:
        database = world.nodes["XA"].database
        desk = desk_over(database, tmp_path)
        made = Witnessed(world, Line("log", cli.commands(lambda: desk, access.act, upstairs()), capsys))
        with database.unit("test.people") as unit:
            enrol(unit, "auditor-1", "auditor")
        for entries in (250, 300):
            made.grow(entries)
            made.witness()
        made.grow(3)
        yield made


def judged(whole: Question, *changes: Question) -> str:
    """What it says of what is whole; all `changes` of it are refused."""
    (holds, said), *others = golang.answers(whole, *({**whole, **change} for change in changes))
    assert holds, said
    assert [change for change, (held, _) in zip(changes, others, strict=True) if held] == []
    return said


def spoilt_note(note: str) -> list[str]:
    """The note with each character of its text another, with each bit of its first signature line's bytes flipped."""
    text, _, lines = note.partition("\n\n")
    changed = [
        text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :] + "\n\n" + lines for at in range(len(text))
    ]
    name, encoded = lines.split("\n")[0].rsplit(" ", 1)
    rest = lines.partition("\n")[2]
    for flipped in flips(encoded):
        changed.append(f"{text}\n\n{name} {flipped}\n{rest}")
    return changed


def flips(encoded: str) -> list[str]:
    """What is written in base64, with each of its bits flipped in turn."""
    data = base64.b64decode(encoded)
    whole = int.from_bytes(data, "big")
    return [base64.b64encode((whole ^ 1 << bit).to_bytes(len(data), "big")).decode() for bit in range(8 * len(data))]


# --- notes -----------------------------------------------------------------------------------------------------------


def test_it_takes_a_checkpoint_of_gos_own_log(data: Path) -> None:
    script = (data / "trust" / "sumdb-checkpoint.txt").read_text()
    found = script[script.index("go.sum database tree\n3") :].split("\n")[:5]
    note = "\n".join(found) + "\n"
    said = judged({"kind": "note", "note": note, "keys": [SUMDB]}, *({"note": one} for one in spoilt_note(note)))
    assert said.startswith("go.sum database tree 3")


def test_checkpoints_and_their_cosignatures_hold(node: Witnessed, clock: FixedClock) -> None:
    log, witness = node.keys
    assert judged({"kind": "note", "note": node.checkpoint, "keys": [log]}).startswith("comity.invalid/XA/log ")
    for note, size in zip(node.cosigned, node.sizes, strict=True):
        told = judged(
            {"kind": "note", "note": note, "keys": [log, witness]}, {"keys": [OTHER, witness]},
            {"keys": [log, witness.replace("XB", "XC")]}, {"note": note.rpartition("\u2014")[0]},
        )  # fmt: skip
        origin, said_size, _, who = told.split()
        assert (origin, int(said_size)) == ("comity.invalid/XA/log", size)
        assert who == f"comity.invalid/XB/witness@{int(clock().timestamp())}"


def test_no_change_to_a_note_survives(node: Witnessed) -> None:
    log, witness = node.keys
    note = node.cosigned[-1]
    text, _, lines = note.partition("\n\n")
    first, second = lines.splitlines()
    turned = f"{text}\n\n{second}\n{first}\n"
    spoilt = [*spoilt_note(note), *spoilt_note(turned)]
    assert len(spoilt) > 1000
    judged({"kind": "note", "note": note, "keys": [log, witness]}, *({"note": one} for one in spoilt))
    assert golang.answers({"kind": "note", "note": turned, "keys": [log, witness]})[0][0]


# --- proofs ----------------------------------------------------------------------------------------------------------


def test_every_proof_of_an_entry_holds_and_no_other(node: Witnessed, tmp_path: Path) -> None:
    key = node.keys[0]
    with node.database.read("test.entries") as unit:
        entries = [entry.data for entry in service.entries(unit, limit=1000)]
    wholes = []
    for index in (0, 1, 255, 256, 511, 512, len(entries) - 1):
        out = tmp_path / f"{index}.tlog-proof"
        assert node.line.run("log", "prove", str(index), "--out", str(out))[0] == 0
        proof = out.read_text()
        whole = {"kind": "proof", "proof": proof, "entry": as_bytes(entries[index]), "keys": [key]}
        wholes.append(whole)
        judged(whole, *spoilt_proofs(proof), {"keys": [OTHER]}, {"entry": as_bytes(entries[index] + b" ")},
               {"entry": as_bytes(entries[index - 1])})  # fmt: skip
    assert all(holds for holds, _ in golang.answers(*wholes))


def spoilt_proofs(text: str) -> list[Question]:
    """Another place, a hash left out, one too many, two swapped, a flipped bit in each."""
    proof = tlogproof.parse_proof(text)
    hashes = proof.hashes
    others = [hashes[:-1], hashes[1:], (*hashes, bytes(32)), (bytes(32), *hashes), (hashes[1], hashes[0], *hashes[2:])]
    others += [(*hashes[:at], bytes([one[0] ^ 1]) + one[1:], *hashes[at + 1 :]) for at, one in enumerate(hashes)]
    places = [proof.index ^ 1, proof.index + 2, 10_000]
    made = [tlogproof.Proof(proof.index, other, proof.checkpoint_note) for other in others]
    made += [tlogproof.Proof(place, hashes, proof.checkpoint_note) for place in places]
    return [{"proof": tlogproof.format_proof(one)} for one in made]


def as_bytes(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_the_log_extends_what_was_cosigned(node: Witnessed) -> None:
    key, now = node.keys[0], node.checkpoint
    for note, size in zip(node.cosigned, node.sizes, strict=True):
        hashes = node.consistency(size)
        spoilt = [hashes[:-1], hashes[1:], [*hashes, as_bytes(bytes(32))], hashes[::-1]]
        spoilt += [[*hashes[:at], flips(one)[0], *hashes[at + 1 :]] for at, one in enumerate(hashes)]
        judged(
            {"kind": "consistency", "old": note, "note": now, "hashes": hashes, "keys": [key]},
            *({"hashes": one} for one in spoilt), {"old": now, "note": note}, {"keys": [OTHER]},
        )  # fmt: skip


# --- tiles and exports -----------------------------------------------------------------------------------------------


def test_every_entry_is_found_in_the_tiles_and_no_changed_one(node: Witnessed, tmp_path: Path) -> None:
    out, key = tmp_path / "tiles", node.keys[0]
    node.line.ask("log", "tiles", "--out", str(out))
    whole = {"kind": "tiles", "folder": str(out), "keys": [key]}
    said = judged(whole, {"keys": [OTHER]}, {"folder": str(tmp_path)})
    assert said.split()[1] == node.checkpoint.split("\n")[1]
    for path in sorted(one for one in out.rglob("*") if one.is_file()):
        data = path.read_bytes()
        for spoilt in (data[:-1], data + b"x", data[:40] + bytes([data[40] ^ 4]) + data[41:]):
            path.write_bytes(spoilt)
            assert not golang.answers(whole)[0][0], path
        path.unlink()
        assert not golang.answers(whole)[0][0], path
        path.write_bytes(data)
    judged(whole)


def test_what_leaves_for_a_court_holds_entry_by_entry(node: Witnessed, tmp_path: Path) -> None:
    out = tmp_path / "court.zip"
    chosen = [word for index in (0, 7, 300) for word in ("--entry", str(index))]
    node.line.ask("log", "export", "--out", str(out), "--as", "auditor-1", "--reason", "order 7", *chosen)
    files, (log, witness) = read_stored_zip(out.read_bytes()), node.keys
    whole = files["checkpoint"].decode()
    judged({"kind": "note", "note": whole, "keys": [log]})
    assert json.loads(files["act/entry"])["type"] == "log.exported"
    for folder in ("act", "entries/0", "entries/7", "entries/300"):
        proof, entry = files[f"{folder}/proof"].decode(), files[f"{folder}/entry"]
        judged({"kind": "proof", "proof": proof, "entry": as_bytes(entry), "keys": [log]},
               {"entry": as_bytes(entry.replace(b"XA", b"XC"))}, {"keys": [OTHER]})  # fmt: skip
    heads = [name for name in files if name.startswith("heads/") and name.endswith("/checkpoint")]
    assert heads
    for name in heads:
        earlier, hashes = files[name].decode(), files[name.replace("/checkpoint", "/proof")].decode().split()
        judged({"kind": "note", "note": earlier, "keys": [log, witness]})
        judged({"kind": "consistency", "old": earlier, "note": whole, "hashes": hashes, "keys": [log]},
               {"hashes": hashes[1:]}, {"hashes": [*hashes, hashes[0]]})  # fmt: skip
