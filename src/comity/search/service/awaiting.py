"""What waits for one person in this room, and what came that the person has not looked at; never a word too many to an
examiner who has yet to judge."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from comity.access import service as access
from comity.base.model import Actor
from comity.cases import service as cases
from comity.kit.database.selections import Selection
from comity.kit.database.unit import Unit
from comity.search import rules, store
from comity.search.model import Query
from comity.search.service.blinding import all_known
from comity.search.service.confirming import EXAMINERS
from comity.search.service.core.answering import APPROVERS, JUDGES
from comity.search.service.reviewing import LAWYERS

MOST: Final = 50
_FRESH: Final = timedelta(days=30)
_ANSWERED: Final = ("candidate_hit", "both_laboratories", "closed_no_hit", "refused", "partial", "expired")
_RELEASABLE: Final = ("core_requested", "authorised")


@dataclass(frozen=True)
class Awaiting:
    """Queries by what they wait for; at most `MOST` of each, the longest asked first, answers the newest first."""

    rulings: list[Query] = field(default_factory=list)
    """A judge's authorisation."""
    releases: list[Query] = field(default_factory=list)
    """An approver's release or refusal, in which nobody of the viewer's unit has had a part."""
    reviews: list[Query] = field(default_factory=list)
    """A lawyer's decision."""
    laboratories: list[Query] = field(default_factory=list)
    """Near matches between the laboratories."""
    answers: list[Query] = field(default_factory=list)
    """Answers that came and that the viewer has not looked at."""


def awaiting(unit: Unit, viewer: Actor) -> Awaiting:
    """What waits for this person, by role and case; a constant number of statements."""
    roles, mine = viewer.roles, cases.selection(unit, viewer)
    return Awaiting(
        rulings=_partners(unit, viewer, ("awaiting_judge",)) if roles & JUDGES else [],
        releases=_releases(unit, viewer) if roles & APPROVERS else [],
        reviews=_of_both(unit, mine, ("legal_review",)) if roles & LAWYERS else [],
        laboratories=_of_both(unit, mine, ("both_laboratories",)) if roles & EXAMINERS else [],
        answers=_answers(unit, viewer, mine) if "officer" in roles and not roles & EXAMINERS else [],
    )


def _partners(unit: Unit, viewer: Actor, states: tuple[str, ...]) -> list[Query]:
    """Partners' queries in these states, as far as the viewer may know that they are in them."""
    found = store.awaiting.in_states(unit, states, None, MOST)
    return [query for query in all_known(unit, found, viewer) if query.state in states]


def _of_both(unit: Unit, mine: Selection, states: tuple[str, ...]) -> list[Query]:
    return store.awaiting.in_states(unit, states, None, MOST) + store.awaiting.in_states(unit, states, mine, MOST)


def _releases(unit: Unit, viewer: Actor) -> list[Query]:
    """Four eyes: never those in which this person, or somebody of the unit, has taken part."""
    found = _partners(unit, viewer, _RELEASABLE)
    targets = store.awaiting.targets(unit, [query.id for query in found])
    parts = access.approvals_of(unit, list(targets.values()))
    taken = {target for target, given in parts.items() for one in given if viewer.unit == one.unit}
    return [query for query in found if targets.get(query.id) not in taken]


def _answers(unit: Unit, viewer: Actor, mine: Selection) -> list[Query]:
    found = store.awaiting.answered(unit, _ANSWERED, mine, unit.now - _FRESH)
    seen = access.marks(unit, viewer, [look_of(query.id) for query in found])
    return [query for query in found if seen.get(look_of(query.id)) != query.status][:MOST]


def named(unit: Unit, viewer: Actor, start: str, most: int) -> list[Query]:
    """The queries that the viewer needs to know of and whose id begins with `start`; one statement."""
    theirs = bool(viewer.roles & rules.READERS)
    return store.awaiting.named(unit, start, cases.selection(unit, viewer), most, theirs=theirs)


def asked_under(unit: Unit, viewer: Actor, question: str) -> list[Query]:
    """The queries of one question of the viewer's cases, as they stand."""
    found = store.queries(unit, question=question)
    mine = cases.among(unit, viewer, {one.case for one in found if one.case})
    return all_known(unit, [one for one in found if one.case in mine], viewer)


def look_of(query: str) -> str:
    """How a look at a query is named."""
    return f"search:{query}"
