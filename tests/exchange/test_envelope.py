"""The envelope: whatever is sealed opens to the same, for every recipient, and no changed bit survives."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.errors import BadInput, ComityError, Tampered
from comity.base.ids import uuid7
from comity.base.model import Json, JsonObject
from comity.exchange.model import Handling, Header, Member, Message
from comity.exchange.rules import SUITE, padded_size
from comity.exchange.service import envelope as sealing
from comity.exchange.wire.directory import parse_member
from comity.exchange.wire.envelope import Envelope, parse_envelope, parse_header, parse_payload, payload_bytes
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.crypto.keyring import KeyRing
from tests.exchange.federation import entry

Rings = Callable[[str], KeyRing]
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
bodies = st.dictionaries(texts, values, max_size=4)


def member(keys: KeyRing) -> Member:
    made = entry(keys)
    return parse_member(made, {str(made["tls_certificate"]): "00" * 32})


def header(to: tuple[str, ...] = ("XB",)) -> Header:
    return Header(
        SUITE, "search.query", uuid7(NOW), uuid7(NOW), 1, None, "XA", to, NOW, NOW + timedelta(days=7), "p", "L:1",
        Handling(), "normal", "", "", 1,
    )  # fmt: skip


def sealed(keyring: Rings, payload: bytes, to: tuple[str, ...] = ("XB",)) -> Envelope:
    made = sealing.make(keyring("XA"), header(to), payload, tuple(member(keyring(c)) for c in to))
    source = parse_object(made.data)
    envelope = parse_envelope(source)
    assert made.data == canonical(source) == envelope.encoded(), "what is joined is canonical"
    return envelope


@settings(max_examples=40, deadline=None)
@given(body=bodies, files=st.dictionaries(texts, st.binary(max_size=64), max_size=3))
def test_what_is_sealed_opens_to_the_same(keyring: Rings, body: JsonObject, files: dict[str, bytes]) -> None:
    message = Message("search.query", ("XB", "XC"), uuid7(NOW), body, attachments=files)
    envelope = sealed(keyring, payload_bytes(message), ("XB", "XC"))
    read = parse_header(envelope.header)
    assert replace(read, payload_hash="", cek_commit="", id="", conversation="") == replace(
        header(("XB", "XC")), id="", conversation=""
    )
    sealing.check_signature(envelope, member(keyring("XA")))
    for code in ("XB", "XC"):
        opened = sealing.open_envelope(keyring(code), envelope, read)
        assert (opened.payload.body, opened.payload.attachments) == (body, files)


@given(body=bodies, text=st.text(st.characters(codec="utf-8"), max_size=9000))
def test_an_answer_is_padded_and_reads_as_it_was(body: JsonObject, text: str) -> None:
    message = Message("search.answer", ("XB",), uuid7(NOW), body | {'"pad":""': text})
    data = payload_bytes(message)
    assert len(data) == padded_size(len(data)) >= 4096
    assert canonical(parse_object(data)) == data, "it stays canonical"
    assert parse_payload(data).body == message.body


def test_nobody_else_opens_it(keyring: Rings) -> None:
    envelope = sealed(keyring, b"{}")
    with pytest.raises(BadInput):
        sealing.open_envelope(keyring("XC"), envelope, parse_header(envelope.header))
    with pytest.raises(Tampered):
        sealing.check_signature(envelope, member(keyring("XC")))


def test_no_changed_bit_survives(keyring: Rings) -> None:
    message = Message("search.query", ("XB",), uuid7(NOW), {"n": 1})
    data = sealed(keyring, payload_bytes(message)).encoded()
    for at in range(0, len(data), 23):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(ComityError):
            envelope = parse_envelope(parse_object(changed))
            sealing.check_signature(envelope, member(keyring("XA")))


@given(st.binary(max_size=200))
def test_payload_parser_answers_nonsense_with_bad_input(data: bytes) -> None:
    with pytest.raises(BadInput):
        parse_payload(data)


@given(values)
def test_envelope_parser_answers_nonsense_with_bad_input(value: Json) -> None:
    with pytest.raises(BadInput):
        parse_envelope({"header": value, "wraps": value, "ciphertext": value, "signature": value})
    with pytest.raises(ComityError):
        parse_header({"v": 1, "crit": [], "suite": SUITE, "id": value, "to": value, "handling": value})


def test_at_rest_a_payload_is_bound_to_its_row(keyring: Rings) -> None:
    message = Message("search.query", ("XB",), uuid7(NOW), {"n": 1})
    blob = sealing.seal_at_rest(keyring("XB"), bytes(32) + payload_bytes(message), "XA", "1")
    assert sealing.open_at_rest(keyring("XB"), blob, "XA", "1").body == {"n": 1}
    with pytest.raises(Tampered):
        sealing.open_at_rest(keyring("XB"), blob, "XA", "2")
