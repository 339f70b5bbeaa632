"""Whether there is more to ask: what was asked already, and what the quotas leave for today."""

from collections.abc import Sequence

from comity.base.model import Issuer
from comity.cases import service as cases
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Spending
from comity.search import store
from comity.search.model import Ask
from comity.search.service.asking import MEASURE


def asked_about(unit: Unit, refs: Sequence[str]) -> set[tuple[str, str]]:
    """Which of these records this node has asked whom about, whatever came of it: record and partner."""
    return {(str(query.ref), query.partner) for query in store.by_refs(unit, refs)}


def room_today(unit: Unit, issuer: Issuer, ask: Ask, partner: str) -> int | None:
    """How many questions like this one the quotas leave for the partner today; None where they set no bound."""
    case = cases.require(unit, issuer.actor, ask.case)
    act = Spending("outgoing", MEASURE, partner, issuer.actor.person, case.id, ask.instrument or "", ask.emergency)
    return legal.left_today(unit, act)
