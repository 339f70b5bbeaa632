"""What did not reach a partner, as it concerns the people of a case."""

from comity.base.model import Actor
from comity.cases import service as cases
from comity.exchange.model import Failed
from comity.exchange.store import sent
from comity.kit.database.unit import Unit


def failed(unit: Unit, viewer: Actor, most: int = 20) -> list[Failed]:
    """The messages of the viewer's cases that were not delivered or were rejected, the newest first; two statements."""
    mine = cases.known_to(unit, viewer, sent.message.c.case_id)
    return [Failed(*row) for row in sent.failed_of(unit, mine, most)]
