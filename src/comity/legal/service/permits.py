"""Permits: made here and nowhere else; every check believes the store, not the object that it was handed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Final

from comity.base.errors import BadInput, NotAllowed
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import Decision, Permit, Use
from comity.legal.service.deciding import find_decision

PERMIT_HOURS: Final = 24
"""How long a permit lives: long enough for an approver's shift, short enough that law and facts are still those."""


def permit(
    unit: Unit, decision: Decision, act_hash: str, recipients: tuple[str, ...],
    fulfilled: Mapping[str, str] | None = None,
) -> Permit:  # fmt: skip
    """A permit for the act with this hash (64 hex characters), for the decision's partner only.

    On the asked side every requirement of the decision must be `fulfilled`: requirement -> the hash of the act that
    fulfilled it (such as the judge's signed act). NotAllowed unless the stored decision is an allow and all holds.
    """
    stored = store.made_here(unit, decision.id) or find_decision(unit, decision.id)
    _may_be_permitted(stored, recipients, act_hash)
    proofs: JsonObject = {code: proof for code, proof in (fulfilled or {}).items() if proof}
    missing = [code for code in stored.requirements if code not in proofs]
    if stored.side == "asked" and missing:
        raise NotAllowed(
            "legal.requirement", f"not yet fulfilled: {', '.join(missing)}",
            where=f"{stored.instrument} {stored.article}",
            todo="Have the act done by the person whom the article names, then try again.",
        )  # fmt: skip
    made = Permit(
        id=uuid7(unit.now), decision_id=stored.id, measure=stored.measure, act_hash=act_hash,
        recipients=tuple(recipients), instrument=stored.instrument, article=stored.article,
        expires=unit.now + timedelta(hours=PERMIT_HOURS),
    )  # fmt: skip
    store.add_permit(unit, made, proofs)
    return made


def _may_be_permitted(stored: Decision, recipients: tuple[str, ...], act_hash: str) -> None:
    if stored.outcome != "allow":
        raise NotAllowed(
            "legal.no-permit", f"the decision is {stored.outcome}: " + "; ".join(f.condition for f in stored.reasons),
            where=f"{stored.instrument} {stored.article}".strip(), todo="Cure what the findings name, then ask again.",
        )  # fmt: skip
    if not recipients or set(recipients) != {stored.partner}:
        raise NotAllowed(
            "legal.recipients", f"decided for {stored.partner}, not for {', '.join(recipients) or 'nobody'}",
            todo="Decide once for each recipient.",
        )  # fmt: skip
    if len(act_hash) != 64 or set(act_hash) - set("0123456789abcdef"):
        raise BadInput("legal.act-hash", "an act's hash is 64 hexadecimal characters", todo="Pass acted.act_hash.")


def check(unit: Unit, permit: Permit, use: Use) -> None:
    """Verify a permit against the store and the act at hand, and use it up for `use.kind`.

    1. It is stored, field for field; 2. it has not expired; 3. same measure; 4. same act; 5. same recipients:
    NotAllowed ``legal.permit`` says which binding failed. 6. Nothing of this kind was done under it before: NotAllowed
    ``legal.permit-used``. The use is kept in the caller's transaction, so an act that fails has not used it.
    """
    broken = _unfit(unit, permit, use)
    if not broken and store.use_permit(unit, permit, use.kind):
        return
    row = store.permit_row(unit, permit.id)
    if row is None or row != asdict(permit):
        broken = "not a permit of this node"
    if not broken:
        raise NotAllowed(
            "legal.permit-used", f"the permit was used before for {use.kind}", where=permit.id,
            todo="Each act needs a permit of its own: decide on this one and ask for a permit.",
        )  # fmt: skip
    raise NotAllowed(
        "legal.permit", f"the permit does not cover this act: {broken}", where=permit.id,
        todo="Decide again on the act as it is now and ask for a new permit.",
    )  # fmt: skip


def _unfit(unit: Unit, permit: Permit, use: Use) -> str:
    """Why the permit, as it was handed over, does not fit the act; empty where it does."""
    return (
        "expired" if unit.now >= permit.expires
        else f"given for {permit.measure}, used for {use.measure}" if permit.measure != use.measure
        else "given for another act" if permit.act_hash != use.act_hash
        else "given for other recipients" if set(permit.recipients) != set(use.recipients)
        else ""
    )  # fmt: skip
