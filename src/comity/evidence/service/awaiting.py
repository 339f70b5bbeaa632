"""What waits for one person in this room: releases to approve, packages to accept, partners' requests to look at."""

from functools import partial
from typing import Final

from comity.base.model import Actor
from comity.cases import service as cases
from comity.evidence import store
from comity.evidence.model.flow import Parcel, Release
from comity.evidence.service.accepting import RECEIVERS
from comity.evidence.service.offering import APPROVERS
from comity.evidence.service.showing import TRIAGERS
from comity.kit.database.unit import Unit

MANY: Final = 100


def to_release(unit: Unit, viewer: Actor) -> list[Release]:
    """The proposals of the viewer's cases that an approver could release: never one of the own unit. Two statements."""
    if not viewer.roles & APPROVERS:
        return []
    found = store.proposed(unit, partial(cases.known_to, unit, viewer), MANY)
    return [one for one in found if one.proposal.get("unit") != viewer.unit]


def to_accept(unit: Unit, viewer: Actor) -> list[Parcel]:
    """The packages of the viewer's cases that wait to be accepted or refused, for who may. Two statements."""
    if not viewer.roles & RECEIVERS:
        return []
    return store.arrived(unit, partial(cases.known_to, unit, viewer), MANY)


def items_named(unit: Unit, viewer: Actor, start: str, most: int) -> list[tuple[str, str, str]]:
    """Id, case and exhibit number of the items of the viewer's cases whose exhibit number or id begins with `start`, in
    lower case. Two statements."""
    return store.items_named(unit, partial(cases.known_to, unit, viewer), start, most)


def open_requests(unit: Unit, viewer: Actor) -> int:
    """How many requests of partners are open, for who may look at them; `MANY` for that many or more. What they ask
    for is told by the list alone, whose reading is logged."""
    return store.count_open(unit, MANY) if viewer.roles & TRIAGERS else 0
