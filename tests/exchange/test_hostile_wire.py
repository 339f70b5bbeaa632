"""Whatever stands where a partner's data should: it is read, or refused with a code; nothing else comes of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, ComityError
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.exchange.model import Cursor, Freshness, ItemStamp, Link, Listed, Listing, Receipt, Submission, Terms
from comity.exchange.service.members import read_entry
from comity.exchange.wire import directory, envelope, files, items, receipts, witness
from comity.kit.codec import notes
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.crypto.keyring import KeyRing
from tests.exchange.federation import entry
from tests.hostile import exchanged, spoilt
from tests.simulator import Partner

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ID, HASH = uuid7(NOW), "ab" * 32
RECEIPT = Receipt("ACCEPTED", ID, HASH, "XB", "XA", NOW, code="", origin="comity.invalid/XB/log", index=7, jws="j")
FRESHNESS = Freshness(*(timedelta(hours=hours) for hours in (24, 168, 1, 24)))
NOTE = notes.Checkpoint("comity.invalid/XA/log", 7, bytes(32)).text() + "\n\u2014 comity.invalid/XA/log AAAAAAAA\n"
SUBMISSION = witness.submission_body(Submission(5, (bytes(32), bytes(range(32))), NOTE))
ERROR = receipts.error_payload(BadInput("exchange.header", "what", todo="todo"), "XB", HASH, NOW)
LISTING = Listing("dna.terms", 1, 0, 2, True, False, 1, HASH, (Listed("XB", 1, 1, False), Listed("XC", 2, 2, True)))
ITEM = canonical({"item": ItemStamp("XB", 2, 7, 1, {"XB": 6}).as_dict()})
BODIES: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "receipt": (lambda data: receipts.parse_receipt(data, "j"), receipts.receipt_payload(RECEIPT)),
    "error": (receipts.parse_error, ERROR),
    "answer": (receipts.parse_answer, receipts.answer_body("a.b.c", b'{"entry":"e"}')),
    "revocations": (directory.parse_revocations, directory.revocations_file(["XB", "XC"])),
    "payload": (envelope.parse_payload, canonical({"v": 1, "body": {"n": 1}, "attachments": {}, "supersedes": None})),
    "submission": (witness.parse_submission, SUBMISSION),
    "size": (witness.parse_size, witness.size_body(7)),
    "item": (lambda data: items.read_stamp(parse_object(data)), ITEM),
    "asked": (
        lambda data: items.read_asked(parse_object(data)),
        canonical(items.asked_body(Cursor("", "dna.terms", asked=3))),
    ),
    "listed": (lambda data: items.read_listed(parse_object(data)), canonical(items.listed_body(LISTING))),
    "wanted": (lambda data: items.read_wanted(parse_object(data)), canonical({"kind": "dna.terms", "ids": ["XB"]})),
    "standing": (lambda data: files.parse_standing(data, 9), files.standing_body("open", bytes(9))),
}
JSON = [name for name, (_, data) in BODIES.items() if data.startswith(b"{")]


def refused_or_read(read: Callable[[Any], object], data: Any) -> None:
    """Either way is right; anything but an error of the tree is not."""
    try:
        read(data)
    except ComityError as error:
        assert error.code.startswith(("exchange.", "codec.", "crypto.")), error


@pytest.mark.parametrize("name", BODIES)
def test_what_is_right_is_read(name: str) -> None:
    read, good = BODIES[name]
    assert read(good) is not None


@pytest.mark.parametrize("name", BODIES)
@given(st.data())
def test_spoilt_bytes(name: str, draw: st.DataObject) -> None:
    read, good = BODIES[name]
    refused_or_read(read, spoilt(draw, good))


@pytest.mark.parametrize("name", JSON)
@given(st.data())
def test_one_place_exchanged(name: str, draw: st.DataObject) -> None:
    read, good = BODIES[name]
    refused_or_read(read, canonical(exchanged(draw, parse_object(good))))


@given(st.data())
def test_headers_with_one_place_exchanged(keys: KeyRing, draw: st.DataObject) -> None:
    good = Partner(keys, lambda: NOW).header("XB", payload_hash=HASH, cek_commit=HASH)
    assert envelope.parse_header(good)
    changed = exchanged(draw, good)
    refused_or_read(envelope.parse_header, changed if isinstance(changed, dict) else {})


@given(st.data())
def test_members_with_one_place_exchanged(keys: KeyRing, draw: st.DataObject) -> None:
    good: JsonObject = entry(keys)
    assert read_entry("XA", canonical(good)).code == "XA"
    refused_or_read(lambda data: read_entry("XA", data), canonical(exchanged(draw, good)))
    refused_or_read(lambda data: read_entry("XA", data), spoilt(draw, canonical(good)))


@given(st.data())
def test_terms_with_one_place_exchanged(draw: st.DataObject) -> None:
    good = directory.terms_dict(Terms("test", FRESHNESS, (Link("other", HASH, 1, ("XC",)),)))
    assert directory.parse_terms(good).federation == "test"
    refused_or_read(directory.parse_terms, exchanged(draw, good))


def test_a_request_that_others_send_a_witness(data: Path) -> None:
    """What a C2SP client sends to add-checkpoint, by a witness's own test; its proof is read as it stands."""
    script = (data / "trust" / "sumdb-checkpoint.txt").read_text(encoding="utf-8")
    parts = [part.split("```")[0].lstrip("\n") for part in script.split("add-checkpoint\n```\n")[1:]]
    sent = [part for part in parts if part.startswith("old ")]
    found = [witness.parse_submission(body.encode()) for body in sent]
    assert found
    assert all(one.note.startswith("go.sum database tree\n") for one in found)
    assert [witness.submission_body(one).decode() for one in found] == sent
