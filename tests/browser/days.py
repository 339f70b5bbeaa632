"""What a day's pages show: a shift, a hand-over, an alarm, a search in a threat to life with its reviews."""

from collections.abc import Mapping
from datetime import timedelta

from comity.access import service as access
from comity.access.model import NewShift
from comity.app.wiring import Node
from comity.base.model import Issuer
from comity.cases import service as cases
from comity.exchange.service.heads import raise_alarm
from comity.search import service as search
from comity.search.model import Ask
from tests.browser.queries import CASE, REF
from tests.people import enrol


def days(node: Node, visitor: Issuer) -> Mapping[str, str]:
    """Make them, in the case of `queries`; by name, the address of the page of each."""
    with node.database.unit("test.days") as unit:
        colleague = enrol(unit, "officer-2", "officer", of=visitor.actor.unit)
        access.plan_shift(unit, colleague, NewShift("officer-2", unit.now, unit.now + timedelta(hours=8)))
        later = unit.now + timedelta(hours=8)
        access.plan_shift(unit, colleague, NewShift(visitor.actor.person, later, later + timedelta(hours=8)))
        access.hand_over(unit, colleague, "XB promised an answer by 22:00.\nWatch the queue to XC.")
        raise_alarm(unit, "inconsistent-log", "XB", {})
        case = cases.find_id(unit, CASE)
        ask = Ask(case, "dna", REF, ("XB", "XC"), "criminal_investigation", emergency=True, oral=True, reason="a girl")
        asked = search.ask(unit, node.matchers["dna"], visitor, ask)
    return {"case": f"/cases/{case}", "emergency": f"/emergency?done={asked[0].question}"}
