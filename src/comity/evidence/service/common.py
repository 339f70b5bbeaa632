"""What every verb of evidence shares: keys, chains, log records, the legal question, the directory as trust."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, cast

from comity.access.model import Acted
from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.base.ids import is_uuid, uuid7
from comity.base.model import Actor, DataKey, Json, JsonObject
from comity.cases import service as cases
from comity.evidence import rules, store
from comity.evidence.model.flow import EvidenceRequest, Kept, Standing
from comity.evidence.model.package import MEASURE, AgencyKey, CustodyEvent, Digest, EvidenceItem, Link, Receipt, Trust
from comity.evidence.wire import custody, manifest
from comity.evidence.wire import receipt as receipts
from comity.exchange.model import Directory, Handling, Message
from comity.exchange.service.directory import directory
from comity.exchange.service.sending import basis_code
from comity.kit.codec import jcs
from comity.kit.codec.parts import Part
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.kit.vault.blobs import Vault
from comity.kit.vault.pieces import Pieces, Window
from comity.legal import service as legal
from comity.legal.model import Decision, Question
from comity.log import service as log
from comity.log.model import Record
from comity.search import service as search

# --- ids and keys -----------------------------------------------------------------------------------------------------


def own_id(unit: Unit, given: str) -> str:
    """`given`, the id that whoever acts has made beforehand, or a new one; BadInput for what is no such id."""
    if given and (not is_uuid(given) or store.release_exists(unit, given)):
        raise BadInput("evidence.own-id", "This id is no new UUID", where=given[:40], todo="Load the page again.")
    return given or uuid7(unit.now)


def key_of(unit: Unit, case: str) -> DataKey:
    """The case's data key; the node's own for a partner's request that belongs to no case of ours yet."""
    return cases.data_key(unit, case) if case else unit.keys.data_key("evidence")


def trust_of(found: Directory, *, pinned: bool) -> Trust:
    """The directory's signing keys as a verifier needs them. A key counts until the directory expires."""
    until = rfc3339(found.expires)
    keys = tuple(
        AgencyKey(code, member.signing, until=until, revoked=member.revoked)
        for code, member in sorted(found.members.items())
    )
    return Trust(found.federation, found.version, found.root, pinned, until, keys)


def own_trust(unit: Unit) -> Trust:
    """Trust in the directory in force on this node, whose root it pinned."""
    return trust_of(directory(unit), pinned=True)


# --- custody -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """Who did something, for what, and under which authorisation (SHA-256; empty where none is needed)."""

    acted: Acted | None
    purpose: str
    authorisation: str = ""
    to: str = ""
    claimed: str = ""
    """When it happened, if that was earlier than now."""


def chain(unit: Unit, item: str) -> tuple[Link, ...]:
    """The item's custody chain as stored; Conflict or Tampered shows in `rules.chain_problems`, not here."""
    return tuple(custody.parse_line(line, f"custody of {item}") for line in store.lines(unit, item))


def sound_chain(unit: Unit, item: str) -> tuple[Link, ...]:
    """The item's chain after checking it; Conflict when it does not hold: then nothing may be built on it."""
    links = chain(unit, item)
    problems = rules.chain_problems(links)
    if problems:
        raise Conflict("evidence.chain-broken", f"The item's custody chain does not hold: {problems[0]}", where=item,
                       todo="Stop; report the incident and compare with the heads in the log.")  # fmt: skip
    return links


def happened(unit: Unit, kind: str, item: str, deed: Deed) -> Link:
    """Adds this agency's own event to an item's chain, signed; Conflict where the rules do not let it follow."""
    return _add(unit, sound_chain(unit, item), draft(unit, kind, item, deed))


_NOTHING: Final = sha256(b"").hex()
"""What is left of an item that was destroyed."""


def draft(unit: Unit, kind: str, item: str, deed: Deed) -> CustodyEvent:
    """An event of this agency that `rules.next_event` still has to link."""
    now = rfc3339(unit.now)
    return CustodyEvent(
        seq=0, prev="", item=item, type=kind, person=deed.acted.actor.person if deed.acted else "", agency=unit.node,
        to=deed.to, claimed=deed.claimed or now, recorded=now, purpose=deed.purpose, authorisation=deed.authorisation,
        before="", after=_NOTHING if kind == "destroyed" else "",
        auth=deed.acted.auth_hash if deed.acted else "", key="",
    )  # fmt: skip


def begin(unit: Unit, item: EvidenceItem, deed: Deed) -> Link:
    """The first event of a chain: collected."""
    first = replace(draft(unit, "collected", item.id, deed), after=item.container.sha256)
    return _add(unit, (), first)


def _add(unit: Unit, links: Sequence[Link], event: CustodyEvent) -> Link:
    link = custody.sign(rules.next_event(links, event), unit.keys.signing)
    store.append_line(unit, event.item, link.event.seq, link.line)
    return link


def adopt(unit: Unit, links: Sequence[Link]) -> None:
    """Stores links that another agency signed; the caller has verified them."""
    for link in links:
        store.append_line(unit, link.event.item, link.event.seq, link.line)


def read_receipt(envelope: bytes) -> Receipt:
    """What a stored receipt says; its signatures were checked when it was stored."""
    return receipts.read_receipt(envelope).receipt


# --- items ---------------------------------------------------------------------------------------------------------


def keep_item(unit: Unit, item: EvidenceItem, origin: str, standing: Standing = "held") -> None:
    """A new row for an item; its record is sealed under the case's key."""
    row = {
        "id": item.id, "case_id": item.case, "origin": origin, "exhibit": item.exhibit,
        "container_sha256": item.container.sha256, "standing": standing, "at": unit.now,
    }  # fmt: skip
    store.insert_item(unit, row, jcs.canonical(item.as_dict()), key_of(unit, item.case))


def find_item(unit: Unit, item: str) -> Kept:
    """An item with its head; NotFound when this node keeps none of that id. The caller checks the need to know."""
    row = store.item_row(unit, item)
    told = jcs.parse(store.open_item(row, key_of(unit, row.case_id)))
    known = replace(manifest.read_item(told, "item"), case=row.case_id)
    return Kept(known, row.origin, row.standing, rules.head_of(chain(unit, item)), row.at)


# --- the log -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """What one act leaves in the log. `basis`: instrument, article and rules hash of the decision it rests on."""

    kind: str
    subject: JsonObject
    payload: JsonObject
    case: str = ""
    peer: str = ""
    basis: JsonObject = field(default_factory=dict)


def record(unit: Unit, acted: Acted | None, note: Note) -> int:
    """Appends the act's one entry; without `acted` the node acted by rule. Events that it names are led to it."""
    instrument, article = note.basis.get("instrument"), note.basis.get("article")
    rules_hash = note.basis.get("rules_hash")
    index = log.append(
        unit,
        Record(
            type=f"evidence.{note.kind}", actor=acted.actor if acted else Actor.system(unit.node),
            subject=note.subject, payload=note.payload, case=note.case or None, peer=note.peer or None,
            legal_basis=basis_code(str(instrument), str(article)) if instrument else None,
            policy_hash=rules_hash if isinstance(rules_hash, str) else None,
            auth_hash=acted.auth_hash if acted else None, key=key_of(unit, note.case),
        ),
    )  # fmt: skip
    told = note.payload.get("custody")
    for head in told if isinstance(told, list) else []:
        if isinstance(head, dict):
            store.set_entry(unit, str(head["item"]), cast(int, head["seq"]), index)
    return index


def heads(links: Sequence[Link]) -> list[Json]:
    """The heads that these links make, for the log: a chain cannot show a missing tail, the log can."""
    return [rules.head_of([link]).as_dict() for link in links]


# --- the law -------------------------------------------------------------------------------------------------------

_HANDLING = Handling("H1")


def facts(offence: JsonObject, category: str, purpose: str) -> JsonObject:
    """The facts of the question: information only, under the handling that such packages carry by default."""
    return {
        "offence": offence, "purpose": purpose, "data_category": category, "handling": _HANDLING.as_dict(),
        "use_as": "information",
    }  # fmt: skip


def question(parties: tuple[str, str], instrument: str | None, on: date, known: JsonObject) -> Question:
    """May the first of `parties`, who asks, have evidence as information from the second?"""
    return Question(MEASURE, parties[0], parties[1], instrument, on, known)


def basis_of(decision: Decision) -> JsonObject:
    """What is kept, logged and sent of a decision: no facts, no findings."""
    return {
        "instrument": decision.instrument, "article": decision.article, "measure": decision.measure,
        "rules_hash": decision.rules_hash, "decision": decision.id,
    }  # fmt: skip


def reason_of(decision: Decision) -> JsonObject:
    """Why the law did not allow: outcome and the findings that decided."""
    return {"outcome": decision.outcome, "findings": [finding.as_dict() for finding in decision.reasons]}


def must_allow(decision: Decision) -> Decision:
    """The decision, or NotAllowed with what would cure it."""
    if decision.outcome != "allow":
        cures = "; ".join(f"{finding.condition}: {finding.cure}" for finding in decision.reasons)
        where = f"{decision.instrument} {decision.article}".strip()
        raise NotAllowed(
            "evidence.refer" if decision.outcome == "refer" else "evidence.deny",
            f"The law says {decision.outcome} for {decision.measure}", where=where, todo=cures or "Consult a lawyer.",
        )  # fmt: skip
    return decision


def decided(unit: Unit, request: EvidenceRequest) -> Decision:
    """The stored decision on which a request stands here."""
    return legal.find_decision(unit, str(request.basis.get("decision")))


def handed_over(unit: Unit, request: str) -> None:
    """Custody has moved, as information only: the query that the request followed is at its end."""
    known = find_request(unit, request)
    if known.about:
        search.evidence_settled(unit, known.about, "information_only", known.id)


# --- contents ----------------------------------------------------------------------------------------------------


def stored(unit: Unit, vault: Vault, content: Digest, key: DataKey) -> Part:
    """A content of the vault, read where it lies."""
    window = Window(Pieces(vault.place(unit, content.sha256, key), content.size, key))
    return Part(content.size, window.read)


# --- messages ------------------------------------------------------------------------------------------------------


def handling_of(request: EvidenceRequest) -> Handling:
    """The handling on which the decision about a request was made."""
    known = request.basis.get("facts")
    return Handling.of(known if isinstance(known, dict) else {})


def message(request: EvidenceRequest, kind: str, body: JsonObject, act_hash: str) -> Message:
    """A message of this request's conversation, with the handling on which the decision was made."""
    return Message(
        type=kind, to=(request.partner,), conversation=request.conversation, body=body, act_hash=act_hash,
        purpose=request.purpose, handling=handling_of(request), case=request.case or None,
    )  # fmt: skip


def find_request(unit: Unit, request: str) -> EvidenceRequest:
    """A request with what is wanted opened; NotFound when this node keeps none of that id."""
    row = store.request_row(unit, request)
    return store.open_request(row, key_of(unit, row.case_id))
