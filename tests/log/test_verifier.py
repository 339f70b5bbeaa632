"""The checker in an export against corpora that nobody here wrote, and against the node's own rules."""

import ast
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Tampered
from comity.base.model import Json
from comity.kit.codec import b64, jcs, notes, zips
from comity.kit.crypto.signing import SigningKey, VerifyKey
from comity.log import rules
from comity.log.model import Frontier
from tests.log.court import VERIFY, World, der, time_stamp

SOURCE = Path(str(VERIFY.__file__))
SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
ORDER = 2**252 + 27742317777372353535851937790883648493
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def holds(call: Callable[..., Any], *given_: Any) -> bool:
    """Whether the checker lets it through."""
    try:
        return call(*given_) is not False
    except (VERIFY.Wrong, *VERIFY.MALFORMED):
        return False


def accepted(key: bytes, signature: bytes, message: bytes) -> bool:
    """The node's own rule."""
    try:
        return VerifyKey.from_raw(key).verify(signature, message)
    except BadInput:
        return False


# --- alone ---------------------------------------------------------------------------------------------------------


def test_it_needs_nothing_but_an_old_python() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {alias.name for part in ast.walk(tree) if isinstance(part, ast.Import) for alias in part.names}
    imported |= {str(part.module) for part in ast.walk(tree) if isinstance(part, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
    assert not {"socket", "ssl", "urllib", "http", "subprocess", "os", "importlib"} & imported


def test_how_it_is_called(tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(SOURCE), *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={})

    assert "Exit code 0" in run("--help").stdout
    (tmp_path / "text.zip").write_text("no archive")
    for words in ([], ["none.zip"], ["text.zip", "--key", "nonsense"], ["text.zip", "--policy", "none"]):
        ended = run(*words)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "error:" in ended.stderr
    ended = run("text.zip")
    assert ended.returncode == 1
    assert "FALSE\n  - archive: its directory does not agree with its files" in ended.stdout


# --- Ed25519 -------------------------------------------------------------------------------------------------------


def test_cctv_edge_cases_get_the_one_answer(data: Path) -> None:
    refused = {"low_order_A", "non_canonical_A", "non_canonical_R", "low_order_residue"}
    vectors = json.loads((data / "trust" / "cctv-ed25519.json").read_text())
    assert len(vectors) == 914
    for vector in vectors:
        key, signature, message = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sig"]), vector["msg"].encode()
        assert VERIFY.is_signed(key, signature, message) == (not refused & set(vector["flags"] or ()))


def test_wycheproof(data: Path) -> None:
    for group in json.loads((data / "trust" / "wycheproof" / "ed25519_test.json").read_text())["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            held = VERIFY.is_signed(key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            assert held == (case["result"] == "valid"), case["tcId"]


@given(st.binary(max_size=60), st.integers(0, 511), st.integers(0, 255), st.booleans())
def test_it_agrees_with_the_node(message: bytes, bit: int, key_bit: int, more: bool) -> None:
    key = SigningKey.generate()
    raw, signature = key.public.raw, key.sign(message)
    assert VERIFY.is_signed(raw, signature, message)
    flipped = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(64, "big")
    beyond = signature[:32] + (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
    other = (int.from_bytes(raw, "little") ^ 1 << key_bit).to_bytes(32, "little")
    for tried in ((raw, flipped), (raw, beyond), (other, signature), (raw, signature + bytes(more))):
        assert VERIFY.is_signed(*tried, message) == accepted(*tried, message)


@given(st.binary(max_size=70), st.binary(max_size=40))
def test_nonsense_is_no_signature(signature: bytes, key: bytes) -> None:
    assert not VERIFY.is_signed(key, signature, b"")
    assert not VERIFY.is_signed(SigningKey.generate().public.raw, signature, b"")


# --- the tree ------------------------------------------------------------------------------------------------------


def included(case: dict[str, Any]) -> bool:
    root = VERIFY.root_by(_hashes(case), _bytes(case, "leafHash"), case["leafIdx"], case["treeSize"])
    return bool(root == _bytes(case, "root"))


def consistent(case: dict[str, Any]) -> bool:
    roots = _bytes(case, "root1"), _bytes(case, "root2")
    return bool(VERIFY.roots_by(_hashes(case), case["size1"], case["size2"], roots[0]) == roots)


@pytest.mark.parametrize(("kind", "check"), [("inclusion", included), ("consistency", consistent)])
def test_published_proofs(data: Path, kind: str, check: Callable[[dict[str, Any]], bool]) -> None:
    """transparency-dev/merkle testdata: good ones hold, bad ones do not."""
    cases = [json.loads(path.read_text()) for path in sorted((data / "trust" / "merkle" / kind).rglob("*.json"))]
    assert len(cases) > 90
    for case in cases:
        assert holds(check, case) is not case["wantErr"], case["desc"]


def _hashes(case: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(text) for text in case["proof"] or []]


def _bytes(case: dict[str, Any], name: str) -> bytes:
    return base64.b64decode(case[name] or "")


@given(st.integers(1, 80), st.data())
def test_it_agrees_with_the_node_about_trees(size: int, draw: st.DataObject) -> None:
    leaves = [rules.leaf_hash(bytes([n])) for n in range(size)]
    frontiers = [rules.append(Frontier(), leaves[:count]).frontier for count in range(size + 1)]

    def hashes(spans: list[tuple[int, int]]) -> list[bytes]:
        return [rules.fold([rules.complete(leaves[p.index << p.level : p.index + 1 << p.level]) for p in parts])
                for parts in map(rules.subtrees, spans)]  # fmt: skip

    index, first = draw.draw(st.integers(0, size - 1)), draw.draw(st.integers(1, size))
    proof = hashes(rules.inclusion_ranges(index, size))
    assert VERIFY.root_by(proof, leaves[index], index, size) == rules.root(frontiers[size])
    path, roots = (
        hashes(rules.consistency_ranges(first, size)),
        (rules.root(frontiers[first]), rules.root(frontiers[size])),
    )
    assert VERIFY.roots_by(path, first, size, roots[0]) == roots
    broken = draw.draw(st.sampled_from([proof[1:], [*proof, bytes(32)], proof[::-1], [bytes(31)] * len(proof)]))
    held = holds(lambda: VERIFY.root_by(broken, leaves[index], index, size) == rules.root(frontiers[size]))
    try:
        rules.verify_inclusion(leaves[index], index, size, rules.root(frontiers[size]), broken)
        assert held
    except Tampered:
        assert not held


def test_proofs_of_more_than_63_hashes_are_refused() -> None:
    assert not holds(VERIFY.root_by, [bytes(32)] * 64, bytes(32), 0, 2**63)
    assert not holds(VERIFY.roots_by, [bytes(32)] * 64, 1, 2**63, bytes(32))
    assert not holds(VERIFY.root_by, [], bytes(32), 1, 1)
    assert not holds(VERIFY.roots_by, [], 0, 1, bytes(32))
    for width in (31, 33):
        with pytest.raises(VERIFY.Wrong, match="32 bytes"):
            VERIFY.roots_by([bytes(32), bytes(width)], 3, 5, bytes(32))
        with pytest.raises(VERIFY.Wrong, match="32 bytes"):
            VERIFY.root_by([bytes(width)], bytes(32), 0, 2)


# --- texts ---------------------------------------------------------------------------------------------------------


def test_a_real_checkpoint_of_another_log(data: Path) -> None:
    script = (data / "trust" / "sumdb-checkpoint.txt").read_text()
    found = script[script.index("go.sum database tree\n3") :]
    note = VERIFY.read_note(("\n".join(found.split("\n")[:5]) + "\n").encode())
    assert VERIFY.signed_at(note, VERIFY.read_key(SUMDB)) == 0
    assert not holds(VERIFY.signed_at, note._replace(text=note.text.replace("3", "4", 1)), VERIFY.read_key(SUMDB))


def test_every_checkpoint_of_a_tessera_log_extends_the_one_before(data: Path) -> None:
    folder = data / "trust" / "tessera-log"
    leaves = [(folder / "tile/0/000.p/15").read_bytes()[at : at + 32] for at in range(0, 15 * 32, 32)]
    heads = [VERIFY.read_note((folder / f"checkpoint.{size}").read_bytes()) for size in range(1, 16)]
    for old in heads:
        assert old.root == rules.root(rules.append(Frontier(), leaves[: old.size]).frontier)
        spans = rules.consistency_ranges(old.size, 15)
        path = [rules.root(rules.append(Frontier(), leaves[start:end]).frontier) for start, end in spans]
        assert VERIFY.roots_by(path, old.size, 15, old.root) == (old.root, heads[-1].root)


@given(VALUES)
def test_canonical_json_is_that_of_the_node(value: Json) -> None:
    assert VERIFY.canonical(value) == jcs.canonical(value)
    assert VERIFY.unjson(VERIFY.canonical({"v": value})) == {"v": value}


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"1", b'{"a":1.0}', b'{"a":1e3}', b'{"a":NaN}', b'{"a":1,"a":1}', b'{"a":-0}', b"\xff",
        b'{"a":' + b"9" * 5000 + b"}", b'{"a":' + b"[" * 100_000 + b"}", b'{"a":100000000000000000}',
        b"{}" + b" " * (16 << 20),
    ],
)  # fmt: skip
def test_json_that_is_refused(text: bytes) -> None:
    assert not holds(VERIFY.unjson, text)


@given(st.text(max_size=12) | st.binary(max_size=12).map(b64.encode))
def test_base64_has_one_spelling(text: str) -> None:
    try:
        expected: bytes | None = b64.decode(text)
    except BadInput:
        expected = None
    assert (VERIFY.unbase64(text) if holds(VERIFY.unbase64, text) else None) == expected


@pytest.mark.parametrize("text", ["AB==", "QUI", "QUI=\n", "QU I=", "QUI_", "QUI==", "Qù=="])
def test_base64_in_another_spelling_is_refused(text: str) -> None:
    assert not holds(VERIFY.unbase64, text)


@pytest.mark.parametrize("text", ["", "01", "-1", "+1", " 1", "1\n", "9223372036854775808", "1" * 30, "\u0661"])
def test_numbers_in_another_spelling_are_refused(text: str) -> None:
    assert VERIFY.number("9223372036854775807") == 2**63 - 1
    assert not holds(VERIFY.number, text)


NAME = st.from_regex("[a-z0-9]{1,8}(/[a-z0-9.-]{1,8})?", fullmatch=True).filter(lambda n: "/." not in n)


@given(st.dictionaries(NAME, st.binary(max_size=30), min_size=1, max_size=5), st.integers(0, 10_000), st.data())
def test_archives_have_one_reading(files: dict[str, bytes], at: int, draw: st.DataObject) -> None:
    try:
        data = zips.write_stored_zip(files)
    except BadInput:
        return  # a name is both a file and a folder
    assert VERIFY.read_archive(data) == files
    at %= len(data)
    flipped = data[:at] + bytes([data[at] ^ draw.draw(st.integers(1, 255))]) + data[at + 1 :]
    assert not holds(VERIFY.read_archive, flipped)
    assert not holds(VERIFY.read_archive, data[:at])


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "a/../b", "x/", "./x", "a\\b", "c:x", "x\x00", ".hidden", ""])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    data = zips.write_stored_zip({"n" * len(name): b"x"}) if name else zips.write_stored_zip({"n": b"x"})
    placed = data.replace(b"n" * len(name), name.encode()) if name else data.replace(b"\x01\x00\x00\x00n", b"\0" * 5)
    assert not holds(VERIFY.read_archive, placed)


@pytest.mark.parametrize("names", ["ab", "aa", "ba"])
def test_files_are_in_order_and_none_is_there_twice(names: str) -> None:
    body, directory = b"", b""
    for name in names:
        crc = zlib.crc32(b"x")
        directory += zips._central(name.encode(), crc, 1, len(body))
        body += zips._local(name.encode(), crc, 1) + b"x"
    data = body + directory + zips._end(2, len(directory), len(body))
    assert holds(VERIFY.read_archive, data) is (names == "ab")


def test_a_size_that_lies_is_refused() -> None:
    data = zips.write_stored_zip({"a": b"x" * 10})
    for size in (0, 9, 11, 2**32 - 1):
        told = data[:18] + size.to_bytes(4, "little") * 2 + data[26:]
        assert not holds(VERIFY.read_archive, told)
    assert not holds(VERIFY.read_archive, data[:30] + data)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
def test_random_notes_keys_and_policies_are_refused_without_a_fault(text: str) -> None:
    for read in (VERIFY.read_note, VERIFY.read_policy):
        assert not holds(read, text.encode("utf-8", "surrogatepass"))
    assert not holds(VERIFY.read_key, text)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**63 - 1))
def test_notes_are_read_as_the_node_reads_them(root: bytes, size: int) -> None:
    key = SigningKey.generate()
    text = notes.sign_note(notes.Checkpoint("o", size, root).text(), "o", key)
    note = VERIFY.read_note(text.encode())
    assert (note.origin, note.size, note.root) == ("o", size, root)
    assert VERIFY.signed_at(note, VERIFY.read_key(notes.VerifierKey("o", key.public).format())) == 0
    assert VERIFY.signed_at(note, VERIFY.read_key(notes.VerifierKey("p", key.public).format())) is None


KEY = notes.VerifierKey("o", SigningKey.generate().public).format()
NOTE = notes.sign_note(notes.Checkpoint("o", 7, bytes(32)).text(), "o", SigningKey.generate())
LINE = NOTE.splitlines()[-1]


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key.replace("o+", "p+", 1), lambda key: key.replace("o+", "+", 1),
        lambda key: key.rsplit("+", 1)[0], lambda key: "o+00000000+" + key.split("+", 2)[2],
        lambda key: "o+e3b0c442+", lambda key: key + "=",
    ],
)  # fmt: skip
def test_keys_that_are_refused(change: Callable[[str], str]) -> None:
    assert VERIFY.read_key(KEY).name == "o"
    assert not holds(VERIFY.read_key, change(KEY))


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("o\n", "o\x0b\n", 1), lambda note: note.replace("\n\n", "\n"),
        lambda note: note + f"{LINE}\n" * 100, lambda note: note.replace("\n\n", "\n" + "x" * 1_000_000 + "\n\n"),
        lambda note: note.rstrip("\n"), lambda note: note + "x\n", lambda note: note.replace("\u2014", "-"),
        lambda note: note.replace("\n7\n", "\n07\n"), lambda note: note.replace("o\n7\n", "o\n\n7\n"),
        lambda note: note.replace("AAAA", "", 1), lambda note: note.partition("\n")[2],
        lambda note: f"o\n7\n\n{LINE}\n",
    ],
)  # fmt: skip
def test_notes_that_are_refused(change: Callable[[str], str]) -> None:
    assert VERIFY.read_note(NOTE.encode()).size == 7
    assert change(NOTE) != NOTE
    assert not holds(VERIFY.read_note, change(NOTE).encode())


# --- policies ------------------------------------------------------------------------------------------------------


def named(name: str) -> str:
    """The key of the witness called `name`."""
    raw = b"\x04" + hashlib.sha256(name.encode()).digest()
    hashed = hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    return f"{name}+{hashed}+{b64.encode(raw)}"


WITNESSES = "".join(f"witness {name} {named(name)} https://{name}.invalid\n" for name in "abcd")


@pytest.mark.parametrize(
    ("rest", "enough", "short"),
    [
        ("quorum none\n", "", None), ("quorum a", "a", "bcd"), ("group g any a b\nquorum g\n", "b", "cd"),
        ("group g all a b\nquorum g\n", "ab", "acd"), ("group g 2 a b c\nquorum g\n", "ac", "ad"),
        ("# words\n\t\ngroup g 2 a b\ngroup h any c d\n group k all g h \nquorum k\n", "abd", "acd"),
    ],
)  # fmt: skip
def test_a_quorum_is_reached_or_not(rest: str, enough: str, short: str | None) -> None:
    policy = VERIFY.read_policy((WITNESSES + rest).encode())
    assert policy.reached(set(enough))
    assert short is None or not policy.reached(set(short))


@pytest.mark.parametrize(
    "rest",
    [
        "", "quorum a\nquorum b\n", "quorum e\n", "group g any\nquorum g\n", "group g 0 a\nquorum a\n",
        "group g 3 a b\nquorum g\n", "group g any e\nquorum a\n", "group a any b\nquorum a\n",
        "quorum g\ngroup g any a\n",
        "group g any a a\nquorum g\n", "group g any a\ngroup h any a\nquorum h\n", "group none any a\nquorum none\n",
        "witness e nonsense\nquorum a\n", f"witness e {named('a')}\nquorum a\n", "witness none x\nquorum a\n",
        "quorum a b\n", "others x\nquorum a\n", "log\nquorum a\n", "group g 01 a\nquorum g\n", "quorum\x0b a\n",
    ],
)  # fmt: skip
def test_policies_that_are_refused(rest: str) -> None:
    assert not holds(VERIFY.read_policy, (WITNESSES + rest).encode())


def test_a_cosignature_of_the_standard(data: Path) -> None:
    """The line by a witness holds for its time and text only."""
    world = World()
    key = SigningKey.generate()
    note = world.cosigned(notes.sign_note(notes.Checkpoint("o", 3, bytes(32)).text(), "o", key), 1_700_000_000)
    witness, read = VERIFY.read_key(world.witness_key), VERIFY.read_note(note.encode())
    assert VERIFY.signed_at(read, witness) == 1_700_000_000
    (name, blob) = read.lines[1]
    later = blob[:4] + (1_700_000_001).to_bytes(8, "big") + blob[12:]
    assert not holds(VERIFY.signed_at, read._replace(lines=[(name, later)]), witness)


# --- time stamps ---------------------------------------------------------------------------------------------------


def test_a_time_stamp_is_about_one_thing() -> None:
    assert VERIFY.stamped(time_stamp(b"checkpoint"), b"checkpoint") == "20260302093000Z"
    assert not holds(VERIFY.stamped, time_stamp(b"checkpoint"), b"another")
    assert not holds(VERIFY.stamped, time_stamp(b"checkpoint", status=2), b"checkpoint")


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_time_stamp_is_refused_without_a_fault(at: int, byte: int) -> None:
    whole = time_stamp(b"checkpoint")
    at %= len(whole)
    holds(VERIFY.stamped, whole[:at] + bytes([byte]) + whole[at + 1 :], b"checkpoint")
    assert not holds(VERIFY.stamped, whole[:at], b"checkpoint")
    assert not holds(VERIFY.stamped, der(0x30, b"\x30\x85"), b"")


def test_a_token_by_openssl(tmp_path: Path) -> None:
    """Where openssl is installed: its own token is read, and the command that the checker prints accepts it."""
    if not shutil.which("openssl"):
        return
    (tmp_path / "checkpoint").write_bytes(b"what was signed\n")
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "tsa.cnf").write_text(
        "[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=ext\n[dn]\nCN=authority\n"
        "[ext]\nextendedKeyUsage=critical,timeStamping\n[tsa]\ndefault_tsa=one\n[one]\nserial=serial\n"
        "signer_digest=sha256\ndefault_policy=1.2.3\ndigests=sha256\ness_cert_id_alg=sha256\n"
    )
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -config tsa.cnf -days 2",
        "ts -query -data checkpoint -sha256 -cert -out query.tsq",
        "ts -reply -config tsa.cnf -queryfile query.tsq -signer cert.pem -inkey key.pem -out timestamp.tsr",
        "ts -verify -in timestamp.tsr -data checkpoint -CAfile cert.pem",
    ):
        ended = subprocess.run(["openssl", *command.split()], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
    response = (tmp_path / "timestamp.tsr").read_bytes()
    assert VERIFY.stamped(response, b"what was signed\n").startswith("20")
    assert not holds(VERIFY.stamped, response, b"something else\n")
