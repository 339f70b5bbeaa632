"""Releasing evidence: what one person has offered another of another unit approves, and the package leaves.

Custody stays here until the receiver's answer (`settling`).
"""

from dataclasses import replace

from comity.access import service as access
from comity.access.model import Acted
from comity.base.clock import rfc3339
from comity.base.errors import Conflict
from comity.base.model import Issuer, JsonObject
from comity.cases import service as cases
from comity.evidence import rules, store
from comity.evidence.model.flow import EvidenceRequest, Kept, Release
from comity.evidence.model.package import Authorisation, Digest, Link, Manifest
from comity.evidence.service import common, sealing
from comity.evidence.service.offering import APPROVERS, live, mine, part_of_act, target_of
from comity.evidence.service.requesting import must_be_open
from comity.evidence.wire import manifest as manifests
from comity.evidence.wire import messages
from comity.evidence.wire import package as packages
from comity.exchange.service.directory import directory
from comity.exchange.service.filing import prepare_in
from comity.exchange.service.handling import handled
from comity.exchange.service.sending import send
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.kit.vault.blobs import Vault
from comity.legal import service as legal
from comity.legal.model import Decision, Permit

# --- the release ---------------------------------------------------------------------------------------------------


def release(unit: Unit, vault: Vault, issuer: Issuer, named: str) -> Release:
    """The approver's part, on a release or its request: decided anew under today's law, packed, signed and sent.

    The approver is another person, key and unit than the one who offered (Conflict otherwise) and a member of the case.
    """
    known = _proposed(unit, named)
    cases.require(unit, issuer.actor, known.case, store.unknown("release", named))
    rules.step(rules.RELEASE_STEPS, known.state, "release", known.id)
    asked = common.find_request(unit, known.request)
    must_be_open(asked, "asked")
    items = [mine(unit, issuer, item) for item in known.items]
    if target_of(known, items) != known.target or known.expires <= unit.now:
        raise Conflict("evidence.changed", "The items have changed since they were offered, or the offer has expired",
                       where=known.id, todo="Withdraw it and offer the items again.")  # fmt: skip
    subject: JsonObject = {
        "release": known.id,
        "request": asked.id,
        "recipient": known.recipient,
        "target": known.target,
    }
    acted = access.act(unit, issuer, "evidence.release", subject, APPROVERS)
    access.approve(unit, acted, known.target, "release")
    decision = common.must_allow(_decide(unit, asked, items))
    permit = legal.permit(unit, decision, acted.act_hash, (known.recipient,))
    contents = _pack(unit, vault, (known, items), (acted, decision))
    made = _send(unit, vault, (known, asked, permit), contents)
    payload: JsonObject = {
        "package": made.as_dict(), "authorisation": contents.manifest.authorisation, "decision": decision.id,
        "custody": [head.as_dict() for head in contents.manifest.heads],
    }  # fmt: skip
    basis = common.basis_of(decision)
    common.record(unit, acted, common.Note("released", subject, payload, known.case, known.recipient, basis))
    if not any(other.package for other in store.releases(unit, request=asked.id) if other.id != known.id):
        handled(unit, asked.partner, asked.message)  # a second release of the same request has been acted on before
    return store.find_release(unit, known.id)


def _send(
    unit: Unit, vault: Vault, under: tuple[Release, EvidenceRequest, Permit], contents: packages.Contents
) -> Digest:
    """Builds and signs the package, keeps it in the vault, hands it to the exchange; the items are now on offer."""
    known, asked, permit = under
    key = common.key_of(unit, known.case)
    ref = vault.put(unit, packages.build_pieces(contents, unit.keys.signing), key)
    made, commit = Digest(ref.id, ref.size), ""
    told = replace(common.message(asked, messages.PACKAGE, {}, permit.act_hash), case=known.case)
    if ref.size > messages.ATTACHED_BYTES:
        told = replace(told, files=(prepare_in(unit, vault, (messages.PACKAGE_FILE, ref), key),))
    else:
        sealed, commit = sealing.seal(unit, known, vault.get(unit, ref.id, key))
        told = replace(told, attachments={messages.SEALED_FILE: sealed})
    body = messages.PackageBody(known.id, asked.id, known.use, rfc3339(known.expires), made, commit)
    told = replace(told, body=body.as_json())
    store.mark_offered(unit, known.id, made, send(unit, permit, told))
    for item in known.items:
        store.set_standing(unit, item, "offered")
    store.update_request(unit, asked.id, state="answered", reason={})
    return made


def _proposed(unit: Unit, named: str) -> Release:
    """The release of this id, or the live one of this request."""
    found = live(unit, named)
    return found[-1] if found else store.find_release(unit, named)


def _decide(unit: Unit, asked: EvidenceRequest, items: list[Kept]) -> Decision:
    known = asked.basis.get("facts")
    reports = all(kept.item.kind == "laboratory_report" for kept in items)
    added: JsonObject = {"data_category": "laboratory_report" if reports else "exhibit", "use_as": "information"}
    facts = (known if isinstance(known, dict) else {}) | added
    instrument = asked.basis.get("instrument")
    named = instrument if isinstance(instrument, str) and instrument else None
    return legal.decide(unit, common.question((asked.partner, unit.node), named, unit.now.date(), facts))


def _pack(unit: Unit, vault: Vault, what: tuple[Release, list[Kept]], why: tuple[Acted, Decision]) -> packages.Contents:
    """Writes the offer into every item's chain and collects what goes into the package."""
    known, items = what
    authorisation = _authorisation(unit, known, why)
    digest = sha256(manifests.write_authorisation(authorisation)).hex()
    deed = common.Deed(why[0], known.purpose, digest, to=known.recipient)
    for kept in items:
        common.happened(unit, "offered", kept.item.id, deed)
    chains = {kept.item.id: common.chain(unit, kept.item.id) for kept in items}
    key = common.key_of(unit, known.case)
    objects = {k.item.container.sha256: common.stored(unit, vault, k.item.container, key) for k in items}
    manifest = Manifest(
        release=known.id, releasing=unit.node, recipient=known.recipient, released=rfc3339(unit.now), use=known.use,
        key=unit.keys.signing.public.fingerprint, items=tuple(replace(kept.item, case="") for kept in items),
        heads=tuple(rules.head_of(chains[kept.item.id]) for kept in items), seal=rules.seal(objects),
        authorisation=digest, files={},
    )  # fmt: skip
    return packages.Contents(manifest, authorisation, chains, _keys(unit, chains), objects)


def _authorisation(unit: Unit, known: Release, why: tuple[Acted, Decision]) -> Authorisation:
    acted, decision = why
    asked = common.find_request(unit, known.request)
    handling = decision.facts.get("handling")
    return Authorisation(
        release=known.id, request=known.request, about=asked.about, releasing=unit.node, recipient=known.recipient,
        items=known.items, purpose=known.purpose, use=known.use,
        handling=handling if isinstance(handling, dict) else {}, expires=rfc3339(known.expires),
        decision=common.basis_of(decision) | {"outcome": decision.outcome},
        approvals=(known.proposal, part_of_act("release", acted)),
    )  # fmt: skip


def _keys(unit: Unit, chains: dict[str, tuple[Link, ...]]) -> dict[str, tuple[bytes, ...]]:
    """The public keys of every agency that signed an event, as the directory lists them; our own from the key ring."""
    agencies = {link.event.agency for links in chains.values() for link in links}
    members = directory(unit).members
    others: dict[str, tuple[bytes, ...]] = {
        code: (members[code].signing,) for code in agencies if code != unit.node and code in members
    }
    return others | {unit.node: (unit.keys.signing.public.raw,)}
