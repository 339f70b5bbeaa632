#!/usr/bin/env python3
"""Check an export of a Comity evidence log. It needs Python 3.9 or newer: no other program, no package, no network.

    python3 -I -S verify.py EXPORT.zip --key KEY [--policy FILE] [--root FINGERPRINT] [--json]

KEY (name+hash+base64) is the public key of the agency's log, FINGERPRINT (hex) that of the federation's root. Have
them from somebody other than who gave you the export: a key that lies in the export proves nothing about its owner.

 1. archive      the ZIP has exactly one reading: stored, sorted, plain names, nothing between or behind its files
 2. contents     `export.json` lists every file with its SHA-256; none is missing, none is added
 3. directories  each list of members leads to its federation's root (TUF 1.0); which keys they list for this log
 4. checkpoint   it is signed by the log's key (Ed25519, C2SP tlog-checkpoint)
 5. entries      the hash of each entry's exact bytes leads to the checkpoint's root (RFC 6962, C2SP tlog-proof)
 6. values       each opened value and its random bytes r give the commitment in its entry (HMAC-SHA256)
 7. erasures     what was erased is covered by an entry about the erasure
 8. act          the export is itself an entry of the log, and that entry commits to `export.json`
 9. heads        each earlier checkpoint is one of the same log: the later one extends it (RFC 9162, 2.1.4.2)
10. witnesses    cosignatures (C2SP tlog-cosignature) hold, and reach the quorum of the policy (C2SP tlog-policy)
11. partners     the partners' checkpoints that entries rely on are signed by those partners' logs
12. time stamps  each RFC 3161 token is about exactly its checkpoint; its authority's signature needs `openssl ts`
13. epochs       where the log went on under another name, the entry that says so, what was lost, and who signed that

Exit code 0: all of it holds under a key that you gave. 1: something is false. 2: nothing is false, but not all of it
can be judged, for instance because you gave no key.
"""

from __future__ import annotations

import argparse
import base64
import functools
import hashlib
import hmac
import json
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

FIELDS = ("actor", "subject", "case", "payload")
MAX_ARCHIVE, MAX_JSON, MAX_NOTE = 1 << 30, 16 << 20, 1_000_000
MAX_PROOF, MAX_LINES, MAX_OTHERS = 63, 100, 1000


class Wrong(Exception):
    """Something does not hold; the text says what."""


MALFORMED = (KeyError, TypeError, AttributeError, ValueError, IndexError, StopIteration, RecursionError)
"""What Python raises where bytes are not what they should be: no UTF-8, no JSON, no base64, or of another shape."""


def require(holds: object, what: str) -> None:
    if not holds:
        raise Wrong(what)


# --- Ed25519 (RFC 8032), verification only -----------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]  # extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z
NEUTRAL: Point = (0, 1, 1, 0)


def add(p: Point, q: Point) -> Point:
    """RFC 8032, 5.1.4; it also doubles."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def decode_point(raw: bytes) -> Point | None:
    """RFC 8032, 5.1.3; None for what is no point, or not in its canonical form."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if len(raw) != 32 or y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y, 1, (P - x if x & 1 != sign else x) * y % P)


def encode_point(p: Point) -> bytes:
    z = pow(p[2], -1, P)
    x, y = p[0] * z % P, p[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE: Point = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or NEUTRAL


def is_signed(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether S*B - k*A encodes to R, byte for byte. Keys of small order never verify, nor does S beyond the order."""
    a = decode_point(key)
    if a is None or len(signature) != 64:
        return False
    double, s = add(a, a), int.from_bytes(signature[32:], "little")
    small = add(add(double, double), add(double, double))
    if s >= ORDER or encode_point(small) == encode_point(NEUTRAL):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    minus_a = (P - a[0], a[1], 1, P - a[3])
    table = (None, BASE, minus_a, add(BASE, minus_a))
    found: Point = NEUTRAL
    for bit in range(252, -1, -1):
        found = add(found, found)
        part = table[(s >> bit & 1) | (k >> bit & 1) << 1]
        found = add(found, part) if part else found
    return encode_point(found) == signature[:32]


@functools.lru_cache(maxsize=4096)
def is_signed_once(key: bytes, signature: bytes, message: bytes) -> bool:
    """`is_signed`, remembered: one edition of a directory repeats most parts of the one before."""
    return is_signed(key, signature, message)


# --- the Merkle tree (RFC 6962) ----------------------------------------------------------------------------------


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def split(size: int) -> int:
    """The largest power of two below `size` (> 1)."""
    return 1 << (size - 1).bit_length() - 1


def root_by(proof: list[bytes], leaf: bytes, index: int, size: int) -> bytes:
    """The root of `size` leaves to which an inclusion proof leads from the leaf hash at `index` (RFC 6962, 2.1.1)."""
    require(0 <= index < size and len(proof) <= MAX_PROOF, "the entry lies outside the log, or its proof is too long")
    require(all(len(one) == 32 for one in [leaf, *proof]), "a hash is not 32 bytes long")
    if size == 1:
        require(not proof, "the proof is too long")
        return leaf
    require(proof, "the proof is too short")
    rest, sibling, half = proof[:-1], proof[-1], split(size)
    if index < half:
        return node(root_by(rest, leaf, index, half), sibling)
    return node(sibling, root_by(rest, leaf, index - half, size - half))


def roots_by(proof: list[bytes], first: int, size: int, old: bytes | None) -> tuple[bytes, bytes]:
    """The earlier and the later root to which a consistency proof leads (RFC 6962, 2.1.2).

    `old` is the earlier root as long as the earlier tree is the left part of this one, else None.
    """
    require(0 < first <= size and len(proof) <= MAX_PROOF, "the earlier log is larger or empty, or the proof too long")
    require(all(len(one) == 32 for one in proof), "a hash is not 32 bytes long")
    if first == size:
        require(len(proof) == (old is None), "the proof has a hash too many or too few")
        return (proof[0], proof[0]) if old is None else (old, old)
    require(proof, "the proof is too short")
    rest, sibling, half = proof[:-1], proof[-1], split(size)
    if first <= half:
        left, new = roots_by(rest, first, half, old)
        return left, node(new, sibling)
    right, new = roots_by(rest, first - half, size - half, None)
    return node(sibling, right), node(sibling, new)


# --- texts: base64, numbers, JSON --------------------------------------------------------------------------------


def unbase64(text: str) -> bytes:
    """Standard base64 in its one canonical spelling (RFC 4648, 4)."""
    data = base64.b64decode(text.encode("ascii"), validate=True)
    require(base64.b64encode(data).decode() == text, f"{text[:60]!r} is not canonical base64")
    return data


def number(text: str) -> int:
    require(re.fullmatch("0|[1-9][0-9]{0,18}", text) and int(text) < 2**63, f"{text[:30]!r} is no plain number")
    return int(text)


def unjson(data: bytes) -> dict[str, Any]:
    """A JSON object without floats, and with no key twice."""

    def refuse(text: str) -> NoReturn:
        raise Wrong(f"the number {text[:30]} is not allowed")

    def whole(text: str) -> int:
        return int(text) if len(text) < 18 and text != "-0" else refuse(text)

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len(dict(pairs)) == len(pairs), "a key occurs twice")
        return dict(pairs)

    require(len(data) <= MAX_JSON, "it is too large")
    value = json.loads(
        data.decode(), object_pairs_hook=members, parse_int=whole, parse_float=refuse, parse_constant=refuse
    )
    require(isinstance(value, dict), "it is not a JSON object")
    return dict(value)


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value without floats: keys by their UTF-16 code units, no white space."""

    def ordered(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: ordered(part[key]) for key in sorted(part, key=lambda key: key.encode("utf-16-be"))}
        return [ordered(item) for item in part] if isinstance(part, list) else part

    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


# --- the archive (PKWARE APPNOTE, stored files only) -------------------------------------------------------------

LOCAL, CENTRAL, END = struct.Struct("<IHHHHHIIIHH"), struct.Struct("<IHHHHHHIIIHHHHHII"), struct.Struct("<IHHHHIIH")


def read_archive(data: bytes) -> dict[str, bytes]:
    """Step 1: every header is rebuilt from what was read and must agree, so that no byte can hide."""
    require(len(data) <= MAX_ARCHIVE, "the archive is too large")
    files: dict[str, bytes] = {}
    parts, at, last = [], 0, b""
    while data[at : at + 4] == b"PK\x03\x04" and len(data) >= at + LOCAL.size:
        size, length = LOCAL.unpack_from(data, at)[8:10]
        start = at + LOCAL.size + length
        name, contents = data[at + LOCAL.size : start], data[start : start + size]
        crc = zlib.crc32(contents)
        header = LOCAL.pack(0x04034B50, 20, 0x800, 0, 0, 33, crc, size, size, length, 0) + name
        require(len(contents) == size and data[at:start] == header, f"{name!r} is damaged, or not plainly stored")
        require(re.fullmatch(rb"[\w-][\w.-]*(/[\w-][\w.-]*)*", name) and last < name, f"{name!r}: a name out of place")
        parts.append(CENTRAL.pack(0x02014B50, 788, 20, 0x800, 0, 0, 33, crc, size, size, length, 0, 0, 0, 0,
                                  0o100644 << 16, at) + name)  # fmt: skip
        files[name.decode()], last, at = contents, name, start + size
    directory = b"".join(parts)
    require(len(files) < 65535, "it holds too many files")
    end = END.pack(0x06054B50, 0, 0, len(files), len(files), len(directory), at, 0)
    require(files and data[at:] == directory + end, "its directory does not agree with its files")
    return files


# --- the federation's directory (TUF 1.0) ------------------------------------------------------------------------


def check_signed(told: dict[str, Any], keys: dict[str, Any], role: dict[str, Any]) -> dict[str, Any]:
    """The signed part, if as many of the role's keys as its threshold asks have signed it."""
    message, signers = canonical(told["signed"]), set()
    for one in told["signatures"][:MAX_LINES]:
        name = one["keyid"]
        if name in role["keyids"] and name in keys and name not in signers:
            raw = bytes.fromhex(keys[name]["keyval"]["public"])
            holds = sha256(raw).hex() == name and is_signed_once(raw, bytes.fromhex(one["sig"]), message)
            signers.update([name] if holds else [])
    require(len(signers) >= max(1, role["threshold"]), "not signed")
    return dict(told["signed"])


def read_roots(files: dict[str, bytes]) -> tuple[dict[str, Any], list[str]]:
    """The newest root, to which each older one led by its own threshold; the fingerprints of all."""
    numbers = sorted(number(name[9:-10]) for name in files if re.fullmatch(r"metadata/[0-9]+\.root\.json", name))
    found = [files[f"metadata/{one}.root.json"] for one in numbers]
    require(found, "it holds no root")
    root: dict[str, Any] = {}
    for data in found[-MAX_LINES:]:
        told = unjson(data)
        for by in (root or told["signed"], told["signed"]):
            check_signed(told, by["keys"], by["roles"]["root"])
        require(not root or told["signed"]["version"] == root["version"] + 1, "a root is missing")
        root = told["signed"]
    return root, [sha256(data).hex() for data in found[-MAX_LINES:]]


def read_role(files: dict[str, bytes], name: str, root: dict[str, Any]) -> dict[str, Any]:
    """A role to which the root delegates."""
    return check_signed(unjson(files[f"metadata/{name}.json"]), root["keys"], root["roles"][name])


def read_delegated(files: dict[str, bytes], role: dict[str, Any], targets: dict[str, Any]) -> tuple[str, bytes]:
    """Path and bytes of the one file that a member's role, or that of the revocations, signs."""
    name = role["name"]
    told = check_signed(unjson(files[f"metadata/{name}.json"]), targets["delegations"]["keys"], role)
    path = "revocations.json" if name == "revocations" else f"members/{name}.json"
    require(list(told["targets"]) == [path], "a member signs more than its own entry")
    data = files["targets/" + path]
    require(sha256(data).hex() == told["targets"][path]["hashes"]["sha256"], f"{path} was changed")
    return path, data


# --- keys, notes, checkpoints, policies (C2SP) -------------------------------------------------------------------


class Key(NamedTuple):
    """A public key under the name by which it signs: kind 1 signs notes, kind 4 cosigns checkpoints."""

    name: str
    kind: int
    raw: bytes
    text: str

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.raw)[:4]


def epoch_of(origin: str, node: str) -> int:
    """Which epoch of that node's log is called `origin`, from 1; 0 for any other name."""
    first = f"comity.invalid/{node}/log"
    later = re.fullmatch(re.escape(first) + "/epoch-([2-9]|[1-9][0-9]{1,5})", origin, re.ASCII)
    return int(later[1]) if later else int(origin == first)


def read_key(text: str) -> Key:
    """``name+hash+base64(kind, key)``."""
    name, _, rest = text.partition("+")
    told, _, coded = rest.partition("+")
    raw = unbase64(coded)
    require(name and raw, f"{text[:80]!r} is no key")
    key = Key(name, raw[0], raw[1:], text)
    require(key.id.hex() == told, f"the key of {name} does not fit its own name")
    return key


def renamed(key: Key, origin: str) -> Key:
    """The same key under the name of another epoch of its log; itself where that is another log's."""
    node = key.name.split("/")[1] if key.name.count("/") > 1 else ""
    if not epoch_of(key.name, node) or not epoch_of(origin, node):
        return key
    other = key._replace(name=origin)
    return other._replace(text=f"{origin}+{other.id.hex()}+{base64.b64encode(bytes([key.kind]) + key.raw).decode()}")


class Note(NamedTuple):
    """A checkpoint with its signatures, none of them judged yet."""

    text: str
    lines: list[tuple[str, bytes]]
    origin: str
    size: int
    root: bytes


def read_note(data: bytes) -> Note:
    require(len(data) <= MAX_NOTE and not re.search(rb"[\x00-\x09\x0b-\x1f]", data), "it is too long, or no plain text")
    text, gap, block = data.decode().rpartition("\n\n")
    lines = block.split("\n")
    require(gap and not lines.pop() and len(lines) <= MAX_LINES, "it is no signed note")
    signatures = []
    for line in lines:
        match = re.fullmatch(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})", line)
        require(match, "a signature line is malformed")
        signatures.append((match[1], unbase64(match[2])) if match else ("", b""))
    head = text.split("\n")
    require(len(head) >= 3 and all(head), "it is no checkpoint")
    root = unbase64(head[2])
    require(len(root) == 32, "its root is not 32 bytes long")
    return Note(text + "\n", signatures, head[0], number(head[1]), root)


def signed_at(note: Note, key: Key) -> int | None:
    """The time (POSIX seconds) of `key`'s cosignature, 0 for a plain one, None without any; a bad one is Wrong."""
    for name, blob in note.lines:
        if (name, blob[:4]) == (key.name, key.id):
            stamp = int.from_bytes(blob[4:12], "big") if key.kind == 4 else 0
            prefix, signature = (f"cosignature/v1\ntime {stamp}\n", blob[12:]) if key.kind == 4 else ("", blob[4:])
            holds = key.kind in (1, 4) and is_signed(key.raw, signature, (prefix + note.text).encode())
            require(holds, f"the signature of {name} does not hold")
            return stamp
    return None


class Policy(NamedTuple):
    """Which logs and witnesses count, and how many of them: `groups` maps a name to (how many, of which names)."""

    logs: list[Key]
    witnesses: dict[str, Key]
    groups: dict[str, tuple[int, list[str]]]
    quorum: str

    def reached(self, signers: set[str], name: str | None = None) -> bool:
        name = self.quorum if name is None else name
        if name in self.groups:
            most, members = self.groups[name]
            return sum(self.reached(signers, one) for one in members) >= most
        return name == "none" or name in signers


def read_policy(data: bytes) -> Policy:
    """C2SP tlog-policy: log, witness, group and quorum lines; a name is defined before it is used, and used once."""
    policy, quorums = Policy([], {}, {}, "none"), []
    used: set[str] = set()
    for line in data.decode().split("\n"):
        kind, *words = re.split("[ \t]+", line.strip(" \t"))
        if not kind or kind.startswith("#"):
            continue
        known = policy.witnesses.keys() | policy.groups.keys()
        if kind == "log" and 1 <= len(words) <= 2:
            policy.logs.append(read_key(words[0]))
        elif kind == "witness" and 2 <= len(words) <= 3 and words[0] not in known | {"none"}:
            policy.witnesses[words[0]] = read_key(words[1])
        elif kind == "group" and len(words) >= 3 and words[0] not in known | {"none"}:
            name, count, *members = words
            most = {"any": 1, "all": len(members)}.get(count) or number(count)
            require(1 <= most <= len(members) == len(set(members)), f"the group {name} asks for too much or nothing")
            require(set(members) <= known - used, f"the group {name} has members unknown or taken")
            used.update(members)
            policy.groups[name] = (most, members)
        elif kind == "quorum" and len(words) == 1 and words[0] in known | {"none"}:
            quorums.append(words[0])
        else:
            raise Wrong(f"the line {line[:80]!r} is none of a policy")
    raws = [key.raw for key in policy.witnesses.values()]
    require(len(quorums) == 1 and len(set(raws)) == len(raws), "a policy has one quorum, and a key for each witness")
    return policy._replace(quorum=quorums[0])


# --- time stamps (RFC 3161) --------------------------------------------------------------------------------------

DIGESTS = {"608648016503040201": "sha256", "608648016503040202": "sha384", "608648016503040203": "sha512"}


def der(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The values in DER `data`: (tag, contents)."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            require(1 <= count <= 4, "the DER is malformed")
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
        require(at + length <= len(data), "the DER is cut off")
        yield tag, data[at : at + length]
        at += length


def stamped(response: bytes, data: bytes) -> str:
    """The time that a TimeStampResp tells, if it is about `data`; its authority's signature is not judged."""
    status, token = [contents for _, contents in der(next(der(response))[1])][:2]
    signed = list(der(next(der(list(der(token))[1][1]))[1]))  # ContentInfo, [0], SignedData
    content = next(der(list(der(signed[2][1]))[1][1]))[1]  # encapContentInfo, [0], OCTET STRING
    info = list(der(next(der(content))[1]))  # TSTInfo: version, policy, messageImprint, serial, genTime
    algorithm, imprint = [contents for _, contents in der(info[2][1])]
    digest = DIGESTS.get(next(der(algorithm))[1].hex(), "")
    when = next(contents.decode("ascii") for tag, contents in info if tag == 0x18)
    granted = next(der(status))[1] in (b"\x00", b"\x01")
    require(granted and digest, "it was not granted, or its digest is not of the SHA-2 family")
    require(hashlib.new(digest, data).digest() == imprint, "it is about something else")
    return when


# --- the examination ---------------------------------------------------------------------------------------------


class Pins(NamedTuple):
    """What the expert trusts from elsewhere."""

    keys: list[Key]
    policy: Policy | None
    root: str | None


class Examination:
    """One export under examination: what was read so far, and what came out."""

    def __init__(self, pins: Pins) -> None:
        self.pins = pins
        self.proven: list[str] = []
        self.claimed: list[str] = []
        self.unjudged: list[str] = []
        self.false: list[str] = []
        self.files: dict[str, bytes] = {}
        self.listed: list[tuple[Key, str]] = []
        self.found: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
        self.erased: list[tuple[int, str, Any]] = []
        self.witnesses: list[tuple[int, set[str]]] = []
        self.keys: dict[str, tuple[Key, int]] = {}  # of each epoch, by its origin: the key, and where it ended
        self.earlier_heads: set[tuple[str, int]] = set()

    def attempt(self, where: str, call: Callable[..., Any], *given: Any) -> bool:
        """Whether `call` went through; what it refuses is false, and so is what it cannot read."""
        try:
            call(*given)
        except Wrong as error:
            self.false.append(f"{where}: {error}")
        except MALFORMED:
            self.false.append(f"{where}: it is malformed")
        else:
            return True
        return False

    def examine(self, data: bytes) -> int:
        """All steps; the exit code."""
        if self.attempt("archive", lambda: self.files.update(read_archive(data))) and self.attempt(
            "export.json", self.contents
        ):
            for name in self.within("directories"):
                self.attempt(name, self.directory, name)
            if self.attempt("checkpoint", self.checkpoint):
                for step in (self.entries, self.epochs, self.act, self.heads):
                    self.attempt(step.__name__, step)
                for name in self.within("partners"):
                    self.attempt(name, self.partner, name)
        return 1 if self.false else 2 if self.unjudged else 0

    def take(self, name: str) -> bytes:
        require(name in self.files, f"{name} is missing")
        return self.files[name]

    def within(self, folder: str) -> list[str]:
        return [name for name in self.files if name.startswith(folder + "/")]

    def folders(self, folder: str) -> list[str]:
        """``folder/N`` for each N, in the order of the numbers."""
        numbers = {number(name.split("/")[1]) for name in self.within(folder)}
        return [f"{folder}/{size}" for size in sorted(numbers)]

    def contents(self) -> None:
        """Step 2."""
        told = unjson(self.take("export.json"))
        fits = canonical(told) == self.files["export.json"] and set(told) == {"v", "format", "origin", "files"}
        require(fits and (told["v"], told["format"]) == (1, "comity-log-export"), "no list of files of version 1")
        self.origin, listed = str(told["origin"]), dict(told["files"])
        proofs = {name.rpartition("/")[0] + "/proof" for name in listed if name.startswith(("entries/", "heads/"))}
        expected = {*listed, *proofs, "export.json", "checkpoint", "act/entry", "act/opening.json", "act/proof"}
        self.false += [f"{name}: it is missing" for name in sorted(expected - set(self.files))]
        self.false += [f"{name}: it was added" for name in sorted(set(self.files) - expected - {"timestamp.tsr"})]
        many = [name for name in ("heads", "directories", "partners") if len(self.within(name)) > MAX_OTHERS]
        require(not many, f"too many files in {', '.join(many)}")
        changed = [name for name in listed if name in self.files and sha256(self.files[name]).hex() != listed[name]]
        self.false += [f"{name}: it was changed" for name in changed]

    def directory(self, name: str) -> None:
        """Step 3: a repository by The Update Framework (TUF 1.0). Expiry is not asked: it was relied on when fresh."""
        files = read_archive(self.files[name])
        root, prints = read_roots(files)
        require(self.pins.root in (None, *prints), f"signed by another root, {prints[-1]}")
        issued, snapshot, targets = (read_role(files, kind, root) for kind in ("timestamp", "snapshot", "targets"))
        require(issued["meta"]["snapshot.json"]["version"] == snapshot["version"], "its snapshot is of another edition")
        listed = {}
        for one in targets["delegations"]["roles"]:
            path, data = read_delegated(files, one, targets)
            kept = snapshot["meta"][one["name"] + ".json"]["hashes"]["sha256"]
            require(sha256(files[f"metadata/{one['name']}.json"]).hex() == kept, "its snapshot names other parts")
            listed[path] = unjson(data)
        gone = listed.pop("revocations.json")["revoked"]
        when = f"directory {snapshot['version']} of {targets['comity']['federation']}, {issued['issued']}"
        for entry in listed.values():
            self.listed.append((read_key(entry["log"]), when + ", which REVOKES it" * (entry["code"] in gone)))

    def checkpoint(self) -> None:
        """Step 4, and whether the key is one that the expert trusts."""
        self.head = read_note(self.take("checkpoint"))
        require(self.head.origin == self.origin, f"it is of {self.head.origin}, not of {self.origin}")
        own = read_policy(self.take("policy"))
        self.policy = self.pins.policy or own
        history = [(key, when) for key, when in dict.fromkeys(self.listed) if key.name == self.origin]
        trusted = [*self.pins.keys, *(self.pins.policy.logs if self.pins.policy else [])]
        trusted += [key for key, _ in self.listed] if self.pins.root else []
        given = trusted or self.pins.root
        trusted = [renamed(key, self.origin) for key in trusted]
        keys = [key for key in (trusted if given else own.logs) if key.name == self.origin and key.kind == 1]
        signers = [key for key in keys if signed_at(self.head, key) is not None]
        require(signers, f"no key {'that you gave' if given else 'in its own policy'} signed it for {self.origin}")
        self.key = signers[0]
        self.keys[self.origin] = (self.key, self.head.size)
        self.proven.append(f"A checkpoint over {self.head.size} entries is signed by the key {self.key.text}.")
        if not given:
            self.unjudged.append(f"Whose key that is: give --key or --root, asked for from {self.origin} elsewhere.")
        which = [when for key, when in history if key.raw == self.key.raw]
        require(which or not history, "the directories list other keys for this log")
        (self.proven if self.pins.root else self.claimed).extend(f"It is the key of this log by {w}." for w in which)
        self.claimed.append("No later directory takes that key back.")

    def entries(self) -> None:
        """Steps 5 to 7."""
        for folder in ["act", *self.folders("entries")]:
            self.attempt(folder, self.entry, folder)
        for index, field, by in self.erased:
            self.attempt(f"entries/{index}", self.erasure, index, field, by)

    def entry(self, folder: str) -> None:
        """Steps 5 and 6 for one of them."""
        data = self.take(f"{folder}/entry")
        head, _, note = self.take(f"{folder}/proof").decode().partition("\n\n")
        kind, place, *hashes = head.split("\n")
        require(kind == "c2sp.org/tlog-proof@v1" and place[:6] == "index ", "its proof is no tlog-proof")
        index = number(place[6:])
        require(folder in ("act", f"entries/{index}"), "its proof is about another entry")
        require(note.encode() == self.files["checkpoint"], "its proof is about another checkpoint")
        path = [unbase64(text) for text in hashes[: MAX_PROOF + 1]]
        root = root_by(path, sha256(b"\x00" + data), index, self.head.size)
        require(root == self.head.root, "its bytes and proof lead to another root: changed, or never there")
        told = unjson(data)
        require(canonical(told) == data and told["v"] == 1, "it is no entry of version 1")
        require(epoch_of(self.origin, told["node"]), "another node wrote it")
        partner = f", partner {told['peer']}" if told["peer"] else ""
        about = f"Entry {index} ({told['type']}{partner}, dated {told['at']} by the node's own clock)"
        self.proven.append(f"{about} is in that log, byte for byte as exported.")
        self.found[-1 if folder == "act" else index] = (told, self.opened(index, told, folder))

    def opened(self, index: int, told: dict[str, Any], folder: str) -> dict[str, Any]:
        values = {}
        for field, shown in unjson(self.take(f"{folder}/opening.json")).items():
            require(field in FIELDS, f"an entry has no field {field!r}")
            if shown == {"sealed": True}:
                self.claimed.append(f"Entry {index}: its {field} is sealed under a key that the exporter did not have.")
            elif set(shown) == {"erased"}:
                self.erased.append((index, field, shown["erased"]))
            else:
                require(set(shown) == {"r", "value"} and re.fullmatch("[0-9a-f]{64}", shown["r"]), "malformed value")
                message = f"comity-log-v1|{field}|".encode() + canonical(shown["value"])
                made = hmac.new(bytes.fromhex(shown["r"]), message, "sha256").hexdigest()
                require(made == told["commits"][field], f"its {field} is not the value committed to")
                values[field] = shown["value"]
                text = canonical(shown["value"]).decode()
                self.proven.append(f"Entry {index} committed, when it was written, to the {field} {text}")
        return values

    def erasure(self, index: int, field: str, by: Any) -> None:
        """Step 7 for one value."""
        if by is None:
            self.claimed.append(f"Entry {index}: its {field} is gone, and nothing in this export records an erasure.")
            return
        told, values = self.found.get(by, ({}, {}))
        subject = values.get("subject", {})
        entries = subject.get("entries", [subject.get("entry")])
        covered = told.get("type") == "erasure.done" and index in entries and field in subject["fields"]
        require(covered, f"no entry records that its {field} was erased")
        self.proven.append(f"Entry {index}: its {field} was erased, as entry {by} records.")

    def epochs(self) -> None:
        """Step 13, the newest first: each names the key of the one before."""
        begun = [index for index, (told, _) in self.found.items() if index >= 0 and told["type"] == "epoch.begun"]
        named = {str(self.found[index][1].get("payload", {}).get("origin")) for index in begun}
        require(self.origin in named or not self.origin.count("/epoch-"), "the entry that began the epoch is missing")
        for index in sorted(begun, reverse=True):
            self.attempt(f"entries/{index}", self.epoch, index)

    def epoch(self, index: int) -> None:
        """Step 13 for one of them."""
        (told, values), said = self.found[index], self.found[index][1]["payload"]
        before, origin = said["before"], said["origin"]
        require(origin in self.keys and said["key"] == self.keys[origin][0].text, "it names another key for its epoch")
        key = read_key(before["key"])
        require(key.name == before["origin"] and before["size"] == index, "it does not follow the epoch before")
        numbers = [epoch_of(name, told["node"]) for name in (key.name, origin)]
        require(0 < numbers[0] < numbers[1] == said["number"], "it is no later epoch of the same log")
        self.keys[key.name] = (key, index)
        self.proven.append(
            f"With entry {index} the log went on as its epoch {numbers[1]}, {origin}: since then it is signed under "
            f"that name, the {index} entries before it too, which it had signed as {key.name}."
        )
        reason = canonical(said["reason"]).decode()
        self.claimed.append(f"Why epoch {numbers[1]} began, in the agency's words: {reason}")
        self.incident(said, values["subject"]["signed"], told)
        for one in said["witnessed"]:
            self.witnessed(one, said["number"], key, index)
        self.unseen(said, key, index)

    def incident(self, said: dict[str, Any], signed: list[dict[str, Any]], told: dict[str, Any]) -> None:
        """Two people's keys signed exactly what the entry says."""
        for one in signed:
            raw, given = unbase64(one["public_key"]), one["assertion"]
            done = {"v": 1, "verb": "log.epoch", "node": told["node"], "person": one["person"], "at": given["at"],
                    "subject": said}  # fmt: skip
            require(given["act_hash"] == sha256(canonical(done)).hex(), f"{one['person']} signed something else")
            bare = {"v": 1, **{name: given[name] for name in ("kind", "person", "key_id", "act_hash", "at")}}
            message = b"comity-assertion-v1\n" + canonical(bare)
            whole = given["person"] == one["person"] and given["key_id"] == sha256(raw).hex()
            require(whole and is_signed(raw, unbase64(given["signature"]), message), f"{one['person']} did not sign it")
        for name in ("person", "unit", "public_key"):
            require(len({one[name] for one in signed}) == len(signed) == 2, "it takes two people of two units")
        who = " and ".join(f"{one['person']} ({one['unit']})" for one in signed)
        self.proven.append(f"Two different keys signed exactly what the entry about epoch {said['number']} says.")
        self.claimed.append(f"Those keys are of {who}.")

    def witnessed(self, one: dict[str, Any], number: int, key: Key, index: int) -> None:
        """What somebody had seen, by the log's own signature, before that epoch began with entry `index`."""
        note, who = read_note(one["note"].encode()), one["witness"]
        seen, ended = (epoch_of(name, key.name.split("/")[1]) for name in (note.origin, key.name))
        require(0 < seen < number, "a note is not of an epoch before")
        signer = self.keys[note.origin][0] if note.origin in self.keys else key._replace(name=note.origin)
        if seen < ended and note.origin not in self.keys:
            return  # of an epoch under a key of which this export says nothing
        require(signed_at(note, signer) is not None, f"the log did not sign what {who} showed")
        about = (
            f"Before epoch {number}, the log had signed {note.size} entries in its epoch {seen}, which {who} had seen"
        )
        if seen == ended and note.size > index:
            self.proven.append(
                f"{about}: the last {note.size - index} of them are LOST, they are not in the log any more."
            )
        elif seen > ended:
            self.proven.append(f"{about}: that whole epoch is LOST, what it added is not in the log any more.")
        else:
            self.claimed.append(f"{about}; none of them is lost.")

    def unseen(self, said: dict[str, Any], key: Key, index: int) -> None:
        """What nobody can prove about a loss."""
        number, notes = said["number"], [read_note(one["note"].encode()) for one in said["witnessed"]]
        most = max([note.size for note in notes if note.origin == key.name], default=0)
        self.claimed.append(f"Before epoch {number} no more than {max(0, most - index)} signed entries were lost.")
        for one in said["told"]:
            self.claimed.append(f"The witness {one['witness']} said that it had cosigned {one['size']} entries.")
        for one in said["silent"]:
            self.claimed.append(f"{one} was not heard before epoch {number}: it may have seen more.")

    def act(self) -> None:
        """Step 8."""
        told, values = self.found[-1]
        digest = sha256(self.files["export.json"]).hex()
        require(told["type"] == "log.exported" and values["payload"] == {"manifest": digest}, "not about this export")
        self.proven.append("The log records this very export: who chose what, and why, is in the entry named `act`.")

    def heads(self) -> None:
        """Steps 9, 10 and 12."""
        for folder in [*self.folders("heads"), ""]:
            self.attempt(folder or "checkpoint", self.earlier, folder)
        for origin, (_, end) in self.keys.items():
            if origin != self.origin and end and (origin, end) not in self.earlier_heads:
                self.claimed.append(f"The {end} entries signed as {origin} are those that are in the log now.")
        self.quorum(max((size for size, signers in self.witnesses if self.policy.reached(signers)), default=0))

    def earlier(self, folder: str) -> None:
        """One checkpoint: that this log extends it, who cosigned it, and when it was stamped."""
        name = f"{folder}/checkpoint".lstrip("/")
        note = read_note(self.take(name))
        if folder:
            require(note.origin in self.keys, f"it is of {note.origin}")
            key, end = self.keys[note.origin]
            require(signed_at(note, key) is not None, "the log's key did not sign it")
            require(note.size <= end, "it is beyond the end of its epoch")
            path = [unbase64(text) for text in self.take(f"{folder}/proof").decode().split("\n")[:-1][: MAX_PROOF + 1]]
            roots = roots_by(path, note.size, self.head.size, note.root)
            require(roots == (note.root, self.head.root), "the proof leads to other roots")
            named = "" if note.origin == self.origin else f", signed as {note.origin}"
            self.proven.append(
                f"The log extends its checkpoint over {note.size} entries{named}: none of those was changed."
            )
            self.earlier_heads.add((note.origin, note.size))
        times = {who: signed_at(note, key) for who, key in self.policy.witnesses.items() if key.kind == 4}
        signers = [who for who, at in times.items() if at is not None]
        self.witnesses.append((note.size, set(signers)))
        size = f"the checkpoint over {note.size} entries"
        place = self.proven if self.pins.policy else self.claimed
        place += [f"{who} cosigned {size} at POSIX time {times[who]}." for who in signers]
        stamp = f"{folder}/timestamp.tsr".lstrip("/")
        if stamp in self.files:
            when = stamped(self.files[stamp], self.files[name])
            command = f"openssl ts -verify -in {stamp} -data {name} -CAfile AUTHORITY.pem"
            self.claimed.append(f"An authority stamped exactly {size} at {when}; check its signature by: {command}")

    def quorum(self, covered: int) -> None:
        late = [str(index) for index in self.found if index >= covered and index >= 0]
        if self.policy.quorum == "none":
            self.claimed.append("Everybody was shown this same log: no witness was asked to vouch for it.")
        elif not self.pins.policy:
            self.claimed.append(f"By the export's own policy, witnesses vouch for the first {covered} entries.")
        elif late:
            self.unjudged.append(f"The quorum of your policy does not vouch for the entries {', '.join(late)} yet.")
        else:
            self.proven.append(f"The quorum of your policy vouches for the first {covered} entries.")

    def partner(self, name: str) -> None:
        """Step 11."""
        note = read_note(self.files[name])
        keys = {key for key, _ in self.listed if key.name == note.origin}
        require(any(signed_at(note, key) is not None for key in keys), "no key in the directories signed it")
        for index, (told, _) in sorted(self.found.items()):
            relied = told["peer_head"] or {}
            if (relied.get("origin"), relied.get("size")) == (note.origin, note.size):
                require(relied["root"] == note.root.hex(), f"entry {index} relies on another state of {note.origin}")
                where = self.proven if self.pins.root else self.claimed
                where.append(f"Entry {index} was written after {note.origin} had signed {note.size} entries.")


# --- the command -------------------------------------------------------------------------------------------------

ALWAYS_CLAIMED = [
    "The clocks of nodes were right, and what an entry says happened did happen: a log shows only what was written.",
    "Nothing was done outside the software, which the log could not see.",
]
VERDICTS = {0: "All of it holds, under what you gave.", 1: "Something is FALSE.", 2: "Nothing is false, but see below."}


def report(examination: Examination, code: int, as_json: bool) -> str:
    found = {
        "FALSE": examination.false, "CANNOT BE JUDGED": examination.unjudged, "PROVEN": examination.proven,
        "ONLY CLAIMED": examination.claimed + ALWAYS_CLAIMED,
    }  # fmt: skip
    if as_json:
        return json.dumps({"exit": code, **{name.lower().replace(" ", "_"): lines for name, lines in found.items()}})
    shown = [VERDICTS[code]]
    for name, lines in found.items():
        shown += ["", name, *(f"  - {line}" for line in lines)] if lines else []
    return "\n".join("".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line) for line in shown)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path, help="the ZIP file")
    parser.add_argument("--key", action="append", default=[], metavar="KEY", help="a log's key that you trust")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="a C2SP tlog-policy that you trust")
    parser.add_argument("--root", metavar="FINGERPRINT", help="the federation's root key: hex SHA-256")
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal of any encoding
    try:
        policy = read_policy(options.policy.read_bytes()) if options.policy else None
        pins = Pins([read_key(text) for text in options.key], policy, options.root and options.root.lower())
        with options.export.open("rb") as file:
            data = file.read(MAX_ARCHIVE + 1)
    except (OSError, Wrong, *MALFORMED) as error:
        parser.error(f"{error}" or "malformed")
    examination = Examination(pins)
    code = examination.examine(data)
    sys.stdout.write(report(examination, code, options.json) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
