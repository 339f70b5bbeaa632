"""What is due and what is open, few lines at a time: around one case, and for one person's day."""

from typing import Final

from comity.base.codes import ADMINISTERING
from comity.base.model import Actor
from comity.cases import service as cases
from comity.kit.database.unit import Unit
from comity.legal.model import Proceeding, Waiting, Watch
from comity.legal.service.following import HOLDER
from comity.legal.service.proceedings import REVIEWS
from comity.legal.service.stepping import open_to
from comity.legal.store import clocks as clock_store
from comity.legal.store import proceedings as store

MOST: Final = 20
_MOST_REVIEWS: Final = 200
_ANOTHER: Final = "another_person"


def of_case(unit: Unit, case: str) -> tuple[list[Watch], list[Proceeding]]:
    """The running clocks of a case, the soonest first, those without an end last; and its matters, the newest first.

    At most `MOST` of each, in a constant number of statements. Whoever calls this knows that the reader may see them.
    """
    return clock_store.of_case(unit, case, MOST), store.of_case(unit, case, MOST)


def soonest(unit: Unit, viewer: Actor, most: int = MOST) -> list[Watch]:
    """What is due next of what the viewer may see, as `deadlines_of` says it: at most so many, in two statements."""
    works = bool(viewer.roles - ADMINISTERING)
    case = clock_store.legal_clock.c.case
    mine = case.is_not(None) if "auditor" in viewer.roles else cases.known_to(unit, viewer, case)
    return clock_store.soonest(unit, mine, most, free=works)


def reviews(unit: Unit, viewer: Actor) -> list[Waiting]:
    """The acts in emergencies that wait to be reviewed, confirmed in writing or approved, the longest waiting first;
    each with what the viewer could do about it, which is nothing about one's own act that another person must review.

    None for roles that only run the node, and none of cases that are not the viewer's. Three statements.
    """
    if not viewer.roles - ADMINISTERING:
        return []
    mine = cases.known_to(unit, viewer, store.legal_proceeding.c.case)
    found = store.open_of(unit, sorted(REVIEWS), mine, _MOST_REVIEWS)
    due = clock_store.ends_of(unit, [HOLDER + one.id for one in found])
    return [Waiting(one, due.get(HOLDER + one.id), _events(one, viewer)) for one in found]


def _events(found: Proceeding, viewer: Actor) -> tuple[str, ...]:
    own = found.opened_by == viewer.person
    return tuple(step.event for step in open_to(found, viewer) if not (own and _ANOTHER in step.guards))
