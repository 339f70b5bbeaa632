"""Accepting evidence: re-hash the package ourselves, only then sign for it, or refuse and sign that.

Until a person here has signed, custody is the sender's. With the sender's countersignature both sides hold the same
receipt and the same chain, and the items enter this node's own file; an acceptance after the lapse changes nothing
there.
"""

from dataclasses import replace

from comity.access import service as access
from comity.access.model import Acted
from comity.base.clock import rfc3339
from comity.base.errors import Conflict, NotFound, Tampered
from comity.base.model import Issuer, JsonObject
from comity.cases import service as cases
from comity.evidence import rules, store
from comity.evidence.model.flow import Parcel
from comity.evidence.model.package import Link, Outcome, Package, Receipt
from comity.evidence.service import common
from comity.evidence.wire import custody, messages
from comity.evidence.wire import receipt as receipts
from comity.evidence.wire.verify import open_package, receipt_signatures, verify_package
from comity.exchange.model import Received
from comity.exchange.service.handling import handled
from comity.exchange.service.sending import follow_up
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.kit.vault.blobs import Vault

RECEIVERS = frozenset({"custodian", "examiner"})


# --- accept or refuse ----------------------------------------------------------------------------------------------


def accept(unit: Unit, vault: Vault, issuer: Issuer, named: str) -> Parcel:
    """Accepts a package, named by its release or our request, after this node's own re-hash: custody is ours from here.

    Tampered when anything about it does not hold: then only `refuse` is left. Conflict when it was answered before.
    """
    parcel = _parcel(unit, named)
    cases.require(unit, issuer.actor, parcel.case, store.unknown("package", named))
    state = rules.step(rules.PARCEL_STEPS, parcel.state, "accept", parcel.id)
    opened = _rehashed(unit, vault, parcel)
    for item, links in opened.chains.items():
        _missing(unit, item, links)
    subject = _subject(parcel, "accepted")
    acted = access.act(unit, issuer, "evidence.accept", subject, RECEIVERS)
    receipt = _receipt(unit, acted, parcel, ("accepted", ""))
    receipt = replace(
        receipt, rehash=True, objects=tuple(item.container for item in opened.manifest.items),
        custody=opened.manifest.heads, events=_sign_events(unit, acted, opened, "accepted"),
    )  # fmt: skip
    return _sign(unit, acted, (parcel, state), receipt)


def _rehashed(unit: Unit, vault: Vault, parcel: Parcel) -> Package:
    """The package read back from our vault and verified again, whatever was found when it came."""
    data = common.stored(unit, vault, parcel.package, common.key_of(unit, parcel.case))
    found = verify_package(data, common.own_trust(unit))
    failure = rules.first_failure(found.checks)
    problem = f"{failure.file}: {failure.detail}" if failure else parcel.problem
    if problem:
        raise Tampered("evidence.package", f"The package does not hold: {problem}", where=parcel.id,
                       todo=f"Refuse it: comity evidence refuse {parcel.id}")  # fmt: skip
    opened = open_package(data)
    if opened.authorisation.expires < rfc3339(unit.now):
        raise Conflict("evidence.lapsed", f"The offer lapsed at {opened.authorisation.expires}", where=parcel.id,
                       todo=f"Ask {parcel.sender} to release it anew.")  # fmt: skip
    return opened


def _missing(unit: Unit, item: str, links: tuple[Link, ...]) -> tuple[Link, ...]:
    """The links that we do not have yet; Conflict when the item was here before and its chain was rewritten since."""
    mine = common.chain(unit, item)
    if links[: len(mine)] != mine:
        raise Conflict("evidence.chain-forked", "The package's custody chain is not a continuation of ours", where=item,
                       todo="Refuse the package and ask the sender which history is true.")  # fmt: skip
    return links[len(mine) :]


def refuse(unit: Unit, vault: Vault, issuer: Issuer, named: str, reason: str) -> Parcel:
    """Refuses a package with a signed receipt that says why; custody stays with the sender."""
    parcel = _parcel(unit, named)
    cases.require(unit, issuer.actor, parcel.case, store.unknown("package", named))
    state = rules.step(rules.PARCEL_STEPS, parcel.state, "refuse", parcel.id)
    acted = access.act(unit, issuer, "evidence.refuse", _subject(parcel, "refused") | {"reason": reason}, RECEIVERS)
    receipt = _receipt(unit, acted, parcel, ("refused", reason))
    if not parcel.problem:  # a damaged package has no chain to which an event could be added
        opened = open_package(common.stored(unit, vault, parcel.package, common.key_of(unit, parcel.case)))
        receipt = replace(
            receipt, rehash=True, objects=tuple(item.container for item in opened.manifest.items),
            custody=opened.manifest.heads, events=_sign_events(unit, acted, opened, "refused"),
        )  # fmt: skip
    store.update_request(unit, parcel.request, state="open", reason={"by": unit.node, "reason": reason})
    return _sign(unit, acted, (parcel, state), receipt)


def _parcel(unit: Unit, named: str) -> Parcel:
    """The parcel of this release, or the newest one that answers this request."""
    answers = store.parcels(unit, request=named)
    return answers[-1] if answers else store.find_parcel(unit, named)


def _subject(parcel: Parcel, outcome: Outcome) -> JsonObject:
    return {
        "release": parcel.id, "request": parcel.request, "sender": parcel.sender, "package": parcel.package.sha256,
        "outcome": outcome,
    }  # fmt: skip


def _sign_events(unit: Unit, acted: Acted, opened: Package, kind: str) -> tuple[Link, ...]:
    """This agency's event at the end of each chain of the package."""
    granted = opened.authorisation
    deed = common.Deed(acted, granted.purpose, opened.manifest.authorisation)
    return tuple(
        custody.sign(rules.next_event(links, common.draft(unit, kind, item, deed)), unit.keys.signing)
        for item, links in sorted(opened.chains.items())
    )


def _receipt(unit: Unit, acted: Acted, parcel: Parcel, word: tuple[Outcome, str]) -> Receipt:
    outcome, reason = word
    return Receipt(
        release=parcel.id, package=parcel.package.sha256, sender=parcel.sender, receiver=unit.node, outcome=outcome,
        reason=reason, at=rfc3339(unit.now), rehash=False, objects=(), custody=(), events=(), auth=acted.auth_hash,
    )  # fmt: skip


def _sign(unit: Unit, acted: Acted, move: tuple[Parcel, str], receipt: Receipt) -> Parcel:
    """Signs and keeps the receipt, logs the act, and sends the receipt to the sender."""
    parcel, state = move
    envelope = receipts.sign_receipt(receipt, unit.keys.signing)
    store.update_parcel(unit, parcel.id, state=state, receipt=envelope)
    asked = common.find_request(unit, parcel.request)
    payload: JsonObject = {
        "receipt": sha256(envelope).hex(), "reason": receipt.reason, "rehash": receipt.rehash,
        "custody": common.heads(receipt.events),
    }  # fmt: skip
    note = common.Note(
        receipt.outcome, _subject(parcel, receipt.outcome), payload, parcel.case, parcel.sender, asked.basis
    )
    common.record(unit, acted, note)
    body: JsonObject = {"v": 1, "release": parcel.id, "outcome": receipt.outcome}
    told = common.message(asked, messages.ACCEPTANCE, body, acted.act_hash)
    follow_up(unit, replace(told, attachments={messages.RECEIPT_FILE: envelope}))
    handled(unit, parcel.sender, parcel.message)
    return store.find_parcel(unit, parcel.id)


def on_countersigned(unit: Unit, received: Received, vault: Vault) -> None:
    """The sender's word on our receipt: countersigned, so the items are ours; or lapsed, so nothing moved."""
    release, result = messages.parse_countersigned(received.body)
    parcel = store.find_parcel(unit, release)
    if (parcel.sender, parcel.conversation) != (received.sender, received.conversation) or not parcel.receipt:
        raise NotFound("evidence.package-unknown", "There is no receipt of ours for this package", where=release,
                       todo="Answer in the conversation of the package.")  # fmt: skip
    if result == "lapsed":
        _void(unit, parcel)
        return
    envelope = messages.attached(received.attachments, messages.RECEIPT_FILE, messages.COUNTERSIGNED)
    if envelope == parcel.receipt:
        return  # the same word again
    _check_countersignature(unit, parcel, envelope)
    state = rules.step(rules.PARCEL_STEPS, parcel.state, "countersign", parcel.id)
    store.update_parcel(unit, parcel.id, state=state, receipt=envelope)
    payload: JsonObject = {"receipt": sha256(envelope).hex(), "result": result}
    if state == "held":
        payload["custody"] = common.heads(_take_over(unit, vault, parcel))
        common.handed_over(unit, parcel.request)
    subject: JsonObject = {"release": parcel.id, "sender": parcel.sender}
    common.record(unit, None, common.Note("countersigned", subject, payload, parcel.case, parcel.sender))


def _check_countersignature(unit: Unit, parcel: Parcel, envelope: bytes) -> None:
    signed, mine = receipts.read_receipt(envelope), receipts.read_receipt(parcel.receipt)
    problems, countersigned = receipt_signatures(signed, common.own_trust(unit))
    if signed.receipt != mine.receipt:
        problems.append("it is not the receipt that we signed")
    if not countersigned:
        problems.append("the sender has not signed it")
    if problems:
        raise Tampered("evidence.receipt", f"The countersigned receipt does not hold: {problems[0]}", where=parcel.id,
                       todo="Countersign the receipt as it was sent.")  # fmt: skip


def _take_over(unit: Unit, vault: Vault, parcel: Parcel) -> tuple[Link, ...]:
    """The items enter our own file: bytes into the vault, record, the sender's chain and our acceptance behind it.

    Answers the acceptances, with which custody is ours."""
    key = common.key_of(unit, parcel.case)
    opened = open_package(common.stored(unit, vault, parcel.package, key))
    ours = {link.event.item: link for link in common.read_receipt(parcel.receipt).events}
    for item in opened.manifest.items:
        new = _missing(unit, item.id, opened.chains[item.id])
        if store.item_exists(unit, item.id):
            store.set_standing(unit, item.id, "held")
        else:
            vault.put(unit, opened.objects[item.container.sha256].pieces(), key)
            common.keep_item(unit, replace(item, case=parcel.case), parcel.sender)
        common.adopt(unit, [*new, ours[item.id]])
    return tuple(ours[item.id] for item in opened.manifest.items)


def _void(unit: Unit, parcel: Parcel) -> None:
    """Our acceptance came after the lapse: custody never moved, and the request stands again."""
    state = rules.step(rules.PARCEL_STEPS, parcel.state, "void", parcel.id)
    store.update_parcel(unit, parcel.id, state=state, receipt=parcel.receipt)
    store.update_request(unit, parcel.request, state="open", reason={"by": parcel.sender, "reason": "lapsed"})
    subject: JsonObject = {"release": parcel.id, "sender": parcel.sender}
    common.record(unit, None, common.Note("void", subject, {}, parcel.case, parcel.sender))
