"""Entry bytes are final: what a fixed record encodes to is written down here, and nothing else decodes."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.base.ids import is_uuid
from comity.base.model import Actor, DataKey, Json
from comity.kit.codec import jcs
from comity.kit.crypto.symmetric import decrypt
from comity.kit.database.unit import Database
from comity.log import rules, service, store, wire
from comity.log.model import FIELDS, Head, Record
from comity.log.service import openings

ACTOR = Actor("XA", "officer-1", "unit-a", frozenset({"officer", "approver"}))
RECORD = Record(
    "message.sent", ACTOR, None, None, peer="XB", legal_basis="TC-2024:art-5", policy_hash="ab" * 32,
    auth_hash="cd" * 32, peer_head=Head("comity.invalid/XB/log", 7, bytes(32)),
)  # fmt: skip
COMMITS: dict[str, str] = {name: hashlib.sha256(name.encode()).hexdigest() for name in FIELDS}
ID = "019cadf4-1b40-7000-8000-000000000000"
BYTES = (
    b'{"at":"2026-03-02T09:30:00.000Z","auth_hash":"' + b"cd" * 32 + b'","commits":{'
    b'"actor":"ACTOR","case":"CASE","payload":"PAYLOAD","subject":"SUBJECT"},'
    b'"id":"019cadf4-1b40-7000-8000-000000000000","legal_basis_code":"TC-2024:art-5","node":"XA","peer":"XB",'
    b'"peer_head":{"origin":"comity.invalid/XB/log","root":"' + b"00" * 32 + b'","size":7},'
    b'"policy_hash":"' + b"ab" * 32 + b'","retention":"P10Y","type":"message.sent","v":1}'
)
"""The commitments' places are filled in by `expected`."""


def expected() -> bytes:
    text = BYTES
    for name in FIELDS:
        text = text.replace(name.upper().encode(), COMMITS[name].encode())
    return text


def encoded(record: Record = RECORD) -> bytes:
    return wire.encode(record, id=ID, at="2026-03-02T09:30:00.000Z", node="XA", commits=COMMITS)


def test_the_bytes_of_version_1() -> None:
    assert encoded() == expected()
    entry = wire.decode(3, encoded(), rules.leaf_hash(encoded()))
    assert (entry.index, entry.id, entry.type, entry.node, entry.peer) == (3, ID, "message.sent", "XA", "XB")


def test_the_commitment_of_version_1(database: Database) -> None:
    """HMAC-SHA256(r, "comity-log-v1|field|JCS(value)"), recomputed with the standard library alone."""
    with database.unit("test.commit") as unit:
        service.append(unit, Record("test.act", ACTOR, {"b": 1, "a": "ü"}, ["x"], case="case-1"))
    values = {
        "actor": '{"node":"XA","person":"officer-1","roles":["approver","officer"],"unit":"unit-a"}',
        "subject": '{"a":"ü","b":1}', "case": '"case-1"', "payload": '["x"]',
    }  # fmt: skip
    with database.read("test.commit") as unit:
        proof = service.prove(unit, 0, FIELDS)
    entry = json.loads(proof.entry)
    assert is_uuid(entry["id"])
    for name, text in values.items():
        message = f"comity-log-v1|{name}|{text}".encode()
        assert hmac.new(proof.opening[name].r, message, "sha256").hexdigest() == entry["commits"][name]
    assert len({opening.r for opening in proof.opening.values()}) == 4


def test_sealed_values_carry_the_documented_binding() -> None:
    """The row holds AES-256-GCM(key, r || JCS(value)), bound to comity-log-v1|opening|id|field|key."""
    key = DataKey("key-1", bytes(32))
    sealed = openings.seal(RECORD, key, ID)
    assert set(sealed.commits) == set(sealed.plain) == set(FIELDS)
    assert set(sealed.row) == {"key_id", *store.COLUMNS.values()}
    blob = sealed.row["payload"]
    assert isinstance(blob, bytes)
    plain = decrypt(key.secret, blob, f"comity-log-v1|opening|{ID}|payload|key-1".encode())
    assert plain == sealed.plain["payload"]
    assert plain[32:] == b"null"


def changed(**members: Json) -> bytes:
    return jcs.canonical(json.loads(encoded()) | members)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{}", encoded() + b" ", encoded().replace(b'"v":1', b'"v": 1'), changed(v=2), changed(v=True),
        changed(v="1"), changed(extra=None), changed(at="2026-03-02T09:30:00Z"), changed(at="yesterday"), changed(at=1),
        changed(at="2026-03-02T09:30:00.000"), changed(peer=1), changed(type=None), changed(commits={}),
        changed(commits={**COMMITS, "other": "0" * 64}), changed(commits={**COMMITS, "case": "A" * 64}),
        changed(peer_head={}), changed(peer_head={"origin": "o", "size": -1, "root": "0" * 64}),
        changed(peer_head={"origin": "o", "size": True, "root": "0" * 64}), changed(retention="x" * 65_536),
    ],
)  # fmt: skip
def test_nothing_else_decodes(data: bytes) -> None:
    with pytest.raises(BadInput):
        wire.decode(0, data, bytes(32))


@given(st.binary(max_size=200))
def test_random_bytes_do_not_decode(data: bytes) -> None:
    with pytest.raises(BadInput):
        wire.decode(0, data, bytes(32))


CODES = st.none() | st.text("abcdefABCDEF0123456789-.:", min_size=1, max_size=60)


@given(CODES, CODES, st.none() | st.integers(0, 2**53 - 1))
def test_what_is_encoded_decodes_to_the_same(peer: str | None, basis: str | None, size: int | None) -> None:
    head = None if size is None else Head("comity.invalid/XB/log", size, bytes(range(32)))
    record = Record("a.b", ACTOR, None, None, peer=peer, legal_basis=basis, peer_head=head)
    data = encoded(record)
    clear = wire.decode(0, data, bytes(32)).clear
    assert jcs.canonical(clear) == data
    assert (clear["peer"], clear["legal_basis_code"]) == (peer, basis)
    stated = clear["peer_head"]
    assert stated is None if head is None else stated == {"origin": head.origin, "size": size, "root": head.root.hex()}
