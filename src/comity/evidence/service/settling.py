"""The answer to released evidence, or its absence: the offer lapses.

Custody moves in `on_acceptance` and nowhere else: when the receiver's signed receipt, with its own custody events after
its own re-hash, has been verified against the package that this node keeps.
"""

from dataclasses import replace

from comity.base.clock import rfc3339
from comity.base.errors import Conflict, NotFound, Tampered
from comity.base.model import JsonObject
from comity.evidence import rules, store
from comity.evidence.model.flow import Release
from comity.evidence.model.package import Link
from comity.evidence.service import common
from comity.evidence.wire import messages
from comity.evidence.wire import receipt as receipts
from comity.evidence.wire.verify import open_package, receipt_problems, receipt_signatures
from comity.exchange.model import Received
from comity.exchange.service.filing import stop_files
from comity.exchange.service.sending import follow_up
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.kit.vault.blobs import Vault


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
