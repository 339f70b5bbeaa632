"""The path of a threat to life: one person acts at once, quotas do not count, and what was skipped is done afterwards.

Afterwards means: a review by another person within 24 hours, which nothing replaces; an oral basis confirmed in
writing; a second approval that could not be had at once. Each is a matter of its own with a clock in `comity
deadlines`, and the matter they belong to cannot be closed by a person before they have ended.
"""

from dataclasses import dataclass

from comity.access.model import Acted
from comity.base.model import JsonObject
from comity.kit.database.unit import Unit
from comity.legal.model import NewProceeding, Proceeding
from comity.legal.rules.emergency import FACT, THREAT_TO_LIFE
from comity.legal.service.proceedings import open_proceeding


@dataclass(frozen=True)
class Emergency:
    """What one person has done alone: about what, with whom, whether on an oral basis, whether an approval waits."""

    subject: str
    """As in `NewProceeding`: ``search:<query id>``."""
    partner: str = ""
    oral: bool = False
    deferred: bool = False
    reason: str = ""
    """Why one person acted alone, for whoever reviews it; no name."""


def emergency_subject(emergency: Emergency) -> JsonObject:
    """What a person signs when putting on record an act that no room of this node has done."""
    told: JsonObject = {"reason": emergency.reason} if emergency.reason else {}
    return told | {
        "subject": emergency.subject,
        "partner": emergency.partner,
        "oral": emergency.oral,
        "deferred": emergency.deferred,
    }


def declare_emergency(unit: Unit, emergency: Emergency, by: Acted | None) -> list[Proceeding]:
    """Open what must follow an act in an emergency; `by` is that act, None where the node acted by rule."""
    machines = ["emergency_review"]
    machines += ["written_confirmation"] if emergency.oral else []
    machines += ["deferred_approval"] if emergency.deferred else []
    why: JsonObject = {"reason": emergency.reason} if emergency.reason else {}
    facts: JsonObject = {FACT: THREAT_TO_LIFE, **why}
    return [
        open_proceeding(unit, NewProceeding(machine, emergency.subject, "", emergency.partner, None, facts), by)
        for machine in machines
    ]
