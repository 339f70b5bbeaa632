"""An export proves itself to an expert who has Python, the log's key and nothing else; and no change to it survives."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity.access import service as access
from comity.access.model import NewPerson
from comity.base.errors import BadInput, ComityError, Conflict, NotFound, Tampered
from comity.base.model import Actor, DataKey
from comity.kit import shell
from comity.kit.codec.notes import Checkpoint, VerifierKey, sign_note
from comity.kit.codec.zips import read_stored_zip, write_stored_zip
from comity.kit.crypto.passphrase import Cost
from comity.kit.crypto.signing import SigningKey
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Vault
from comity.kit.vault.desk import Desk
from comity.log import cli, rules, service
from comity.log.model import Choice, Head, Record, Surroundings
from tests.clock import FixedClock
from tests.log.court import PARTNER, VERIFY, WITNESS, World, examined, remade, time_stamp
from tests.people import signed_in

OFFICER = Actor("XA", "officer-1", "unit-a", frozenset({"officer"}))
AUDITOR = Actor("XA", "auditor-1", "unit-b", frozenset({"auditor"}))
CASE_KEY = DataKey("case:7", b"k" * 32)
OTHER_KEY = DataKey("case:8", b"o" * 32)
RELIED = Head(PARTNER, 5, bytes(range(32)))
ALL = Choice("court order 7", entries=("0", "1", "2", "3", "4"), fields=("actor", "case", "payload", "subject"))
Run = Callable[..., int]


class Signed:
    """An act of the auditor, as access hands it in."""

    actor = AUDITOR
    auth_hash = "ab" * 32


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def filled(database: Database) -> Database:
    """Five entries: plain, of a case, relying on a partner's head, under a key that is gone, partly erased."""
    with database.unit("test.fill") as unit:
        service.append(unit, Record("message.sent", OFFICER, {"n": 0}, {"digest": "00"}, peer="XB"))
        service.append(unit, Record("case.opened", OFFICER, {"n": 1}, {"name": "Zoë \U0001f600"}, "7", key=CASE_KEY))
        service.append(unit, Record("message.received", OFFICER, {"n": 2}, None, "7", peer="XB", peer_head=RELIED))
        service.append(unit, Record("case.opened", OFFICER, {"n": 3}, "lost", "8", key=OTHER_KEY))
        service.append(unit, Record("message.sent", OFFICER, {"n": 4}, "to be forgotten"))
    with database.unit("test.erase") as unit:
        service.erase(unit, 4, ["payload", "actor"], Record("x", OFFICER, None, "retention is over"))
    return database


def key_of(database: Database) -> VerifierKey:
    with database.read("test.key") as unit:
        return service.verifier(unit)


def upstairs(database: Database, world: World) -> service.Upstairs:
    """The rooms above, with everything that can surround a log."""
    own = key_of(database)
    with database.read("test.head") as unit:
        cosigned = world.cosigned(service.checkpoint(unit))

    def around(_unit: Unit, relied: Sequence[Head]) -> Surroundings:
        partners = {("XB", one.size): world.partner_note(one.size, one.root) for one in relied}
        return Surroundings(
            {1: world.directory(own), 2: world.directory(own, 2)}, partners, (cosigned,), world.policy(own)
        )

    def find_case(_unit: Unit, named: str) -> str:
        return named.removeprefix("C-")

    return service.Upstairs(lambda _unit, name: CASE_KEY if name == CASE_KEY.id else None, find_case, around)


def exported(database: Database, choice: Choice = ALL, above: service.Upstairs | None = None) -> bytes:
    with database.read("test.gather") as unit:
        draft = service.gather(unit, choice, above or service.Upstairs())
    with database.unit("test.export") as unit:
        act = service.export(unit, Signed(), choice, draft)
    with database.read("test.export") as unit:
        return service.complete(unit, draft, act)


# --- what a whole export shows -------------------------------------------------------------------------------------


def test_a_whole_export_holds_for_an_expert(filled: Database, world: World, tmp_path: Path) -> None:
    with filled.read("test.note") as unit:
        note = service.checkpoint(unit)
    data = exported(filled, replace(ALL, stamped=(note, time_stamp(note.encode()))), upstairs(filled, world))
    own = key_of(filled)
    policy = tmp_path / "policy"
    policy.write_text(world.policy(own))
    pins = ("--key", own.format(), "--policy", str(policy), "--root", world.pin)
    code, told = examined(tmp_path / "empty", data, *pins)
    assert (code, told["false"], told["cannot_be_judged"]) == (0, [], [])
    proven, claimed = "\n".join(told["proven"]), "\n".join(told["only_claimed"])
    for words in (
        "A checkpoint over 7 entries is signed", "directory 2 of test", "Entry 2 (message.received, partner XB",
        'Entry 1 committed, when it was written, to the payload {"name":"Zoë \U0001f600"}',
        "Entry 4: its payload was erased, as entry 5 records", "The log records this very export",
        "The log extends its checkpoint over 6 entries", "w1 cosigned the checkpoint over 6 entries",
        "The quorum of your policy vouches for the first 6 entries",
        f"Entry 2 was written after {PARTNER} had signed 5 entries",
    ):  # fmt: skip
        assert words in proven
    assert "Entry 3: its payload is sealed under a key that the exporter did not have" in claimed
    assert "An authority stamped exactly the checkpoint over 6 entries at 20260302093000Z" in claimed
    assert "openssl ts -verify -in heads/2/timestamp.tsr -data heads/2/checkpoint" in claimed
    assert "clocks of nodes were right" in claimed
    assert WITNESS not in claimed


def test_without_a_trusted_key_nothing_can_be_judged(filled: Database, world: World, tmp_path: Path) -> None:
    data = exported(filled, above=upstairs(filled, world))
    code, told = examined(tmp_path, data)
    assert (code, told["false"]) == (2, [])
    assert "Whose key that is" in told["cannot_be_judged"][0]
    assert any("w1 cosigned" in line for line in told["only_claimed"])
    assert examined(tmp_path, data, "--root", world.pin)[0] == 0
    assert examined(tmp_path, data, "--key", key_of(filled).format())[0] == 0


def test_a_log_that_stands_alone_can_be_exported(filled: Database, tmp_path: Path) -> None:
    data = exported(filled)
    code, told = examined(tmp_path, data, "--key", key_of(filled).format())
    assert (code, told["false"]) == (0, [])
    assert any("no witness was asked" in line for line in told["only_claimed"])
    assert examined(tmp_path, data, "--root", "00" * 32)[0] == 1


def test_entries_that_witnesses_have_not_seen_are_not_vouched_for(
    filled: Database, world: World, tmp_path: Path
) -> None:
    above = upstairs(filled, world)
    with filled.unit("test.later") as unit:
        service.append(unit, Record("message.sent", OFFICER, None, None))
    policy = tmp_path / "policy"
    policy.write_text(world.policy(key_of(filled)))
    data = exported(filled, Choice("later", entries=("0", "6")), above)
    code, told = examined(tmp_path / "empty", data, "--policy", str(policy))
    assert (code, told["cannot_be_judged"]) == (2, ["The quorum of your policy does not vouch for the entries 6 yet."])


def test_the_same_choice_gives_the_same_entries_and_openings(filled: Database) -> None:
    first, second = (read_stored_zip(exported(filled)) for _ in range(2))
    changing = {"checkpoint", "act/entry", "act/opening.json", "act/proof"}
    for name in first.keys() - changing:
        assert name.endswith("/proof") or first[name] == second[name], name
    assert first["entries/1/entry"] == first["entries/1/entry"].strip()


def test_a_choice_by_case_or_by_time(filled: Database, clock: FixedClock) -> None:
    def entries(choice: Choice) -> set[str]:
        return {name.split("/")[1] for name in read_stored_zip(exported(filled, choice)) if name.startswith("entries/")}

    assert entries(Choice("why", case="7")) == {"1", "2"}
    start = clock()
    clock.advance(86_400)
    with filled.unit("test.later") as unit:
        late = service.append(unit, Record("message.sent", OFFICER, None, None, "7"))
    assert entries(Choice("why", case="7", since=clock())) == {str(late)}
    assert {"0", "1", "5"} <= entries(Choice("why", since=start, until=clock()))
    assert str(late) not in entries(Choice("why", since=start, until=clock()))


def test_only_chosen_fields_are_opened(filled: Database) -> None:
    files = read_stored_zip(exported(filled, Choice("why", entries=("0",), fields=("subject",))))
    assert json.loads(files["entries/0/opening.json"]).keys() == {"subject"}
    assert json.loads(read_stored_zip(exported(filled, Choice("why", entries=("0",))))["entries/0/opening.json"]) == {}
    act = json.loads(files["act/opening.json"])
    assert act["subject"]["value"] == {
        "case": None, "entries": ["0"], "fields": ["subject"], "from": None, "reason": "why", "until": None,
    }  # fmt: skip
    assert act["actor"]["value"]["person"] == "auditor-1"


def test_an_erased_value_brings_the_record_of_its_erasure(filled: Database, tmp_path: Path) -> None:
    data = exported(filled, Choice("why", entries=("4",), fields=("payload", "subject")))
    files = read_stored_zip(data)
    assert json.loads(files["entries/4/opening.json"])["payload"] == {"erased": 5}
    assert json.loads(files["entries/5/opening.json"])["subject"]["value"]["fields"] == ["actor", "payload"]
    assert b"to be forgotten" not in data


def test_what_is_erased_meanwhile_does_not_leave(filled: Database) -> None:
    with filled.read("test.gather") as unit:
        draft = service.gather(unit, ALL, service.Upstairs())
    with filled.unit("test.erase") as unit:
        service.erase(unit, 0, ["payload"], Record("x", OFFICER, None, None))
    with filled.unit("test.export") as unit, pytest.raises(Conflict) as caught:
        service.export(unit, Signed(), ALL, draft)
    assert caught.value.code == "log.export-stale"


# --- no change survives --------------------------------------------------------------------------------------------


def test_every_flipped_byte_every_missing_and_every_added_file_is_found(
    filled: Database, world: World, tmp_path: Path
) -> None:
    with filled.read("test.note") as unit:
        note = service.checkpoint(unit)
    data = exported(filled, replace(ALL, stamped=(note, time_stamp(note.encode()))), upstairs(filled, world))
    key = ("--key", key_of(filled).format())
    names = list(read_stored_zip(data))
    assert {"README.ar.txt", "verify.py", "export.json", "heads/1/checkpoint", "partners/XB/5"} <= set(names)
    for name in names:
        for changed in (_flipped(data, name), remade(data, lambda files, n=name: _without(files, n))):  # type: ignore[misc]
            code, told = examined(tmp_path, changed, *key)
            assert code == 1, name
            assert told["false"], name
    for added in ("more.txt", "entries/99/entry", "entries/0/more", "heads/9/proof", "act/more", "directories/3.zip"):
        extra = remade(data, lambda files, n=added: files | {n: b"{}"})  # type: ignore[misc]
        assert examined(tmp_path, extra, *key)[0] == 1, added


def _flipped(data: bytes, name: str) -> bytes:
    def change(files: dict[str, bytes]) -> dict[str, bytes]:
        old = files[name]
        middle = len(old) // 2
        return files | {name: old[:middle] + bytes([old[middle] ^ 1]) + old[middle + 1 :] if old else b"x"}

    return remade(data, change)


def _without(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {other: data for other, data in files.items() if other != name}


def test_bytes_that_hide_in_the_archive_are_found(filled: Database, tmp_path: Path) -> None:
    data, key = exported(filled), ("--key", key_of(filled).format())
    at = data.index(b"PK\x01\x02")
    for hidden in (data + b"\x00", b"\x00" + data, data[:at] + b"more" + data[at:], data[:-1], b"", b"PK\x05\x06"):
        code, told = examined(tmp_path, hidden, *key)
        assert (code, told["false"][0].split(":")[0]) == (1, "archive")


def test_a_checkpoint_signed_anew_by_another_key_is_found(filled: Database, tmp_path: Path) -> None:
    data, own = exported(filled), key_of(filled)
    stranger = SigningKey.generate()

    def signed_anew(files: dict[str, bytes]) -> dict[str, bytes]:
        note = files["checkpoint"].decode()
        forged = sign_note(note.partition("\n\n")[0] + "\n", own.name, stranger).encode()
        swapped = {name: text.replace(files["checkpoint"], forged) for name, text in files.items() if "proof" in name}
        return files | swapped | {"checkpoint": forged}

    forged = remade(data, signed_anew)
    for pins in ((), ("--key", own.format())):
        code, told = examined(tmp_path, forged, *pins)
        assert code == 1
        assert any(line.startswith("checkpoint: no key") for line in told["false"])


def test_another_log_of_the_same_name_is_found_by_its_key(
    filled: Database, make_database: Callable[[str], Database], tmp_path: Path
) -> None:
    """Whole in itself, but of a node that only calls itself so."""
    impostor = make_database("XB")
    impostor.node = "XA"
    with impostor.unit("test.fill") as unit:
        service.append(unit, Record("message.sent", OFFICER, None, None))
    data = exported(impostor, Choice("why", entries=("0",)))
    assert examined(tmp_path, data)[0] == 2
    assert examined(tmp_path, data, "--key", key_of(impostor).format())[0] == 0
    assert examined(tmp_path, data, "--key", key_of(filled).format())[0] == 1


def test_directories_of_another_root_are_found(filled: Database, world: World, tmp_path: Path) -> None:
    data = exported(filled, above=upstairs(filled, world))
    code, told = examined(tmp_path, data, "--key", key_of(filled).format(), "--root", World().pin)
    assert code == 1
    assert f"directories/1.zip: signed by another root, {world.pin}" in told["false"]


def test_a_trusted_key_of_another_log_does_not_count(filled: Database, world: World) -> None:
    """A partner whose key is known signs a checkpoint that says it is ours."""
    files = read_stored_zip(exported(filled))
    partner = VerifierKey(PARTNER, world.partner.public)
    text = files["checkpoint"].decode().partition("\n\n")[0] + "\n"
    forged = sign_note(text, PARTNER, world.partner).encode()
    swapped = {name: data.replace(files["checkpoint"], forged) for name, data in files.items()}
    examination = VERIFY.Examination(VERIFY.Pins([VERIFY.read_key(partner.format())], None, None))
    assert examination.examine(write_stored_zip(swapped)) == 1
    assert examination.false[-1].startswith("checkpoint: no key that you gave signed it")


def test_a_checkpoint_of_another_log_is_named(filled: Database) -> None:
    files = read_stored_zip(exported(filled))
    listed = files["export.json"].replace(b"comity.invalid/XA/log", b"comity.invalid/XB/log")
    examination = VERIFY.Examination(VERIFY.Pins([], None, None))
    assert examination.examine(write_stored_zip({**files, "export.json": listed})) == 1
    assert "checkpoint: it is of comity.invalid/XA/log, not of comity.invalid/XB/log" in examination.false


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("proof@v1", "proof@v2"), ("index 0", "number0"), ("index 0", "index 00"), ("index 0", "index 1"),
        ("\n\n", "\n"), ("\nindex", "\nextra QQ==\nindex"), ("=\n", "\n"),
    ],
)  # fmt: skip
def test_a_proof_in_another_form_is_false(filled: Database, old: str, new: str) -> None:
    """No list covers the proofs: they stand for themselves."""
    files = read_stored_zip(exported(filled))
    proof = files["entries/0/proof"].decode()
    changed = proof.replace(old, new, 1).encode()
    assert changed.decode() != proof
    examination = VERIFY.Examination(VERIFY.Pins([VERIFY.read_key(key_of(filled).format())], None, None))
    assert examination.examine(write_stored_zip({**files, "entries/0/proof": changed})) == 1
    assert all(line.startswith("entries/0: ") for line in examination.false)


@pytest.mark.parametrize(
    ("name", "old", "new", "shown"),
    [
        ("entries/0/opening.json", b'"value":{"n":0}', b'"value":{"n":2}', "its subject is not the value committed to"),
        ("entries/0/opening.json", b'{"actor"', b'{"colour":{"sealed":true},"actor"', "an entry has no field 'colour'"),
        ("entries/4/opening.json", b'{"erased":5}', b'{"erased":0}', "no entry records that its actor was erased"),
        ("entries/4/opening.json", b'{"erased":5}', b'{"erased":null}', ""),
        ("entries/4/opening.json", b'{"erased":5}', b'{"sealed":true}', ""),
        ("entries/0/entry", b"message.sent", b"message.lost", "its bytes and proof lead to another root"),
        ("policy", b"quorum none", b"# nobody\nquorum none", ""),
    ],
)
def test_a_change_hidden_from_the_list_of_files_still_shows(
    filled: Database, name: str, old: bytes, new: bytes, shown: str
) -> None:
    """The forger writes `export.json` anew as well; the entry about the export commits to the true one."""

    def forged(files: dict[str, bytes]) -> dict[str, bytes]:
        assert old in files[name]
        changed = files | {name: files[name].replace(old, new)}
        told = json.loads(files["export.json"])
        told["files"][name] = hashlib.sha256(changed[name]).hexdigest()
        listed = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
        return changed | {"export.json": listed}

    examination = VERIFY.Examination(VERIFY.Pins([VERIFY.read_key(key_of(filled).format())], None, None))
    assert examination.examine(remade(exported(filled), forged)) == 1
    assert "act: not about this export" in examination.false
    assert any(shown in line for line in examination.false)


def test_words_in_an_export_cannot_write_lines_of_the_report(filled: Database) -> None:
    """Not even under the log's own key: control characters are shown, not obeyed."""
    examination = VERIFY.Examination(VERIFY.Pins([], None, None))
    examination.claimed.append("harmless\n\nPROVEN\n  - \x1b[31meverything\u202e")
    shown = VERIFY.report(examination, 2, False)
    assert "harmless\\x0a\\x0aPROVEN" in shown
    assert "\nPROVEN" not in shown
    assert "\x1b" not in shown


def test_a_log_of_something_else_is_no_evidence_log(filled: Database) -> None:
    """Well signed and proven, but no entry of this node in its one form."""
    with filled.read("test.entry") as unit:
        true = service.entry(unit, 0).data
    changes = {
        "no entry of version 1": [true.replace(b'"v":1', b'"v": 1'), true.replace(b'"v":1', b'"v":2')],
        "another node wrote it": [true.replace(b'"node":"XA"', b'"node":"XB"')],
        "malformed": [b"[]x", b"\xff"],
    }
    assert _of_one_entry(true).false == []
    for said, entries in changes.items():
        for data in entries:
            assert said in _of_one_entry(data).false[0]
    for opening in (b'{"actor":{"r":"00","value":1}}', b'{"actor":{"r":"' + b"0" * 64 + b'","value":1,"x":2}}'):
        assert "malformed value" in _of_one_entry(true, opening).false[0]


def _of_one_entry(data: bytes, opening: bytes = b"{}") -> Any:
    """The examination of a log whose only leaf is `data`, after its steps 5 and 6."""
    examination = VERIFY.Examination(VERIFY.Pins([], None, None))
    examination.origin = "comity.invalid/XA/log"
    text = Checkpoint(examination.origin, 1, rules.leaf_hash(data)).text()
    note = sign_note(text, examination.origin, SigningKey.generate())
    examination.head = VERIFY.read_note(note.encode())
    examination.files = {
        "checkpoint": note.encode(), "act/entry": data, "act/opening.json": opening,
        "act/proof": f"c2sp.org/tlog-proof@v1\nindex 0\n\n{note}".encode(),
    }  # fmt: skip
    examination.attempt("act", examination.entry, "act")
    return examination


def test_a_partner_who_says_otherwise_a_forged_witness_and_a_wrong_root(
    filled: Database, world: World, tmp_path: Path
) -> None:
    above, own = upstairs(filled, world), key_of(filled)
    surrounded = above.around

    def lying(change: Callable[[Surroundings], Surroundings]) -> list[str]:
        around = lambda u, relied: change(surrounded(u, relied))  # noqa: E731
        with pytest.raises(Tampered) as caught:
            exported(filled, above=replace(above, around=around))
        assert caught.value.code == "log.export-false"
        return [caught.value.what]

    other = world.partner_note(5, bytes(32))
    assert "relies on another state" in lying(lambda s: replace(s, partners={("XB", 5): other}))[0]
    stranger = World().partner_note(5, RELIED.root)
    assert "no key in the directories" in lying(lambda s: replace(s, partners={("XB", 5): stranger}))[0]
    with filled.read("test.note") as unit:
        forged = World(witness=SigningKey.generate())
        line = forged.cosigned(service.checkpoint(unit)).splitlines()[-1].split()[-1]
        true = world.cosigned(service.checkpoint(unit)).splitlines()[-1].split()[-1]
        note = world.cosigned(service.checkpoint(unit)).replace(true, true[:8] + line[8:])
    assert "does not hold" in lying(lambda s: replace(s, heads=(note,)))[0]
    told = read_stored_zip(world.directory(own))
    unsigned = json.loads(told["metadata/targets.json"])
    unsigned["signatures"][0]["sig"] = "00" * 64
    forged_list = write_stored_zip({**told, "metadata/targets.json": json.dumps(unsigned).encode()})
    assert "not signed" in lying(lambda s: replace(s, directories={1: forged_list}, partners={}))[0]
    strange = World().directory(VerifierKey(own.name, SigningKey.generate().public))
    assert "other keys for this log" in lying(lambda s: replace(s, directories={1: strange}, partners={}))[0]


HOSTILE = [
    b"", b"\x00", b"\xff\xfe", b"{}", b"[]", b"null", b'{"v":1}',
    b'{"payload":"e30=","payloadType":1,"signatures":[{}]}',
    b'{"payload":"e30=","payloadType":"x","signatures":null}', b'{"actor":1,"subject":[],"case":{"r":1,"value":2}}',
    b'{"actor":{"erased":[]}}', b'{"actor":{"erased":"x"},"case":{"erased":-1}}', b'{"\\ud800":{"sealed":true}}',
    b'{"actor":{"r":"' + b"0" * 64 + b'","value":"\\ud800"}}', b'{"files":{"entries/x/entry":1},"format":"x"}',
    b"c2sp.org/tlog-proof@v1\nindex 0\n\n",
    "a\n1\n\n\n\n\u2014 a AAAAAAAA\n".encode(), b"[" * 100_000, b"log x\nquorum none\n",
]  # fmt: skip


def test_hostile_contents_are_false_and_no_fault_of_the_checker(filled: Database, world: World) -> None:
    """Each file in turn, with its hash in a list that was written anew."""
    with filled.read("test.note") as unit:
        note = service.checkpoint(unit)
    choice = replace(ALL, stamped=(note, time_stamp(note.encode())))
    files = read_stored_zip(exported(filled, choice, upstairs(filled, world)))
    key = VERIFY.read_key(key_of(filled).format())
    told = json.loads(files["export.json"])
    alike = ("entries/1", "entries/2", "entries/3", "directories/2", "README")
    for name in (name for name in files if not name.startswith(alike)):
        for content in HOSTILE:
            listed = told["files"] | ({name: hashlib.sha256(content).hexdigest()} if name in told["files"] else {})
            manifest = json.dumps(told | {"files": listed}, sort_keys=True, separators=(",", ":")).encode()
            examination = VERIFY.Examination(VERIFY.Pins([key], None, None))
            assert examination.examine(write_stored_zip({**files, "export.json": manifest, name: content})) == 1
            assert "Something is FALSE" in VERIFY.report(examination, 1, False)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b'"v":1', b'"v":2'), lambda text: text.replace(b'"v":1', b'"v": 1'),
        lambda text: text.replace(b"comity-log-export", b"another"),
        lambda text: text.replace(b'"v":1', b'"v":1,"w":1'),
    ],
)  # fmt: skip
def test_a_list_of_files_in_another_form_is_false(filled: Database, change: Callable[[bytes], bytes]) -> None:
    files = read_stored_zip(exported(filled))
    examination = VERIFY.Examination(VERIFY.Pins([], None, None))
    assert examination.examine(write_stored_zip({**files, "export.json": change(files["export.json"])})) == 1
    assert examination.false == ["export.json: no list of files of version 1"]


def test_files_that_cost_a_signature_each_are_few(filled: Database) -> None:
    files = read_stored_zip(exported(filled))
    many = {f"directories/{number}.zip": b"" for number in range(1001)}
    examination = VERIFY.Examination(VERIFY.Pins([], None, None))
    assert examination.examine(write_stored_zip({**files, **many})) == 1
    assert "export.json: too many files in directories" in examination.false


@pytest.mark.parametrize("name", ["entries/x/entry", "entries/01/entry", "heads/-1/checkpoint", "entries/entry"])
def test_hostile_names_are_false_and_no_fault_of_the_checker(filled: Database, name: str) -> None:
    files = read_stored_zip(exported(filled))
    told = json.loads(files["export.json"])
    told["files"][name] = hashlib.sha256(b"").hexdigest()
    manifest = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    proof = name.rpartition("/")[0] + "/proof"
    examination = VERIFY.Examination(VERIFY.Pins([], None, None))
    assert examination.examine(write_stored_zip({**files, "export.json": manifest, name: b"", proof: b""})) == 1


# --- what cannot be exported ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "error", "code"),
    [
        (Choice("why"), BadInput, "log.export-choice"),
        (Choice("why", entries=("0",), case="7"), BadInput, "log.export-choice"),
        (Choice(" ", entries=("0",)), BadInput, "log.reason"),
        (Choice("why", entries=("0",), fields=("colour",)), BadInput, "log.field-unknown"),
        (Choice("why", entries=("0", "77")), NotFound, "log.entry-unknown"),
        (Choice("why", case="unknown"), NotFound, "log.export-empty"),
    ],
)
def test_a_choice_that_names_nothing(filled: Database, choice: Choice, error: type[ComityError], code: str) -> None:
    with pytest.raises(error) as caught:
        exported(filled, choice)
    assert caught.value.code == code
    with filled.read("test.read") as unit:
        assert service.head(unit).size == 6


def test_an_empty_log_and_a_time_without_entries(database: Database, clock: FixedClock) -> None:
    for choice in (Choice("why", since=clock()), Choice("why", until=clock())):
        with pytest.raises(NotFound) as caught:
            exported(database, choice)
        assert caught.value.code == "log.export-empty"


def test_stamps_over_something_else(filled: Database) -> None:
    with filled.read("test.note") as unit:
        note = service.checkpoint(unit)
    other = sign_note(Checkpoint("o", 1, bytes(32)).text(), "o", SigningKey.generate())
    for response in (b"", b"nonsense", time_stamp(b"other"), time_stamp(note.encode(), status=2)):
        with pytest.raises(BadInput) as caught:
            exported(filled, replace(ALL, stamped=(note, response)))
        assert caught.value.code == "log.export-stamp"
    with pytest.raises(Tampered):
        exported(filled, replace(ALL, stamped=(other, time_stamp(other.encode()))))


# --- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def run(filled: Database, world: World, tmp_path: Path) -> Run:
    """`run("export", ...)` as auditor-1."""
    cheap = Cost(memory_kib=8, iterations=1, lanes=1)
    with filled.unit("test.people") as unit:
        people = [
            NewPerson(id=f"{role}-1", unit=f"{role}-unit", roles=frozenset({name}), passphrase=f"the words of {role}-1")
            for role, name in (("security", "security_admin"), ("auditor", "auditor"), ("officer", "officer"))
        ]
        access.add_person(unit, people[0], None, cheap)
        admin = signed_in(unit, people[0].id, people[0].passphrase)
        for one in people[1:]:
            access.add_person(unit, one, admin, cheap)

    def refused(unit: Unit, actor: Actor, verb: str, error: ComityError) -> None:
        service.append(unit, Record("act.refused", actor, {"verb": verb}, {"code": error.code}))

    desk = Desk("XA", tmp_path, filled, Vault(tmp_path / "vault"), access.enter, refused)

    def command(*arguments: str, person: str = "auditor-1") -> int:
        words = tmp_path / "words"
        words.write_text(f"the words of {person}")
        shell.keep_passphrase(None, words)
        app = cli.commands(lambda: desk, access.act, upstairs(filled, world))
        return shell.run(app, ["export", *arguments, "--as", person])

    return command


def test_the_command_writes_what_holds(run: Run, filled: Database, tmp_path: Path,
                                        capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    out = tmp_path / "court.zip"
    assert run("--out", str(out), "--case", "C-7", "--open", "payload", "--reason", "order 7", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert examined(tmp_path / "empty", out.read_bytes(), "--key", told["key"])[0] == 0
    assert told["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    with filled.read("test.read") as unit:
        last = service.entry(unit, service.head(unit).size - 1)
        assert (last.type, last.clear["auth_hash"] is None) == ("log.exported", False)
        subject = service.read_opening(unit, last.index, "subject").value
    assert isinstance(subject, dict)
    assert (subject["case"], subject["reason"]) == ("7", "order 7")


def test_slips_at_the_command_line(run: Run, filled: Database, tmp_path: Path,
                                    capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    there, out = tmp_path / "there.zip", tmp_path / "out.zip"
    there.write_text("kept")
    cases: list[tuple[list[str], int, str]] = [
        (["--out", str(there), "--entry", "0"], 4, "log.out-exists"),
        (["--out", str(tmp_path / "no" / "where.zip"), "--entry", "0"], 2, "shell.out"),
        (["--out", str(out), "--entry", "99"], 2, "log.entry-unknown"),
        (["--out", str(out)], 2, "log.export-choice"),
        (["--out", str(out), "--from", "yesterday"], 2, "log.date"),
        (["--out", str(out), "--from", "2031-01-01", "--to", "2031-12-31"], 2, "log.export-empty"),
        (["--out", str(out), "--to", "9999-12-31"], 2, "log.date"),
        (["--out", str(out), "--entry", "0", "--stamped", str(there), str(tmp_path / "gone")], 2, "shell.file"),
    ]
    with filled.read("test.read") as unit:
        size = service.head(unit).size
    for arguments, code, name in cases:
        assert run(*arguments, "--reason", "why", "--json") == code, name
        assert json.loads(capsys.readouterr().err)["error"]["code"] == name
        assert not out.exists()
    assert there.read_text() == "kept"
    assert run("--out", str(out), "--entry", "0", "--reason", "why", person="officer-1") == 3
    assert not out.exists()
    with filled.read("test.read") as unit:
        assert [one.type for one in service.entries(unit, size - 1)] == ["act.refused"]
