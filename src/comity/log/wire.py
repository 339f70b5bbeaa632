"""Bytes of the log: entries in canonical JSON (RFC 8785), the proof bundle beside a message, the files of an export.

An entry is an object with exactly the members of `encode`, at most 65,535 bytes, hashed as stored and never re-encoded.
Hashes are lower-case hex. A commitment is HMAC-SHA256(r, message), with the message of `committed`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from comity.base.clock import parse_rfc3339, rfc3339
from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.kit.codec import b64, jcs
from comity.kit.crypto.symmetric import sha256
from comity.log.model import FIELDS, MAX_ENTRY, Entry, Gone, Head, Inclusion, Opening, Record

DOMAIN: Final = b"comity-log-v1"
VERSION: Final = 1
EXPORT: Final = "comity-log-export"
_MEMBERS: Final = frozenset({
    "v", "id", "type", "at", "node", "peer", "legal_basis_code", "policy_hash", "retention", "commits", "auth_hash",
    "peer_head",
})  # fmt: skip
_TEXTS: Final = ("id", "type", "at", "node", "retention")
_MAYBE_TEXTS: Final = ("peer", "legal_basis_code", "policy_hash", "auth_hash")
_PREFIX: Final = {name: DOMAIN + b"|" + name.encode() + b"|" for name in FIELDS}


def committed(field: str, value: bytes) -> bytes:
    """The message that commits `field` to `value` (canonical JSON): ``comity-log-v1|field|value``."""
    return _PREFIX[field] + value


def encode(record: Record, *, id: str, at: str, node: str, commits: Mapping[str, str]) -> bytes:
    """The entry's bytes. BadInput when they exceed 65,535."""
    data = jcs.canonical({
        "v": VERSION, "id": id, "type": record.type, "at": at, "node": node, "peer": record.peer,
        "legal_basis_code": record.legal_basis, "policy_hash": record.policy_hash, "retention": record.retention,
        "commits": dict(commits), "auth_hash": record.auth_hash, "peer_head": _head_object(record.peer_head),
    })  # fmt: skip
    if len(data) > MAX_ENTRY:
        raise BadInput("log.entry-too-large", f"A log entry of {len(data)} bytes; {MAX_ENTRY} is the most",
                       todo="Put the data into the payload, which is only committed to.")  # fmt: skip
    return data


def decode(index: int, data: bytes, leaf_hash: bytes) -> Entry:
    """The entry that `data` is; BadInput unless it is exactly what `encode` writes."""
    where = f"log entry {index}"
    clear = jcs.parse_object(data, limit=MAX_ENTRY, where=where)
    if not _is_entry(clear) or jcs.canonical(clear) != data:
        raise _not_ours(where)
    try:
        at = parse_rfc3339(str(clear["at"]))
    except ValueError as error:
        raise _not_ours(where) from error
    if rfc3339(at) != clear["at"]:
        raise _not_ours(where)
    peer = clear["peer"]
    return Entry(
        index=index, id=str(clear["id"]), type=str(clear["type"]), at=at, node=str(clear["node"]),
        peer=peer if isinstance(peer, str) else None, data=data, leaf_hash=leaf_hash, clear=clear,
    )  # fmt: skip


def inclusion(bundle: Mapping[str, Json], index: int) -> Inclusion:
    """The proof in a partner's ``{entry, opening, tlog_proof}``, whose tlog-proof speaks of `index`."""
    entry, proof, opening = bundle.get("entry"), bundle.get("tlog_proof"), bundle.get("opening")
    if not isinstance(entry, str) or not isinstance(proof, str) or not isinstance(opening, dict) or len(bundle) != 3:
        raise _bad_bundle()
    return Inclusion(index, entry.encode(), proof, {name: _opening(name, value) for name, value in opening.items()})


def peer_head(entry: Entry) -> Head | None:
    """The partner's head on which the act in `entry` relied, if it names one."""
    stated = entry.clear["peer_head"]
    if not isinstance(stated, dict):
        return None
    origin, size, root = str(stated["origin"]), stated["size"], str(stated["root"])
    assert isinstance(size, int)
    return Head(origin, size, bytes.fromhex(root))


# --- the export for a court: data/verify.py reads what these write --------------------------------------------------


def export_list(origin: str, files: Mapping[str, bytes]) -> bytes:
    """``export.json``: every file of an export that is fixed before its own entry is written, with its SHA-256."""
    digests: JsonObject = {name: sha256(data).hex() for name, data in files.items()}
    return jcs.canonical({"v": VERSION, "format": EXPORT, "origin": origin, "files": digests})


def opening_file(shown: Mapping[str, Opening | Gone]) -> bytes:
    """``opening.json``: for each chosen field ``{r, value}``, ``{erased: entry or null}`` or ``{sealed: true}``."""
    return jcs.canonical({name: _shown(one) for name, one in shown.items()})


def consistency_file(hashes: Sequence[bytes]) -> bytes:
    """``heads/N/proof``: the hashes of a consistency proof in base64, a line each."""
    return "".join(f"{b64.encode(one)}\n" for one in hashes).encode()


def _shown(one: Opening | Gone) -> Json:
    if isinstance(one, Opening):
        return {"r": one.r.hex(), "value": one.value}
    return {"sealed": True} if one.sealed else {"erased": one.erasure}


def _opening(field: str, value: Json) -> Opening:
    if field not in FIELDS or not isinstance(value, dict) or set(value) != {"r", "value"}:
        raise _bad_bundle()
    r = value["r"]
    if not isinstance(r, str) or not _is_hash(r):
        raise _bad_bundle()
    return Opening(bytes.fromhex(r), value["value"])


def _head_object(head: Head | None) -> Json:
    return None if head is None else {"origin": head.origin, "size": head.size, "root": head.root.hex()}


def _is_entry(clear: JsonObject) -> bool:
    """Whether members and their types are those of `encode`."""
    if set(clear) != _MEMBERS or clear["v"] != VERSION or clear["v"] is True:
        return False
    commits, head = clear["commits"], clear["peer_head"]
    return (
        all(isinstance(clear[name], str) for name in _TEXTS)
        and all(clear[name] is None or isinstance(clear[name], str) for name in _MAYBE_TEXTS)
        and isinstance(commits, dict) and set(commits) == set(FIELDS) and all(map(_is_hash, commits.values()))
        and (head is None or _is_head(head))
    )  # fmt: skip


def _is_head(head: Json) -> bool:
    if not isinstance(head, dict) or set(head) != {"origin", "size", "root"}:
        return False
    size = head["size"]
    return isinstance(head["origin"], str) and type(size) is int and size >= 0 and _is_hash(head["root"])


def _is_hash(value: Json) -> bool:
    return isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef")


def _not_ours(where: str) -> BadInput:
    return BadInput("log.entry", "Not a log entry of version 1 in its canonical form", where=where,
                    todo="Ask the log's keeper for the entry's exact bytes.")  # fmt: skip


def _bad_bundle() -> BadInput:
    return BadInput("log.bundle", "Not a proof bundle: entry, opening and tlog_proof expected",
                    todo="Ask the partner to send the message again.")  # fmt: skip
