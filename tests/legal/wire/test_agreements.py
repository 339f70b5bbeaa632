"""Versions and letters as JSON: what is written is read again, and whatever else comes is a BadInput, never a crash."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.kit.codec import jcs
from comity.legal.model import Letter, Signature, Version
from comity.legal.wire.agreements import (
    claimed_sender,
    document,
    letter_payload,
    read_letter,
    read_signature,
    read_version,
    sealed,
    signature_document,
)

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
versions = st.builds(
    Version, agreement=st.uuids().map(str), number=st.integers(1, 20), previous=st.sampled_from(["", "ab" * 32]),
    kind=st.sampled_from(["terms", "extension", "ending"]), proposer=st.just("XA"), title=words,
    parties=st.just(("XA", "XB")), valid_from=days, valid_until=st.none() | days, reason=st.just("") | words,
    table=words, text=words,
).map(sealed)  # fmt: skip
acts = st.fixed_dictionaries({
    "v": st.just(1), "verb": words, "node": st.just("XA"), "person": words, "subject": st.none() | words,
    "at": st.just("2026-03-02T09:30:00.000Z"),
})  # fmt: skip
signatures = st.builds(
    Signature, node=st.just("XA"), person=words, roles=st.just(("lawyer",)), key=st.binary(min_size=1, max_size=32),
    act=acts, assertion=st.dictionaries(words, words, max_size=3),
)  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(versions, versions)
def test_a_version_is_read_as_it_was_written_under_a_digest_of_its_own(one: Version, other: Version) -> None:
    assert read_version(document(one), "test") == one
    assert (one.digest == other.digest) == (document(one) == document(other))


@given(st.lists(versions, min_size=1, max_size=3), signatures, st.lists(signatures, max_size=2))
def test_a_letter_is_read_as_it_was_written(
    written: list[Version], proposed: Signature, signed: list[Signature]
) -> None:
    letter = Letter("XA", "XB", tuple(written), proposed, tuple((written[0].digest, one) for one in signed))
    assert read_letter(letter_payload(letter)) == letter


@given(versions, st.data(), anything)
def test_a_version_with_another_field_is_another_version_or_refused(
    version: Version, data: st.DataObject, value: Any
) -> None:
    key = data.draw(st.sampled_from(sorted(document(version))) | words)
    changed = {**document(version), key: value}
    try:
        read = read_version(changed, "test")
    except BadInput as error:
        assert error.where and error.todo
    else:
        assert (read.digest == version.digest) == (changed == document(version))


@given(signatures, st.data(), anything)
def test_a_signature_with_another_field_is_read_or_refused(
    signature: Signature, data: st.DataObject, value: Any
) -> None:
    changed = {
        **signature_document(signature),
        data.draw(st.sampled_from(sorted(signature_document(signature)))): value,
    }
    try:
        assert read_signature(changed, "test").day
    except BadInput as error:
        assert error.todo


@given(anything | st.binary())
def test_anything_else_is_refused(value: Any) -> None:
    data = value if isinstance(value, bytes) else jcs.canonical(value)
    for read in (read_letter, claimed_sender):
        with pytest.raises(BadInput):
            read(data)
