"""Agreements between this agency and a partner's: written, revised, signed, extended and ended, each by a lawyer's act.

Nothing is sent from here: `letters` writes a signed file for the partner and takes the partner's in. What binds is one
more instrument of this node's law, dated, with every row reviewed by those who signed it.
"""

from dataclasses import dataclass, replace
from datetime import date

from comity.access import service as access
from comity.access.model import Acted
from comity.base.errors import BadInput, Conflict
from comity.base.ids import uuid7
from comity.base.model import Issuer, Json, JsonObject
from comity.kit.codec.jcs import canonical
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import Agreed, Agreement, Instrument, KeptVersion, Participation, Signature, Terms, Version
from comity.legal.rules import agreements as rules
from comity.legal.service.agreed import find_agreement
from comity.legal.service.held import held
from comity.legal.service.tables import build, rules_hash, tables
from comity.legal.wire import agreements as wire
from comity.legal.wire.instruments import read_instrument
from comity.log import service as log
from comity.log.model import Record


@dataclass(frozen=True)
class Draft:
    """A version about to be kept, with what it follows."""

    before: Agreement | None
    version: Version
    verb: str
    """``legal.agreement-new``, ``-revise``, ``-extend`` or ``-end``."""


def new_agreement(unit: Unit, issuer: Issuer, partner: str, terms: Terms) -> Agreement:
    """Write down an agreement with `partner`: a draft of this node until it is sent and signed. Logged.

    BadInput when table or days are unfit, as `legal import` says it; Conflict when the table's code is in use.
    """
    if partner == unit.node:
        raise BadInput("legal.agreement-terms", "an agreement has two parties", todo="Name the partner with --with.")
    first, second = sorted((unit.node, partner))
    made = _written(Version(
        agreement=uuid7(unit.now), number=1, previous="", kind="terms", proposer=unit.node, title=terms.title,
        parties=(first, second), valid_from=terms.valid_from, valid_until=terms.valid_until, reason="", table="",
        text="",
    ), terms)  # fmt: skip
    return _draft(unit, issuer, Draft(None, made, "legal.agreement-new"))


def revise_agreement(unit: Unit, issuer: Issuer, id: str, terms: Terms) -> Agreement:
    """Answer the newest version with other terms, a counter-proposal that names its digest; an empty title stays.

    Conflict once the terms are concluded, and while the partner has not answered a version of ours.
    """
    found = find_agreement(unit, id)
    rules.check_turn(found, unit.node)
    last = found.head.version
    changed = replace(last, title=terms.title or last.title, valid_from=terms.valid_from, valid_until=terms.valid_until)
    return _draft(unit, issuer, Draft(found, _next(unit, found, _written(changed, terms)), "legal.agreement-revise"))


def extend_agreement(unit: Unit, issuer: Issuer, id: str, until: date) -> Agreement:
    """Write a version with a later last day; it counts once both have signed it."""
    found = find_agreement(unit, id)
    rules.check_turn(found, unit.node)
    made = _next(unit, found, replace(found.head.version, kind="extension", valid_until=until, reason=""))
    return _draft(unit, issuer, Draft(found, made, "legal.agreement-extend"))


def end_agreement(unit: Unit, issuer: Issuer, id: str, on: date, reason: str) -> Agreement:
    """Write a version whose last day is `on`, and why. One signature is enough in good time before it, by the notice
    period that the table states; else both have to sign."""
    if not reason.strip():
        raise BadInput("legal.agreement-terms", "an ending says why", todo="Give a --reason.")
    if on < unit.now.date():
        raise BadInput("legal.agreement-terms", f"{on} is past", todo="Name today or a later day with --on.")
    found = find_agreement(unit, id)
    made = _next(unit, found, replace(found.head.version, kind="ending", valid_until=on, reason=reason.strip()))
    return _draft(unit, issuer, Draft(found, made, "legal.agreement-end"))


def sign_agreement(unit: Unit, issuer: Issuer, id: str) -> Agreement:
    """Sign the newest version for this party. With the second signature on one digest it is law. Logged.

    Conflict when it is signed here already or can have no effect any more; BadInput when, as law, it contradicts other
    tables.
    """
    found = find_agreement(unit, id)
    rules.check_signing(found, unit.node, unit.now.date())
    version = found.head.version
    acted = access.act(unit, issuer, wire.SIGN, wire.signed_subject(version), rules.SIGNATORIES)
    store.add_signature(unit, version.digest, signature_of(unit, acted))
    return settled(unit, id, acted, "legal.agreement-signed")


def agreement_state(unit: Unit, agreement: Agreement) -> str:
    """Where it stands here today: draft, proposed, signed_here, signed_there, concluded, in_force or ended."""
    return rules.state(agreement, unit.node, unit.now.date())


def signature_of(unit: Unit, acted: Acted) -> Signature:
    """The act as the partner can check it."""
    person = access.find_person(unit, acted.actor.person)
    roles = tuple(sorted(acted.actor.roles))
    return Signature(unit.node, person.id, roles, person.public_key, acted.act, acted.assertion.as_dict())


def settled(unit: Unit, id: str, acted: Acted, type: str) -> Agreement:
    """Note which versions bind now, see that all law still goes together, and log the act."""
    found = find_agreement(unit, id)
    for kept in found.versions:
        store.set_version(unit, kept.version.digest, binds=rules.binds(kept))
    head, state = found.head.version, rules.state(found, unit.node, unit.now.date())
    payload: JsonObject = {**wire.signed_subject(head), "kind": head.kind, "partner": head.partner(unit.node),
                           "state": state}  # fmt: skip
    record = Record(
        type=type, actor=acted.actor, subject={"agreement": id}, payload=payload, policy_hash=rules_hash(unit),
        auth_hash=acted.auth_hash, peer=head.partner(unit.node),
    )  # fmt: skip
    log.append(unit, record)
    return found


def check_law(unit: Unit, version: Version, instrument: Instrument) -> None:
    """BadInput or Conflict unless the table could be law here beside all others."""
    rules.check_terms(version, instrument)
    known, others = held(unit), tables(unit).instruments
    mine = {kept.instrument.code for kept in _versions(unit, version.agreement)}
    if instrument.code in others and instrument.code not in mine:
        raise Conflict(
            "legal.agreement-code", f"{instrument.code} is the code of another instrument here", where="code",
            todo="Give the table a code of its own, such as XA-XB-2026.",
        )  # fmt: skip
    trial = replace(instrument, valid_from=version.valid_from, valid_until=version.valid_until, text="")
    parties = tuple(
        Participation(trial.code, party, version.valid_from, version.valid_until, (), "draft")
        for party in version.parties
    )
    rest = tuple(one for one in known.agreed if one.instrument.code != trial.code)
    build(replace(known, agreed=(*rest, Agreed(trial, parties))))


def _versions(unit: Unit, id: str) -> tuple[KeptVersion, ...]:
    return find_agreement(unit, id).versions if store.versions(unit, id) else ()


def _written(version: Version, terms: Terms) -> Version:
    try:
        table, text = terms.table.decode("utf-8"), terms.text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("legal.agreement-terms", "text and table are UTF-8", todo="Save the file as UTF-8.") from error
    return replace(version, table=table, text=text)


def _next(unit: Unit, found: Agreement, changed: Version) -> Version:
    """The version after the newest one, of this node."""
    last = found.head.version
    return replace(changed, number=last.number + 1, previous=last.digest, proposer=unit.node)


def _draft(unit: Unit, issuer: Issuer, draft: Draft) -> Agreement:
    """Check a version and keep it, by the act of the person who wrote it."""
    version = wire.read_version(wire.document(draft.version), "draft")
    keep(unit, draft.before, version, sent=False)
    acted = access.act(unit, issuer, draft.verb, wire.signed_subject(version), rules.SIGNATORIES)
    return settled(unit, version.agreement, acted, "legal.agreement-drafted")


def keep(unit: Unit, before: Agreement | None, version: Version, *, sent: bool) -> None:
    """Check a version against what it follows and against all law, and keep it."""
    rules.check_sequence(before.head if before else None, version)
    if before is not None:
        rules.check_effect(before, version)
    instrument = read_instrument(version.table.encode(), "table")
    check_law(unit, version, instrument)
    store.add_version(unit, version, canonical(wire.document(version)), sent=sent)


def told_agreement(unit: Unit, agreement: Agreement) -> JsonObject:
    """The agreement as JSON, without its texts."""
    head = agreement.head.version
    return {
        "agreement": agreement.id, "with": head.partner(unit.node), "state": agreement_state(unit, agreement),
        "title": head.title, "code": agreement.head.instrument.code, "from": head.valid_from.isoformat(),
        "until": head.valid_until.isoformat() if head.valid_until else None, "version": head.number,
        "digest": head.digest, "versions": [_version(kept) for kept in agreement.versions],
    }  # fmt: skip


def _version(kept: KeptVersion) -> JsonObject:
    version = kept.version
    signatures: list[Json] = [{"node": s.node, "person": s.person, "day": s.day.isoformat()} for s in kept.signatures]
    return {
        "version": version.number, "kind": version.kind, "by": version.proposer, "digest": version.digest,
        "previous": version.previous, "until": version.valid_until.isoformat() if version.valid_until else None,
        "reason": version.reason, "sent": kept.sent, "signatures": signatures,
    }  # fmt: skip
