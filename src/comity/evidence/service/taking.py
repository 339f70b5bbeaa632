"""Taking evidence in: hashed while it is sealed under the case's data key, with the first two custody events."""

from collections.abc import Iterable

from comity.access import service as access
from comity.base.errors import BadInput, Conflict
from comity.base.ids import uuid7
from comity.base.model import Issuer, JsonObject
from comity.cases import service as cases
from comity.evidence import rules, store
from comity.evidence.model.flow import Kept
from comity.evidence.model.package import CONTAINER_KINDS, SENSITIVITIES, Details, Digest, EvidenceItem
from comity.evidence.service import common
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Staged, Vault

TAKERS = frozenset({"custodian", "examiner", "officer"})
PURPOSE = "taken in for the case"


def stage(database: Database, vault: Vault, issuer: Issuer, case: str, content: Iterable[bytes]) -> Staged:
    """Hashes and seals a large content before the write unit opens, so that it does not hold up the node.

    Reads what it needs (the person's need to know, the case's key) in a unit of its own. A content that is then never
    taken in is swept after a day.
    """
    with database.read("evidence.stage") as unit:
        key = cases.data_key(unit, cases.require(unit, issuer.actor, case).id)
    return vault.stage(content, key)


def take_in(
    unit: Unit, vault: Vault, issuer: Issuer, content: tuple[str, Staged | Iterable[bytes]], details: Details
) -> Kept:
    """Takes an exhibit in. `content`: the case, and what `stage` sealed for it or, for small ones, the pieces.

    The container's SHA-256 is computed while its bytes are sealed. BadInput for details that cannot be, or a stated
    media hash that the file does not have; Conflict when the case holds the same bytes or exhibit number already.
    """
    case, staged = _sealed(unit, vault, issuer, content)
    container = Digest(staged.ref.id, staged.ref.size)
    item = _item(unit, case, details, container)
    subject: JsonObject = {"item": item.id, "case": case, "exhibit": item.exhibit, "container": container.as_dict()}
    acted = access.act(unit, issuer, "evidence.take-in", subject, TAKERS)
    vault.keep(unit, staged)
    common.keep_item(unit, item, unit.node)
    when = details.acquisition.end or details.acquisition.start
    first = common.begin(unit, item, common.Deed(acted, PURPOSE, claimed=when))
    last = common.happened(unit, "sealed", item.id, common.Deed(acted, PURPOSE))
    payload: JsonObject = {
        "kind": item.kind, "media": item.media.as_dict() if item.media else None,
        "seal": rules.seal([container.sha256]).root, "custody": common.heads([first, last]),
    }  # fmt: skip
    common.record(unit, acted, common.Note("taken-in", subject, payload, case))
    return common.find_item(unit, item.id)


def _sealed(
    unit: Unit, vault: Vault, issuer: Issuer, content: tuple[str, Staged | Iterable[bytes]]
) -> tuple[str, Staged]:
    """The case's id and the staged content; the person has a need to know the case."""
    named, pieces = content
    case = cases.require(unit, issuer.actor, named)
    key = cases.data_key(unit, case.id)
    staged = pieces if isinstance(pieces, Staged) else vault.stage(pieces, key)
    if staged.key != key:
        raise Conflict("evidence.other-case", "The content was sealed for another case", todo="Stage it for this one.")
    return case.id, staged


def _item(unit: Unit, case: str, details: Details, container: Digest) -> EvidenceItem:
    _check(details)
    media, problem = rules.settled_media(container, details.container_kind, details.media)
    if problem:
        raise BadInput("evidence.media-hash", f"The media hash does not belong to this file: {problem}",
                       todo="Compare with the acquisition report; take in the file that was acquired.")  # fmt: skip
    known = store.same_container(unit, case, container.sha256)
    if known is not None:
        raise Conflict("evidence.known", "This case holds an exhibit with the same bytes already", where=known,
                       todo=f"See: comity evidence show {known}")  # fmt: skip
    exhibit = details.exhibit or f"{unit.node}-{store.count_items(unit, case, unit.node) + 1}"
    if store.exhibit_taken(unit, case, unit.node, exhibit):
        raise Conflict(
            "evidence.exhibit-taken", f"Exhibit {exhibit} exists in this case", todo="Choose another number."
        )
    return EvidenceItem(
        id=uuid7(unit.now), case=case, exhibit=exhibit, root_exhibit=details.root_exhibit, kind=details.kind,
        container_kind=details.container_kind, container=container, media=media, source=details.source,
        time_zone_basis=details.time_zone_basis, sensitivity=details.sensitivity, acquisition=details.acquisition,
    )  # fmt: skip


def _check(details: Details) -> None:
    """BadInput for what no exhibit can be."""
    wrong = (
        "the kind is missing" if not details.kind
        else "the source is missing" if not details.source
        else f"the container is none of {', '.join(CONTAINER_KINDS)}" if details.container_kind not in CONTAINER_KINDS
        else f"the sensitivity is none of {', '.join(SENSITIVITIES)}" if details.sensitivity not in SENSITIVITIES
        else "a text is too long" if any(len(text) > limit for text, limit in _lengths(details))
        else "a text of one line holds signs that cannot be shown" if not all(
            text.isprintable() for text in (details.exhibit, details.root_exhibit, details.kind)
        )
        else rules.time_problem(details.acquisition.start, details.acquisition.end)
    )  # fmt: skip
    if wrong:
        raise BadInput("evidence.details", f"The exhibit cannot be taken in: {wrong}",
                       todo="See: comity evidence take-in --help")  # fmt: skip


def _lengths(details: Details) -> list[tuple[str, int]]:
    said = details.acquisition
    return [
        (details.exhibit, 64), (details.root_exhibit, 64), (details.kind, 64), (details.source, 2000),
        (details.time_zone_basis, 64), (said.method, 200), (said.operator, 200), (said.tool, 200),
    ]  # fmt: skip


def items(unit: Unit, issuer: Issuer, case: str) -> list[Kept]:
    """The items of a case, for a member of it, in the order in which they came."""
    known = cases.require(unit, issuer.actor, case)
    return [common.find_item(unit, row.id) for row in store.item_rows(unit, known.id)]
