"""Releasing evidence: one person offers, another of another unit approves; the package leaves; the answer comes back.

Custody moves in `on_acceptance` and nowhere else: when the receiver's signed receipt, with its own custody events after
its own re-hash, has been verified against the package that this node keeps.
"""

from dataclasses import replace

from comity.access import service as access
from comity.access.model import Acted
from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict, NotFound, Tampered
from comity.base.ids import uuid7
from comity.base.model import Issuer, Json, JsonObject
from comity.cases import service as cases
from comity.evidence import rules, store
from comity.evidence.model.flow import EvidenceRequest, Kept, Offer, Release
from comity.evidence.model.package import INFORMATION_ONLY, Authorisation, Digest, Link, Manifest
from comity.evidence.service import common, sealing
from comity.evidence.service.requesting import must_be_open
from comity.evidence.wire import manifest as manifests
from comity.evidence.wire import messages
from comity.evidence.wire import package as packages
from comity.evidence.wire import receipt as receipts
from comity.evidence.wire.verify import open_package, receipt_problems, receipt_signatures
from comity.exchange.model import Received
from comity.exchange.service.directory import directory
from comity.exchange.service.filing import prepare_in, stop_files
from comity.exchange.service.handling import handled
from comity.exchange.service.sending import follow_up, send
from comity.kit.codec import jcs
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.kit.vault.blobs import Vault
from comity.legal import service as legal
from comity.legal.model import Decision, Permit

OFFERERS = frozenset({"custodian", "officer", "examiner"})
APPROVERS = frozenset({"approver"})


# --- two persons ---------------------------------------------------------------------------------------------------


def offer(unit: Unit, issuer: Issuer, offered: Offer) -> Release:
    """The first person's part: proposes exactly these items for exactly this request. Nothing leaves yet."""
    asked = common.find_request(unit, offered.request)
    must_be_open(asked, "asked")
    items = [_mine(unit, issuer, item) for item in sorted(set(offered.items))]
    case = _one_case(items)
    live = _live(unit, asked.id)
    if live:
        raise Conflict("evidence.offered", f"The request has a release that is {live[-1].state}", where=live[-1].id,
                       todo="Approve or withdraw that one.")  # fmt: skip
    expires = offered.expires or unit.now + rules.OFFER_LIFETIME
    _check(offered, expires > unit.now)
    made = Release(
        id=uuid7(unit.now), request=asked.id, recipient=asked.partner, case=case, items=tuple(k.item.id for k in items),
        use=offered.use, purpose=asked.purpose, expires=expires, state="proposed", target="", proposal={},
        package=None, message="", conversation=asked.conversation, receipt=b"", at=unit.now,
    )  # fmt: skip
    target = _target(made, items)
    subject: JsonObject = {"release": made.id, "request": asked.id, "recipient": made.recipient, "target": target}
    acted = access.act(unit, issuer, "evidence.offer", subject, OFFERERS)
    access.approve(unit, acted, target, "offer")
    made = replace(made, target=target, proposal=_part("offer", acted))
    store.insert_release(unit, made)
    payload: JsonObject = {"items": list[Json](made.items), "use": made.use, "expires": rfc3339(expires)}
    common.record(unit, acted, common.Note("offered", subject, payload, case, made.recipient, asked.basis))
    return made


def _live(unit: Unit, request: str) -> list[Release]:
    """The releases of a request that are under way or done; the others no longer stand in the way of a new one."""
    return [known for known in store.releases(unit, request=request) if rules.is_live(known.state)]


def _check(offered: Offer, in_time: bool) -> None:
    if not in_time:
        raise BadInput("evidence.expired", "The offer would expire in the past", todo="Choose a later moment.")
    if offered.use != INFORMATION_ONLY:
        raise BadInput("evidence.use", "Only information can be released: evidence proper needs assistance behind it",
                       todo="Offer it as information, or wait for the request for assistance.")  # fmt: skip


def _mine(unit: Unit, issuer: Issuer, item: str) -> Kept:
    """An item that this agency holds, in a case that the person knows."""
    kept = common.find_item(unit, item)
    cases.require(unit, issuer.actor, kept.item.case)
    here = rules.position(link.event for link in common.sound_chain(unit, item))
    if kept.standing != "held" or (here.state, here.holder) != ("held", unit.node):
        raise Conflict("evidence.not-held", f"This agency does not hold the item: it is {kept.standing}", where=item,
                       todo="See: comity evidence show ITEM")  # fmt: skip
    return kept


def _one_case(items: list[Kept]) -> str:
    found = {kept.item.case for kept in items}
    if len(found) != 1:
        raise BadInput("evidence.items", "A release takes one or more items of one case", todo="Release case by case.")
    return found.pop()


def _target(release: Release, items: list[Kept]) -> str:
    """What both persons sign for: any new custody event of an item makes it another target."""
    bound: list[Json] = [kept.head.as_dict() for kept in items]
    return sha256(jcs.canonical({
        "v": 1, "target": "evidence.release", "release": release.id, "request": release.request,
        "recipient": release.recipient, "items": bound, "use": release.use, "expires": rfc3339(release.expires),
    })).hex()  # fmt: skip


def _part(slot: str, acted: Acted) -> JsonObject:
    return {"slot": slot, "unit": acted.actor.unit, "act_hash": acted.act_hash, "auth_hash": acted.auth_hash}


def withdraw(unit: Unit, issuer: Issuer, release: str, reason: str) -> Release:
    """Takes a proposal back before it has left."""
    known = store.find_release(unit, release)
    cases.require(unit, issuer.actor, known.case)
    state = rules.step(rules.RELEASE_STEPS, known.state, "withdraw", known.id)
    subject: JsonObject = {"release": known.id, "reason": reason}
    acted = access.act(unit, issuer, "evidence.withdraw", subject, OFFERERS | APPROVERS)
    store.update_release(unit, known.id, state=state, receipt=b"")
    common.record(unit, acted, common.Note("withdrawn", subject, {}, known.case, known.recipient))
    return store.find_release(unit, known.id)


# --- the release ---------------------------------------------------------------------------------------------------


def release(unit: Unit, vault: Vault, issuer: Issuer, named: str) -> Release:
    """The approver's part, on a release or its request: decided anew under today's law, packed, signed and sent.

    The approver is another person, key and unit than the one who offered (Conflict otherwise) and a member of the case.
    """
    known = _proposed(unit, named)
    cases.require(unit, issuer.actor, known.case)
    rules.step(rules.RELEASE_STEPS, known.state, "release", known.id)
    asked = common.find_request(unit, known.request)
    must_be_open(asked, "asked")
    items = [_mine(unit, issuer, item) for item in known.items]
    if _target(known, items) != known.target or known.expires <= unit.now:
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
    live = _live(unit, named)
    return live[-1] if live else store.find_release(unit, named)


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
        approvals=(known.proposal, _part("release", acted)),
    )  # fmt: skip


def _keys(unit: Unit, chains: dict[str, tuple[Link, ...]]) -> dict[str, tuple[bytes, ...]]:
    """The public keys of every agency that signed an event, as the directory lists them; our own from the key ring."""
    agencies = {link.event.agency for links in chains.values() for link in links}
    members = directory(unit).members
    others: dict[str, tuple[bytes, ...]] = {
        code: (members[code].signing,) for code in agencies if code != unit.node and code in members
    }
    return others | {unit.node: (unit.keys.signing.public.raw,)}


# --- the answer ----------------------------------------------------------------------------------------------------


def on_acceptance(unit: Unit, received: Received, vault: Vault) -> None:
    """The receiver's signed receipt. Verified, it moves custody (or leaves it here), and is countersigned and returned.

    1. It belongs to a release to that partner; 2. it fits the package kept here, byte for byte; 3. receipt and custody
    events are signed under the partner's key in the directory; 4. the offer still stands. The same receipt again gets
    the same answer; another one for the same release is refused. An answer after the lapse moves nothing.
    """
    known = store.find_release(unit, messages.parse_acceptance(received.body))
    if (known.recipient, known.conversation) != (received.sender, received.conversation) or known.package is None:
        raise _unreleased(known)
    envelope = messages.attached(received.attachments, messages.RECEIPT_FILE, messages.ACCEPTANCE)
    signed = receipts.read_receipt(envelope)
    if known.receipt:
        _again(unit, known, signed)
        return
    _check_receipt(unit, vault, known, signed)
    if known.state == "offered" and known.expires < unit.now:
        known = _lapse(unit, known)
    if known.state == "lapsed":
        _answer(unit, known, "lapsed", b"")
        return
    _settle(unit, known, signed)


def _unreleased(known: Release) -> NotFound:
    return NotFound("evidence.release-unknown", "There is no such release to this partner", where=known.id,
                    todo="Answer in the conversation of the package.")  # fmt: skip


def _again(unit: Unit, known: Release, signed: receipts.SignedReceipt) -> None:
    if signed.receipt != receipts.read_receipt(known.receipt).receipt:
        raise Conflict("evidence.answered-differently", f"The release is {known.state} by another receipt",
                       where=known.id, todo="Send the receipt that was signed first.")  # fmt: skip
    _answer(unit, known, known.state, known.receipt)


def _check_receipt(unit: Unit, vault: Vault, known: Release, signed: receipts.SignedReceipt) -> None:
    """Tampered, with the reason, unless the receipt is the partner's and fits the package."""
    if known.package is None:
        raise _unreleased(known)
    sent = open_package(common.stored(unit, vault, known.package, common.key_of(unit, known.case)))
    trouble, _ = receipt_signatures(signed, common.own_trust(unit))
    problems = receipt_problems(signed, sent.digest, sent.manifest, sent.chains) + trouble
    if len(signed.keyids) != 1:
        problems.append("it carries more than the receiver's signature")
    if problems:
        raise Tampered("evidence.receipt", f"The receipt does not hold: {problems[0]}", where=known.id,
                       todo="Sign a receipt for the package as it was sent.")  # fmt: skip


def _settle(unit: Unit, known: Release, signed: receipts.SignedReceipt) -> None:
    receipt = signed.receipt
    accepted = receipt.outcome == "accepted"
    state = rules.step(rules.RELEASE_STEPS, known.state, "accept" if accepted else "refuse", known.id)
    common.adopt(unit, receipt.events)
    if not receipt.events:  # the receiver could not read the chains: the offer comes back by our own event
        _take_back(unit, known, f"refused: {receipt.reason}")
    for item in known.items:
        store.set_standing(unit, item, "given" if accepted else "held")
    if not accepted:
        store.update_request(
            unit, known.request, state="open", reason={"by": known.recipient, "reason": receipt.reason}
        )
    both = receipts.countersign(signed.envelope, unit.keys.signing)
    store.update_release(unit, known.id, state=state, receipt=both)
    subject: JsonObject = {"release": known.id, "recipient": known.recipient}
    payload: JsonObject = {
        "outcome": state, "reason": receipt.reason, "package": receipt.package, "receipt": sha256(both).hex(),
        "custody": common.heads(receipt.events),
    }  # fmt: skip
    kind = "custody-moved" if accepted else "release-refused"
    common.record(unit, None, common.Note(kind, subject, payload, known.case, known.recipient))
    if accepted:
        common.handed_over(unit, known.request)
    _answer(unit, replace(known, state=state), state, both)


def _take_back(unit: Unit, known: Release, why: str) -> list[Link]:
    deed = common.Deed(None, why[:400])
    return [common.happened(unit, "returned", item, deed) for item in known.items]


def _answer(unit: Unit, known: Release, result: str, receipt: bytes) -> None:
    body: JsonObject = {"v": 1, "release": known.id, "result": result}
    asked = common.find_request(unit, known.request)
    told = common.message(asked, messages.COUNTERSIGNED, body, "")
    follow_up(unit, replace(told, attachments={messages.RECEIPT_FILE: receipt} if receipt else {}, case=known.case))


def overdue(unit: Unit) -> list[Release]:
    """The offers whose time is over."""
    return store.due_releases(unit, unit.now)


def lapse(unit: Unit) -> int:
    """Ends what is `overdue`, and says how many: custody never left, a later answer changes nothing."""
    return sum(_lapsed(unit, known) for known in overdue(unit))


def _lapsed(unit: Unit, known: Release) -> bool:
    """Ends one offer by itself: one that cannot end, such as one with a broken chain, holds up no other."""
    return not unit.attempt(f"the offer {known.id} cannot lapse", lambda: _lapse(unit, known))[1]


def _lapse(unit: Unit, known: Release) -> Release:
    state = rules.step(rules.RELEASE_STEPS, known.state, "lapse", known.id)
    store.update_request(unit, known.request, state="open", reason={})
    links = _take_back(unit, known, "the offer lapsed without an acceptance")
    for item in known.items:
        store.set_standing(unit, item, "held")
    store.update_release(unit, known.id, state=state, receipt=b"")
    stop_files(unit, known.message, "evidence.lapsed")
    subject: JsonObject = {"release": known.id, "recipient": known.recipient}
    payload: JsonObject = {"expires": rfc3339(known.expires), "custody": common.heads(links)}
    common.record(unit, None, common.Note("lapsed", subject, payload, known.case, known.recipient))
    return replace(known, state=state)
