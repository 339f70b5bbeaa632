"""A case is to be erased: not while one of its packages is on its way, for custody would end in nobody's hands.

What this agency holds of it is destroyed with the case: each item's chain ends there, by a signed event, and the chain
stays, so that nobody can say later that an exhibit was lost, or never was.
"""

from functools import partial
from typing import Final

from comity.base.errors import Conflict
from comity.base.model import Json, JsonObject
from comity.evidence import store
from comity.evidence.model.package import Link
from comity.evidence.rules import PARCEL_STEPS, RELEASE_STEPS, position
from comity.evidence.service import common
from comity.kit.database.unit import Unit

DESTROYED: Final = "destroyed with its case"
"""The purpose in the last event of a chain."""


def forget(unit: Unit, case: str) -> None:
    """End the custody of every item of the case that this agency holds; what is sealed goes with the case's key.

    Conflict while a release or a parcel of the case has yet to end. A chain that does not hold gets no further event,
    and stands in nobody's way: the log's entry names it.
    """
    _require_ended(unit, case)
    ended: list[Link] = []
    broken: list[Json] = []
    for row in store.item_rows(unit, case):
        link, failure = unit.attempt(f"the chain of {row.id} gets no end", partial(_end, unit, row.id))
        ended += [link] if link else []
        broken += [row.id] if failure else []
    if ended or broken:
        payload: JsonObject = {"custody": common.heads(ended), "broken": broken, "why": DESTROYED}
        common.record(unit, None, common.Note("destroyed", {"case": case}, payload))


def _require_ended(unit: Unit, case: str) -> None:
    sent = [one.id for one in store.releases(unit, case_id=case) if RELEASE_STEPS[one.state]]
    received = [one.id for one in store.parcels(unit, case_id=case) if PARCEL_STEPS[one.state]]
    if sent or received:
        raise Conflict(
            "evidence.under-way", f"{len(sent) + len(received)} packages of the case are on their way or unanswered",
            where=(sent + received)[0], todo="Have them accepted, refused or withdrawn first: comity evidence list.",
        )  # fmt: skip


def _end(unit: Unit, item: str) -> Link | None:
    """The item's last event; None for one whose custody is a partner's, of which we had a copy."""
    here = position(link.event for link in common.sound_chain(unit, item))
    if (here.state, here.holder) != ("held", unit.node):
        return None
    store.set_standing(unit, item, "destroyed")
    return common.happened(unit, "destroyed", item, common.Deed(None, DESTROYED))
