"""A matter as a person who needs to know may see it, and the findings on which a step rests."""

from comity.base.errors import NotAllowed
from comity.base.ids import is_uuid
from comity.base.model import Actor, Json, JsonObject
from comity.cases import service as cases
from comity.kit.database.unit import Unit
from comity.legal.model import Finding
from comity.legal.service.deciding import find_decision
from comity.legal.service.following import HOLDER
from comity.legal.service.proceedings import proceeding, step_as_dict, steps_of, summary, unknown
from comity.legal.service.registry import clocks_of, listed
from comity.legal.service.stepping import MOVERS, possible


def matter_for(unit: Unit, id: str, viewer: Actor) -> JsonObject:
    """A matter with its steps, its clocks and what the viewer could do now, as JSON.

    NotAllowed for anybody but the case's members; where there is no case, for roles that only run the node.
    """
    found = proceeding(unit, id)
    if found.case is not None:
        cases.require(unit, viewer, found.case, unknown(id))
    elif not viewer.roles & MOVERS:
        refused = NotAllowed(
            "legal.matter-role", f"{viewer.person} takes no part in matters", todo="Ask somebody who works on them."
        )
        raise refused.hidden(unknown(id))
    return summary(found) | {
        "steps": list[Json]([step_as_dict(step) for step in steps_of(unit, id)]),
        "clocks": list[Json]([listed(clock) for clock in clocks_of(unit, HOLDER + id)]),
        "possible": list[Json]([step.event for step in possible(unit, id, viewer)]),
    }


def findings_of(unit: Unit, basis: str) -> tuple[Finding, ...]:
    """The findings of a kept decision; none for a basis in words. NotFound for an id that is none of a decision."""
    return find_decision(unit, basis).findings if is_uuid(basis) else ()
