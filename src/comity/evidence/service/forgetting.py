"""A case is to be erased: not while one of its packages is on its way, for custody would end in nobody's hands."""

from comity.base.errors import Conflict
from comity.evidence import store
from comity.evidence.rules import PARCEL_STEPS, RELEASE_STEPS
from comity.kit.database.unit import Unit


def forget(unit: Unit, case: str) -> None:
    """Conflict while a release or a parcel of the case has yet to end; what is sealed goes with the case's key."""
    sent = [one.id for one in store.releases(unit, case_id=case) if RELEASE_STEPS[one.state]]
    received = [one.id for one in store.parcels(unit, case_id=case) if PARCEL_STEPS[one.state]]
    if sent or received:
        raise Conflict(
            "evidence.under-way", f"{len(sent) + len(received)} packages of the case are on their way or unanswered",
            where=(sent + received)[0], todo="Have them accepted, refused or withdrawn first: comity evidence list.",
        )  # fmt: skip
