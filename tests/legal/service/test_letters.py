"""Letters about agreements: whatever does not hold, or does not follow, is refused, and nothing of it is kept."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from comity.base.errors import Tampered
from comity.kit.codec import dsse, jcs
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.signing import Signer
from comity.legal import service, store
from comity.legal.wire.agreements import PAYLOAD_TYPE
from tests.clock import FixedClock
from tests.legal.agreements import DAY, Pair, conclude, terms

Keys = Callable[[str], KeyRing]


def payload_of(letter: bytes, key: Signer) -> Any:
    return jcs.parse_object(dsse.verify(letter, PAYLOAD_TYPE, {key.public.fingerprint: key.public}).payload)


def forged(letter: bytes, key: Signer, change: Callable[[Any], object]) -> bytes:
    """The letter with its payload changed, signed again by `key`."""
    payload = payload_of(letter, key)
    change(payload)
    return dsse.sign(PAYLOAD_TYPE, jcs.canonical(payload), [key])


def version(**fields: Any) -> Callable[[Any], object]:
    return lambda payload: payload["versions"][0].update(fields)


def signature(**fields: Any) -> Callable[[Any], object]:
    return lambda payload: payload["signatures"][0].update(fields)


def inside(part: str, **fields: Any) -> Callable[[Any], object]:
    return lambda payload: payload["signatures"][0][part].update(fields)


def top(**fields: Any) -> Callable[[Any], object]:
    return lambda payload: payload.update(fields)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (version(text="other words"), "legal.agreement-letter"),  # another digest was signed
        (version(version=2), "legal.agreement-chain"),
        (version(version=True), "legal.agreement-letter"),
        (version(previous="ab" * 32), "legal.agreement-chain"),
        (version(kind="ending"), "legal.agreement-chain"),
        (version(parties=["XA", "XC"]), "legal.agreement-chain"),
        (version(parties=["XB", "XA"]), "legal.agreement-letter"),
        (version(parties=["XA", "XA"]), "legal.agreement-letter"),
        (version(proposer="XC"), "legal.agreement-letter"),
        (version(extra=1), "legal.agreement-letter"),
        (version(schema="other/1"), "legal.agreement-letter"),
        (version(until="soon"), "legal.table"),
        (version(title=7), "legal.agreement-letter"),
        (version(table="no table"), "legal.table"),
        (top(versions=[]), "legal.agreement-letter"),
        (top(versions=[7]), "legal.agreement-letter"),
        (top(to="XC"), "legal.agreement-recipient"),
        (top(v=2), "legal.agreement-letter"),
        (top(signatures={}), "legal.agreement-letter"),
        (top(proposed={}), "legal.agreement-letter"),
        (signature(roles=["officer"]), "legal.agreement-signer"),
        (signature(roles="lawyer"), "legal.agreement-letter"),
        (signature(person="lawyer-2"), "legal.agreement-letter"),
        (signature(node="XB"), "legal.agreement-letter"),
        (signature(digest="ab" * 32), "legal.agreement-letter"),
        (signature(key="AA=="), "crypto.public-key"),
        (signature(act={}), "legal.agreement-letter"),
        (inside("act", at="2026-03-02T09:30:00.001Z"), "access.assertion"),
        (inside("act", at="never"), "legal.agreement-letter"),
        (inside("assertion", kind="passkey"), "legal.agreement-letter"),
        (inside("assertion", signature="AAAA"), "access.assertion"),
        (lambda p: p["proposed"].update(roles=[]), "legal.agreement-signer"),
        (lambda p: p["proposed"].update(act=p["signatures"][0]["act"]), "legal.agreement-letter"),
    ],
)
def test_a_letter_that_does_not_hold_is_refused(
    pair: Pair, keyring: Keys, change: Callable[[Any], object], code: str
) -> None:
    a, b = pair
    id = a.new("XB").id
    a.sign(id)
    assert b.refuses(forged(a.letter(id), keyring("XA").signing, change)).code == code


def test_a_letter_by_another_key_or_of_a_stranger_is_refused(pair: Pair, keyring: Keys) -> None:
    a, b = pair
    id = a.new("XB").id
    letter = a.letter(id)
    payload = jcs.canonical(payload_of(letter, keyring("XA").signing))
    assert isinstance(b.refuses(dsse.sign(PAYLOAD_TYPE, payload, [keyring("XC").signing])), Tampered)
    assert b.refuses(forged(letter, keyring("XA").signing, top(**{"from": "XX"}))).code == "exchange.unlisted"
    for broken in (b"", b"{}", b'{"payload": "e30="}', letter[:-9]):
        assert b.refuses(broken).code == "legal.agreement-letter"
    assert a.refuses(letter).code == "legal.agreement-recipient"


def test_versions_that_do_not_follow_what_is_kept_here_are_refused(pair: Pair, keyring: Keys) -> None:
    """The other node was set back: it has lost our signature, and answers terms that are concluded."""
    a, b = pair
    id = conclude(a, b)
    with b.database.unit("test.back") as unit:
        unit.connection.execute(sa.delete(store.legal_signature).where(store.legal_signature.c.node == "XA"))
        store.set_version(unit, b.found(id).head.version.digest, binds=False)
    with b.acting() as (unit, issuer):
        service.revise_agreement(unit, issuer, id, terms())
    assert a.refuses(b.letter(id)).code == "legal.agreement-effect"


def test_a_chain_that_begins_otherwise_is_refused(pair: Pair, keyring: Keys) -> None:
    a, b = pair
    id = a.new("XB").id
    b.take(a.letter(id))
    with b.acting() as (unit, issuer):
        service.revise_agreement(unit, issuer, id, terms())

    def other(payload: Any) -> None:
        del payload["versions"][1:]
        payload["versions"][0].update(text="another beginning", proposer="XB")
        payload["signatures"] = []

    letter = forged(b.letter(id), keyring("XB").signing, other)
    assert a.refuses(letter).code in ("legal.agreement-letter", "legal.agreement-chain")


def test_a_version_of_ours_that_is_not_kept_here_is_refused(pair: Pair) -> None:
    a, b = pair
    id = a.new("XB").id
    b.take(a.letter(id))
    with b.acting() as (unit, issuer):
        service.revise_agreement(unit, issuer, id, terms())
    with a.database.unit("test.lost") as unit:
        unit.connection.execute(sa.delete(store.legal_agreement))
    assert a.refuses(b.letter(id)).code == "legal.agreement-chain"


def test_a_signature_from_after_today_is_refused(pair: Pair, clock: FixedClock) -> None:
    a, b = pair
    id = a.new("XB").id
    b.take(a.letter(id))
    clock.advance(2 * DAY)
    b.sign(id)
    letter = b.letter(id)
    clock.advance(-2 * DAY)
    assert a.refuses(letter).code == "legal.agreement-letter"


def test_a_signature_after_the_last_day_is_refused(pair: Pair, clock: FixedClock) -> None:
    a, b = pair
    id = conclude(a, b)
    with a.acting() as (unit, issuer):
        service.extend_agreement(unit, issuer, id, date(2035, 1, 1))
    a.letter(id)
    with a.database.unit("test.late") as unit:
        unit.connection.execute(sa.update(store.legal_agreement).values(sent=False))
    clock.advance(3 * 366 * DAY)
    with a.acting() as (unit, issuer), pytest.raises(Exception, match="is past"):
        service.sign_agreement(unit, issuer, id)
