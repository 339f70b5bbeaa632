"""What holds a custody chain, a package and a receipt together. Pure: times are passed in, hashes come with the links.

An item's position follows from its chain alone:

    (nothing) --collected--> held --offered--> offered --accepted, by the offered agency--> held by that agency
                              ^                   |
                              +---- refused by that agency, or returned by the holder ----+
    held --sealed | accessed | copied | derived--> held            held --destroyed--> destroyed

So custody moves with the receiver's own event and with nothing else. An item on offer takes no other event, which
keeps the head that was offered the head that is accepted.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from comity.base.clock import parse_rfc3339
from comity.base.errors import Conflict
from comity.evidence.model.package import (
    EVENT_TYPES,
    AgencyKey,
    Authorisation,
    Check,
    CustodyEvent,
    Digest,
    EvidenceItem,
    Head,
    Link,
    Manifest,
    Receipt,
    Seal,
)

OFFER_LIFETIME: Final = timedelta(days=30)
"""How long an offer stands when nobody says otherwise; afterwards it lapses and custody has not moved."""

RELEASE_STEPS: Final = {
    "proposed": {"release": "offered", "withdraw": "withdrawn"},
    "offered": {"accept": "accepted", "refuse": "refused", "lapse": "lapsed"},
    "accepted": {},
    "refused": {},
    "lapsed": {},
    "withdrawn": {},
}
"""The sender's view of a release. An answer after the lapse changes nothing."""

PARCEL_STEPS: Final = {
    "received": {"accept": "accepted", "refuse": "refused"},
    "accepted": {"countersign": "held", "void": "void"},
    "held": {},
    "refused": {"countersign": "refused"},
    "void": {},
}
"""The receiver's view of a package. `held`: both have signed; `void`: the acceptance came after the offer's lapse."""


def is_live(state: str) -> bool:
    """Whether a release in this state stands in the way of another one for the same request."""
    return state in {"proposed", "offered", "accepted"}


_IN_PLACE: Final = frozenset({"sealed", "accessed", "copied", "derived"})
_CHANGES_BYTES: Final = frozenset({"derived", "destroyed"})


@dataclass(frozen=True)
class Position:
    """Where an item stands: `state` is none, held, offered or destroyed."""

    state: str = "none"
    holder: str = ""
    offered_to: str = ""
    authorisation: str = ""


def after(position: Position, event: CustodyEvent) -> Position:
    """The position that `event` leads to; Conflict, naming the rule, when it may not happen here."""
    moved = _moved(position, event)
    if moved is None:
        act = f"{event.type} by {event.agency}"
        raise Conflict("evidence.custody", f"{act} cannot follow: {_said(position)}", where=event.item,
                       todo=_cure(position))  # fmt: skip
    return moved


def _moved(position: Position, event: CustodyEvent) -> Position | None:  # noqa: PLR0911 - one line per rule
    by_holder = event.agency == position.holder
    match position.state, event.type:
        case "none", "collected":
            return Position("held", event.agency)
        case "held", kind if kind in _IN_PLACE and by_holder:
            return position
        case "held", "offered" if by_holder and event.to not in {"", event.agency}:
            return Position("offered", position.holder, event.to, event.authorisation)
        case "held", "destroyed" if by_holder:
            return Position("destroyed", position.holder)
        case "offered", "accepted" if event.agency == position.offered_to:
            return Position("held", event.agency) if event.authorisation == position.authorisation else None
        case "offered", "refused" if event.agency == position.offered_to:
            return Position("held", position.holder)
        case "offered", "returned" if by_holder:
            return Position("held", position.holder)
    return None


def _said(position: Position) -> str:
    match position.state:
        case "none":
            return "a chain begins with the event collected"
        case "offered":
            return f"it is on offer to {position.offered_to} by {position.holder}"
        case "held":
            return f"it is held by {position.holder}"
    return "it is destroyed"


def _cure(position: Position) -> str:
    if position.state == "offered":
        return f"Wait for the answer of {position.offered_to}, or let the offer lapse."
    return "Look at the item's custody with: comity evidence show ITEM."


def position(events: Iterable[CustodyEvent]) -> Position:
    """Where the item stands after `events`; Conflict at the first event that may not happen."""
    here = Position()
    for event in events:
        here = after(here, event)
    return here


def chain_problems(links: Sequence[Link]) -> list[str]:
    """What is wrong with one item's chain, in the chain's order; empty when it holds. Signatures are checked apart."""
    problems: list[str] = []
    here = Position()
    previous: Link | None = None
    for number, link in enumerate(links):
        problems += [f"event {number}: {text}" for text in _link_problems(number, link.event, previous)]
        moved = _moved(here, link.event)
        if moved is None:
            problems.append(f"event {number}: {link.event.type} by {link.event.agency} cannot follow: {_said(here)}")
        here = moved or here
        previous = link
    return problems or ([] if links else ["the chain is empty"])


def _link_problems(number: int, event: CustodyEvent, previous: Link | None) -> list[str]:
    before = previous.event if previous else None
    problems = []
    if event.seq != number:
        problems.append(f"carries the number {event.seq}")
    if event.prev != (previous.hash if previous else ""):
        problems.append("does not name the hash of the event before it")
    if before and event.item != before.item:
        problems.append("belongs to another item")
    if event.type not in EVENT_TYPES:
        problems.append(f"unknown type {event.type}")
    if event.before != (before.after if before else ""):
        problems.append("does not start from the bytes that the event before it left")
    if before and event.before != event.after and event.type not in _CHANGES_BYTES:
        problems.append(f"{event.type} changes the bytes")
    return problems + _time_problems(event, before)


def _time_problems(event: CustodyEvent, before: CustodyEvent | None) -> list[str]:
    try:
        recorded = parse_rfc3339(event.recorded)
        parse_rfc3339(event.claimed)
        earlier = parse_rfc3339(before.recorded) if before and before.agency == event.agency else recorded
    except ValueError:
        return ["carries a time that is not RFC 3339 with a zone"]
    # Clocks of two agencies may disagree; one agency's own clock may not run backwards.
    return ["is recorded before the event before it"] if recorded < earlier else []


def head_of(links: Sequence[Link]) -> Head:
    """The end of a chain that is not empty."""
    last = links[-1]
    return Head(last.event.item, last.event.seq, last.hash)


def next_event(links: Sequence[Link], draft: CustodyEvent) -> CustodyEvent:
    """`draft` with its number, predecessor's hash and starting bytes filled in; Conflict where it may not follow."""
    last = links[-1] if links else None
    start = last.event.after if last else ""
    linked = replace(
        draft,
        seq=len(links),
        prev=last.hash if last else "",
        before=start,
        after=draft.after if draft.type in _CHANGES_BYTES or last is None else start,
    )
    after(position(link.event for link in links), linked)
    return linked


def seal(digests: Iterable[str]) -> Seal:
    """The Merkle root (RFC 6962, 2.1) over the sorted, distinct container hashes (hex)."""
    leaves = [hashlib.sha256(b"\x00" + bytes.fromhex(digest)).digest() for digest in sorted(set(digests))]
    return Seal(_root(leaves).hex(), len(leaves))


def _root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(leaves[:split]) + _root(leaves[split:])).digest()


def settled_media(container: Digest, kind: str, stated: Digest | None) -> tuple[Digest | None, str]:
    """The media digest and a problem (empty: none). A raw container is its media; others keep what was stated."""
    if kind != "raw":
        return stated, ""
    if stated is not None and stated != container:
        return None, f"the acquiring tool stated {stated.sha256} ({stated.size} bytes), the file has {container.sha256}"
    return container, ""


def binding_problems(manifest: Manifest, authorisation: Authorisation) -> list[str]:
    """Where the release goes beyond what was authorised: parties, scope, use, time."""
    problems = []
    if authorisation.release != manifest.release:
        problems.append("the authorisation is for another release")
    if (authorisation.releasing, authorisation.recipient) != (manifest.releasing, manifest.recipient):
        problems.append(f"it authorises {authorisation.releasing} to {authorisation.recipient}")
    if sorted(authorisation.items) != sorted(item.id for item in manifest.items):
        problems.append("the items are not exactly those authorised")
    if authorisation.use != manifest.use:
        problems.append(f"it authorises the use {authorisation.use}")
    if not authorisation.purpose:
        problems.append("it names no purpose")
    if not _in_time(manifest.released, authorisation.expires):
        problems.append(f"it expired at {authorisation.expires}, before the release")
    return problems + _approval_problems(authorisation)


def _approval_problems(authorisation: Authorisation) -> list[str]:
    units = [approval.get("unit") for approval in authorisation.approvals]
    proofs = [approval.get("auth_hash") for approval in authorisation.approvals]
    if len(units) < 2 or len(set(map(str, units))) < 2 or len(set(map(str, proofs))) < 2:
        return ["it was not approved by two persons of different units"]
    return [] if authorisation.decision.get("outcome") == "allow" else ["the legal decision does not allow it"]


def _in_time(moment: str, limit: str) -> bool:
    try:
        return parse_rfc3339(moment) <= parse_rfc3339(limit)
    except ValueError:
        return False


def offer_problems(manifest: Manifest, item: EvidenceItem, links: Sequence[Link]) -> list[str]:
    """Whether the chain ends in exactly the offer that this package makes."""
    last = links[-1].event
    here = (last.type, last.agency, last.to, last.authorisation)
    if here != ("offered", manifest.releasing, manifest.recipient, manifest.authorisation):
        return [f"the chain does not end with the offer to {manifest.recipient} under this authorisation"]
    if last.after != item.container.sha256:
        return ["the chain ends with other bytes than the item's"]
    return []


def key_problem(key: AgencyKey, moment: str) -> str:
    """Why `key` does not count for an act at `moment` (RFC 3339); empty when it does."""
    if key.revoked:
        return f"the directory lists the key of {key.code} as revoked"
    try:
        at = parse_rfc3339(moment)
        if key.since and at < parse_rfc3339(key.since):
            return f"the key of {key.code} was not valid before {key.since}"
        if key.until and at > parse_rfc3339(key.until):
            return f"the key of {key.code} was not valid after {key.until}"
    except ValueError:
        return f"the time {moment!r} is not RFC 3339 with a zone"
    return ""


def receipt_problems(
    receipt: Receipt, digest: str, manifest: Manifest, chains: dict[str, tuple[Link, ...]]
) -> list[str]:
    """Where a receipt does not fit the package with the SHA-256 `digest`."""
    problems = []
    if receipt.package != digest:
        problems.append("it names another package")
    if (receipt.release, receipt.sender, receipt.receiver) != (
        manifest.release,
        manifest.releasing,
        manifest.recipient,
    ):
        problems.append("it names another release or other parties")
    # Who refuses a package that could not be read has no heads to name.
    unread = receipt.outcome == "refused" and not receipt.rehash and not receipt.custody and not receipt.events
    if not unread and sorted(receipt.custody, key=_by_item) != sorted(manifest.heads, key=_by_item):
        problems.append("it names other custody heads")
    if receipt.outcome == "accepted":
        problems += _acceptance_problems(receipt, manifest)
    for event in receipt.events:
        chain = chains.get(event.event.item, ())
        problems += chain_problems([*chain, event])[:1]
        if (event.event.type, event.event.agency) != (receipt.outcome, receipt.receiver):
            problems.append("its custody event says something else")
    return problems


def _acceptance_problems(receipt: Receipt, manifest: Manifest) -> list[str]:
    problems = []
    if not receipt.rehash:
        problems.append("it accepts without a successful re-hash")
    listed = {item.container.sha256: item.container.size for item in manifest.items}
    if {entry.sha256: entry.size for entry in receipt.objects} != listed:
        problems.append("the receiver's own hashes are not those of the package's objects")
    if sorted(link.event.item for link in receipt.events) != sorted(item.id for item in manifest.items):
        problems.append("it does not carry one custody event for each item")
    return problems


def _by_item(head: Head) -> str:
    return head.item


def step(table: dict[str, dict[str, str]], state: str, event: str, where: str) -> str:
    """The next state; Conflict when `event` may not happen in `state`."""
    allowed = table[state]
    if event not in allowed:
        raise Conflict(f"evidence.already-{state}" if not allowed else "evidence.state",
                       f"Cannot {event}: it is already {state}", where=where,
                       todo=f"Possible now: {', '.join(sorted(allowed)) or 'nothing more'}.")  # fmt: skip
    return allowed[event]


def first_failure(checks: Sequence[Check]) -> Check | None:
    """The first step that failed, or None."""
    return next((check for check in checks if not check.ok), None)


def time_problem(start: str, end: str) -> str:
    """What is wrong with an acquisition's times (RFC 3339 with a zone, or empty); empty when nothing is."""
    try:
        moments = [parse_rfc3339(text) for text in (start, end) if text]
    except ValueError:
        return "a time is not RFC 3339 with a zone, such as 2026-03-02T09:30:00Z"
    return "it ended before it started" if moments != sorted(moments) else ""
