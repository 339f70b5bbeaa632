"""What a member of a case may see of its evidence, and the files that may be carried to a verifier."""

from comity.access import service as access
from comity.base.errors import Conflict, NotAllowed, NotFound
from comity.base.model import Issuer, Json, JsonObject
from comity.cases import service as cases
from comity.evidence import rules, store
from comity.evidence.model.flow import EvidenceRequest, Exported, Kept, Parcel, Release
from comity.evidence.model.package import Digest
from comity.evidence.service import common
from comity.evidence.service.taking import items
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.kit.vault.blobs import Vault
from comity.log import service as log

EXPORTERS = frozenset({"custodian", "examiner", "officer", "approver"})
TRIAGERS = frozenset({"officer", "custodian", "approver", "lawyer"})
"""Who may read what partners ask for, which belongs to no case here; each reading is an act with its entry."""


def overview(unit: Unit, issuer: Issuer, case: str | None = None) -> JsonObject:
    """A case's items, requests, releases and packages; without a case, the requests that partners have sent."""
    if case is None:
        triage(unit, issuer, {"requests": "all"})
        asked = [common.find_request(unit, row.id).as_dict() for row in store.request_rows(unit, None)]
        return {"requests": list[Json](asked)}
    known = cases.require(unit, issuer.actor, case)
    return {
        "case": known.id,
        "items": [kept.as_dict() for kept in items(unit, issuer, known.id)],
        "requests": [common.find_request(unit, row.id).as_dict() for row in store.request_rows(unit, known.id)],
        "releases": [release.as_dict() for release in store.releases(unit, case_id=known.id)],
        "packages": [parcel.as_dict() for parcel in store.parcels(unit, case_id=known.id)],
    }


def triage(unit: Unit, issuer: Issuer, subject: JsonObject) -> None:
    """The act of reading what partners ask for, with its entry."""
    acted = access.act(unit, issuer, "evidence.view-requests", subject, TRIAGERS)
    common.record(unit, acted, common.Note("requests-viewed", subject, {}))


def progress(unit: Unit, named: str) -> JsonObject:
    """Where a request, release, package or item stands, in codes and hashes alone: needs no sign-in, shows no content.

    `stage` of a request: open, referred, refused; then proposed, offered, accepted, lapsed (asked side) or received,
    accepted, countersigned, void (asking side). `custody`: the agency that holds the item or items now.
    """
    if store.request_exists(unit, named):
        row = store.request_row(unit, named)
        answers = store.releases(unit, request=named) if row.side == "asked" else store.parcels(unit, request=named)
        base: JsonObject = {"request": named, "side": row.side, "partner": row.partner, "state": row.state}
        if row.state == "refused" or not answers:
            holder = row.partner if row.side == "asking" else unit.node
            return base | {"what": "request", "stage": row.state, "custody": holder}
        return base | _progress(unit, answers[-1])
    if store.item_exists(unit, named):
        kept = store.item_row(unit, named)
        here = rules.position(link.event for link in common.sound_chain(unit, named))
        return {"what": "item", "item": named, "stage": kept.standing, "custody": here.holder}
    found: list[Release | Parcel] = [*store.releases(unit, id=named), *store.parcels(unit, id=named)]
    if not found:
        raise unknown(named)
    return _progress(unit, found[-1])


def _progress(unit: Unit, answer: Release | Parcel) -> JsonObject:
    package = answer.package.as_dict() if answer.package else None
    if isinstance(answer, Release):
        custody, what, stage = answer.recipient if answer.custody_moved else unit.node, "release", answer.state
    else:
        custody, what = unit.node if answer.custody_moved else answer.sender, "package"
        stage = "countersigned" if answer.state == "held" else answer.state
    return {"what": what, "release": answer.id, "stage": stage, "custody": custody, "package": package}


def detail(unit: Unit, issuer: Issuer, named: str) -> JsonObject:
    """One item with its custody chain, or one request, release or package, whatever has that id: `what` tells which."""
    for what, find in (("request", _request), ("release", _release), ("package", _package), ("item", item)):
        try:
            return {"what": what} | find(unit, issuer, named)
        except NotFound as error:
            if not error.code.startswith("evidence."):
                raise
    raise unknown(named)


def detail_in_case(unit: Unit, issuer: Issuer, named: str) -> JsonObject | None:
    """As `detail`, of what belongs to a case, which is read without an act: an item, release or package; else None."""
    if store.request_exists(unit, named):
        return None
    return detail(unit, issuer, named)


def unknown(named: str) -> NotFound:
    """What is said of an id that names nothing here, or nothing of the reader's."""
    if not named.strip():
        return NotFound("evidence.no-id", "The id of an item, request, release or package is missing",
                        todo="Take it from: comity evidence list --case CASE")  # fmt: skip
    return NotFound("evidence.unknown", "This node keeps no evidence, request or package of that id", where=named[:80],
                    todo="See: comity evidence list --case CASE")  # fmt: skip


def _request(unit: Unit, issuer: Issuer, named: str) -> JsonObject:
    known = common.find_request(unit, named)
    if known.case:
        cases.require(unit, issuer.actor, known.case, unknown(named))
    else:
        try:
            triage(unit, issuer, {"request": known.id})
        except NotAllowed as error:
            raise error.hidden(unknown(named)) from None
    found = store.releases(unit, request=named) if known.side == "asked" else store.parcels(unit, request=named)
    return known.as_dict() | _handled(known) | {"answers": [answer.as_dict() for answer in found]}


def _release(unit: Unit, issuer: Issuer, named: str) -> JsonObject:
    known = store.find_release(unit, named)
    cases.require(unit, issuer.actor, known.case, unknown(named))
    return known.as_dict() | _handled(common.find_request(unit, known.request))


def _package(unit: Unit, issuer: Issuer, named: str) -> JsonObject:
    known = store.find_parcel(unit, named)
    cases.require(unit, issuer.actor, known.case, unknown(named))
    return known.as_dict() | _handled(common.find_request(unit, known.request))


def _handled(known: EvidenceRequest) -> JsonObject:
    return {"handling": common.handling_of(known).as_dict()}


def item(unit: Unit, issuer: Issuer, named: str) -> JsonObject:
    """An item with its case, holder and custody chain, for a member of its case."""
    kept = common.find_item(unit, named)
    case = cases.require(unit, issuer.actor, kept.item.case, unknown(named))
    if unit.writes:
        access.looked(unit, issuer.actor, f"evidence:{kept.item.id}", kept.standing)
    links, entries = common.sound_chain(unit, named), store.entries_of(unit, named)
    events: list[Json] = [
        {
            "seq": link.event.seq, "type": link.event.type, "agency": link.event.agency, "person": link.event.person,
            "to": link.event.to, "claimed": link.event.claimed, "recorded": link.event.recorded,
            "purpose": link.event.purpose, "hash": link.hash, "entry": entries.get(link.event.seq),
        }
        for link in links
    ]  # fmt: skip
    holder = rules.position(link.event for link in links).holder
    return kept.as_dict() | {
        "reference": case.reference, "holder": holder, "events": events, "seal": _seal(unit, kept, entries),
    }  # fmt: skip


def seal_of(unit: Unit, issuer: Issuer, item: str) -> str:
    """The seal of an item, for a label: what `_seal` says. For members of its case; NotFound for any other id."""
    if not store.item_exists(unit, item):
        raise unknown(item)
    kept = common.find_item(unit, item)
    cases.require(unit, issuer.actor, kept.item.case, unknown(item))
    return _seal(unit, kept, store.entries_of(unit, item))


def _seal(unit: Unit, kept: Kept, entries: dict[int, int]) -> str:
    """A line each: ``comity-seal/1``, the node, the item, the container's SHA-256, the number and hash of the chain's
    head, and the number and leaf hash of the log entry that tells of it (two hyphens where an older node kept none)."""
    entry = entries.get(kept.head.seq)
    leaf = log.entry(unit, entry).leaf_hash.hex() if entry is not None else "-"
    return "\n".join([
        "comity-seal/1", unit.node, kept.item.id, f"sha256 {kept.item.container.sha256}",
        f"custody {kept.head.seq} {kept.head.hash}", f"log {'-' if entry is None else entry} {leaf}",
    ])  # fmt: skip


def export(unit: Unit, vault: Vault, issuer: Issuer, named: str) -> Exported:
    """The package of a release (or the newest one with this item) and its receipt, to be carried away; logged.

    An item that this agency holds and has not on offer gets the custody event `copied`.
    """
    release, case, digest, receipt, held = _packed(unit, named)
    cases.require(unit, issuer.actor, case, _no_package(named))
    subject: JsonObject = {"release": release, "package": digest.sha256}
    acted = access.act(unit, issuer, "evidence.export", subject, EXPORTERS)
    data = common.stored(unit, vault, digest, common.key_of(unit, case))
    deed = common.Deed(acted, "exported as a file")
    links = [common.happened(unit, "copied", item, deed) for item in held]
    payload: JsonObject = {"custody": common.heads(links), "receipt": sha256(receipt).hex() if receipt else ""}
    common.record(unit, acted, common.Note("exported", subject, payload, case))
    return Exported(release, data, digest.sha256, receipt)


def _packed(unit: Unit, named: str) -> tuple[str, str, Digest, bytes, list[str]]:
    """Release, case, package digest, receipt, and the items of the package that this agency holds."""
    sent = [known for known in _releases_of(unit, named) if known.package]
    if sent and sent[-1].package:
        known = sent[-1]
        return known.id, known.case, sent[-1].package, known.receipt, _held(unit, known.items)
    came = _parcels_of(unit, named)
    if not came:
        raise _no_package(named)
    parcel = came[-1]
    if parcel.problem:
        raise Conflict("evidence.damaged", f"The package does not hold: {parcel.problem}", where=parcel.id,
                       todo=f"Refuse it: comity evidence refuse {parcel.id}")  # fmt: skip
    return parcel.id, parcel.case, parcel.package, parcel.receipt, _held(unit, _accepted_items(parcel.receipt))


def _no_package(named: str) -> NotFound:
    return NotFound("evidence.no-package", "There is no package with that release, request or item", where=named[:80],
                    todo="Release the item first; see: comity evidence show ITEM")  # fmt: skip


def _releases_of(unit: Unit, named: str) -> list[Release]:
    """Releases by their own id, their request's, or an item's."""
    found = store.releases(unit, id=named) or store.releases(unit, request=named)
    if found or not store.item_exists(unit, named):
        return found
    case = store.item_row(unit, named).case_id
    return [known for known in store.releases(unit, case_id=case) if named in known.items]


def _parcels_of(unit: Unit, named: str) -> list[Parcel]:
    found = store.parcels(unit, id=named) or store.parcels(unit, request=named)
    if found or not store.item_exists(unit, named):
        return found
    case = store.item_row(unit, named).case_id
    return [known for known in store.parcels(unit, case_id=case) if named in _accepted_items(known.receipt)]


def _accepted_items(receipt: bytes) -> tuple[str, ...]:
    if not receipt:
        return ()
    told = common.read_receipt(receipt)
    return tuple(link.event.item for link in told.events) if told.outcome == "accepted" else ()


def _held(unit: Unit, named: tuple[str, ...]) -> list[str]:
    here = [item for item in named if store.item_exists(unit, item)]
    return [item for item in here if common.find_item(unit, item).standing == "held"]
