"""Letters about agreements: signed files by which drafts and signatures go to a partner and come back.

A letter brings every version so far and the sender's own signatures, in a DSSE envelope by the sending node's key. How
a letter is taken in: 1. the directory knows the sender (`FindKey`), and its key has signed the envelope; 2. the letter
is to this node, from the other party; 3. its versions follow each other; 4. the person who sent it and each signer did
so by their own key, in a role for it, about exactly these digests; 5. the versions continue what is kept here, or one
of the two branches gives way; 6. each new version could be law here. Anything else is refused, and nothing is kept.
"""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from comity.access import service as access
from comity.base.errors import Conflict, NotAllowed
from comity.base.model import Issuer
from comity.kit.codec import dsse
from comity.kit.crypto.signing import VerifyKey
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import Agreement, KeptVersion, Letter, Signature, Version
from comity.legal.rules import agreements as rules
from comity.legal.service.agreed import check_signature, find_agreement
from comity.legal.service.negotiating import keep, settled, signature_of
from comity.legal.wire import agreements as wire
from comity.legal.wire.instruments import read_instrument

FindKey = Callable[[Unit, str], VerifyKey]
"""A partner's signing key by its code, from the directory in force; NotFound or Conflict where it vouches for none."""


def propose_agreement(unit: Unit, issuer: Issuer, id: str) -> bytes:
    """The letter that hands the agreement as it stands here to the partner: the bytes of a signed file. Logged."""
    found = find_agreement(unit, id)
    version = found.head.version
    acted = access.act(unit, issuer, wire.PROPOSE, wire.signed_subject(version), rules.SIGNATORIES)
    ours = [(kept.version.digest, kept.signed_by(unit.node)) for kept in found.versions]
    letter = Letter(
        sender=unit.node, recipient=version.partner(unit.node), versions=tuple(k.version for k in found.versions),
        proposed=signature_of(unit, acted), signatures=tuple((digest, one) for digest, one in ours if one is not None),
    )  # fmt: skip
    for kept in found.versions:
        store.set_version(unit, kept.version.digest, sent=True)
    settled(unit, id, acted, "legal.agreement-proposed")
    return dsse.sign(wire.PAYLOAD_TYPE, wire.letter_payload(letter), [unit.keys.signing])


def receive_agreement(unit: Unit, issuer: Issuer, data: bytes, find_key: FindKey) -> Agreement:
    """Take a partner's letter in, by the steps above; the agreement as it stands now. Logged.

    Tampered when a signature does not hold; BadInput, NotAllowed or Conflict when it is not for this node, cannot be
    read, or does not follow what is kept here.
    """
    letter = _opened(unit, data, find_key)
    newest = letter.versions[-1]
    for version in _new(unit, letter):
        before = _agreement(unit, newest.agreement)
        keep(unit, before, version, sent=True)
    _take_signatures(unit, letter)
    subject = {**wire.signed_subject(newest), "letter": sha256(data).hexdigest()}
    acted = access.act(unit, issuer, "legal.agreement-receive", subject, rules.SIGNATORIES)
    return settled(unit, newest.agreement, acted, "legal.agreement-received")


def _opened(unit: Unit, data: bytes, find_key: FindKey) -> Letter:
    """The letter, verified for itself (steps 1 to 4)."""
    key = find_key(unit, wire.claimed_sender(data))
    letter = wire.read_letter(dsse.verify(data, wire.PAYLOAD_TYPE, {key.fingerprint: key}).payload)
    parties = tuple(sorted((letter.sender, letter.recipient)))
    if letter.recipient != unit.node or letter.sender == unit.node:
        raise NotAllowed(
            "legal.agreement-recipient", f"the letter is from {letter.sender} to {letter.recipient}",
            todo="Nothing was kept. Ask the partner for a letter to this node.",
        )  # fmt: skip
    before: KeptVersion | None = None
    for version in letter.versions:
        if version.parties != parties:
            raise rules.chain(f"version {version.number} is between {' and '.join(version.parties)}")
        rules.check_sequence(before, version)
        before = KeptVersion(version, read_instrument(version.table.encode(), f"version {version.number} table"))
    _check_signatures(letter)
    return letter


def _check_signatures(letter: Letter) -> None:
    _from_sender(letter, letter.proposed)
    check_signature(letter.proposed, wire.PROPOSE, letter.versions[-1])
    by_digest = {version.digest: version for version in letter.versions}
    for digest, signature in letter.signatures:
        _from_sender(letter, signature)
        if digest not in by_digest:
            raise wire.bad("a signature on a version that the letter does not bring", f"digest {digest[:16]}")
        check_signature(signature, wire.SIGN, by_digest[digest])


def _from_sender(letter: Letter, signature: Signature) -> None:
    if signature.node != letter.sender:
        raise wire.bad(f"{letter.sender} cannot bring a signature of {signature.node}", "letter")


def _agreement(unit: Unit, id: str) -> Agreement | None:
    """The agreement, if any version of it counts here."""
    counting = [row for row in store.versions(unit, id) if not row.aside]
    return find_agreement(unit, id) if counting else None


def _new(unit: Unit, letter: Letter) -> tuple[Version, ...]:
    """The versions that are new here, after ours gave way where both sides wrote the same number (step 5)."""
    found = _agreement(unit, letter.versions[0].agreement)
    ours = found.versions if found else ()
    shared = rules.common(ours, letter.versions)
    fresh, branch = letter.versions[shared:], ours[shared:]
    if any(version.proposer != letter.sender for version in fresh):
        raise rules.chain(f"{letter.sender} brings a version of ours that is not kept here")
    if fresh and branch:
        if shared == 0 or not rules.gives_way(branch, unit.node, letter.sender, _ended(letter)):
            raise _crossed(unit, letter, branch[0].version)
        for kept in branch:
            store.set_version(unit, kept.version.digest, aside=True)
    return fresh


def _ended(letter: Letter) -> bool:
    """Whether the sender has ended the agreement in good time, which takes nobody else's word."""
    signed = dict(letter.signatures)
    endings = [version for version in letter.versions if version.kind == "ending" and version.digest in signed]
    tables = (read_instrument(version.table.encode(), "table") for version in endings)
    kept = (KeptVersion(v, table, (signed[v.digest],)) for v, table in zip(endings, tables, strict=True))
    return any(map(rules.binds, kept))


def _crossed(unit: Unit, letter: Letter, ours: Version) -> Conflict:
    return Conflict(
        "legal.agreement-crossed", f"{unit.node} and {letter.sender} both wrote version {ours.number}",
        where=ours.agreement,
        todo=f"Nothing was kept: ours goes first. Send it with `comity legal agreement propose {ours.agreement}`.",
    )  # fmt: skip


def _take_signatures(unit: Unit, letter: Letter) -> None:
    """Keep the sender's signatures that are new here, on versions that can still be signed."""
    found = find_agreement(unit, letter.versions[0].agreement)
    signed = dict(letter.signatures)
    for kept in found.versions:
        signature = signed.get(kept.version.digest)
        if signature is None or kept.signed_by(letter.sender) or not rules.open_to_signature(found, kept):
            continue
        rules.check_day(found, kept, signature.day)
        if signature.day > unit.now.date():
            raise wire.bad(f"a signature of {signature.day}, which is not yet here", f"version {kept.version.number}")
        store.add_signature(unit, kept.version.digest, signature)
        found = replace(found, versions=tuple(
            replace(k, signatures=(*k.signatures, signature)) if k is kept else k for k in found.versions
        ))  # fmt: skip
