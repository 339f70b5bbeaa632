"""Agreements as this node keeps them, verified whenever they are read, and those that bind as law.

1. A version's document has the digest by which it is kept, and follows the one before it; 2. each signature is the
signing act of its own person, on exactly this digest, by the key that was kept with it; 3. where that person is one of
ours, the key is the one that the person has here. Tampered names agreement, version and reason.
"""

from itertools import groupby

from comity.access import service as access
from comity.access.model import Person
from comity.base.errors import ComityError, NotFound, Tampered
from comity.base.model import Assertion, JsonObject
from comity.kit.codec.jcs import parse_object
from comity.kit.crypto.signing import VerifyKey
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import Agreed, Agreement, KeptVersion, Signature, Version
from comity.legal.rules import agreements as rules
from comity.legal.wire import agreements as wire
from comity.legal.wire.instruments import read_instrument


def agreements(unit: Unit) -> list[Agreement]:
    """All agreements, drafts too, by their ids: the oldest first."""
    return [
        _agreement(unit, id, list(rows)) for id, rows in groupby(store.versions(unit), key=lambda row: row.agreement)
    ]


def find_agreement(unit: Unit, id: str) -> Agreement:
    """The agreement of that id; NotFound where this node keeps none."""
    rows = store.versions(unit, id)
    if not rows:
        raise NotFound("legal.agreement", f"no agreement {id}", todo="See `comity legal agreement list`.")
    return _agreement(unit, id, rows)


def concluded(unit: Unit) -> tuple[Agreed, ...]:
    """The agreements that bind, as law."""
    if not store.binding(unit):
        return ()
    found = (rules.agreed(agreement) for agreement in agreements(unit))
    return tuple(one for one in found if one is not None)


def check_signature(signature: Signature, verb: str, version: Version) -> None:
    """Tampered or BadInput unless the signature is that person's own, by its key, about this version."""
    wire.check_about(signature, verb, version)
    key = VerifyKey.from_raw(signature.key)
    person = Person(signature.person, "", frozenset(signature.roles), key.fingerprint, signature.key, None, active=True)
    access.check_assertion(_assertion(signature.assertion), person, signature.act)


def _assertion(value: JsonObject) -> Assertion:
    names = ("person", "key_id", "act_hash", "at", "signature")
    if value.get("kind") != "key" or set(value) != {"kind", *names}:
        raise wire.bad("an assertion by a person's key is needed", "assertion")
    person, key_id, act_hash, at, signature = (str(value[name]) for name in names)
    return Assertion("key", person, key_id, act_hash, at, signature)


def _agreement(unit: Unit, id: str, rows: list[store.StoredVersion]) -> Agreement:
    kept: list[KeptVersion] = []
    for row in rows:
        if not row.aside:
            kept.append(_kept(unit, row, kept[-1] if kept else None))
    return Agreement(id, tuple(kept))


def _kept(unit: Unit, row: store.StoredVersion, before: KeptVersion | None) -> KeptVersion:
    where = f"agreement {row.agreement} version {row.number}"
    try:
        version = wire.read_version(parse_object(row.document, where=where), where)
        if (version.digest, version.agreement, version.number) != (row.digest, row.agreement, row.number):
            raise _changed("the stored version is not what was signed", where)
        rules.check_sequence(before, version)
        signatures = store.signatures(unit, row.digest)
        for signature in signatures:
            check_signature(signature, wire.SIGN, version)
            if signature.node == unit.node:
                _check_ours(unit, signature, where)
    except Tampered:
        raise
    except ComityError as error:
        raise _changed(f"{error.what}", where) from error
    return KeptVersion(version, read_instrument(version.table.encode(), where), signatures, row.sent)


def _check_ours(unit: Unit, signature: Signature, where: str) -> None:
    if access.find_person(unit, signature.person).public_key != signature.key:
        raise _changed(f"the signature is not {signature.person}'s", where)


def _changed(reason: str, where: str) -> Tampered:
    return Tampered(
        "legal.agreement-changed", reason, where=where,
        todo="Report the incident; restore the node from a backup, then take the partner's letter in again.",
    )  # fmt: skip
