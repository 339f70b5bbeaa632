"""What others say about this node's log, for an export to a court: the log itself calls nobody and knows no partner."""

from collections.abc import Sequence

from comity.exchange.store import partners as store
from comity.kit.database.unit import Unit
from comity.log.model import Head, Surroundings


def surroundings(unit: Unit, relied: Sequence[Head]) -> Surroundings:
    """Every directory that this node has used, and the partners' signed checkpoints for the heads `relied` on.

    A head of which no signed note was kept is left out: then the export says only that an entry names it.
    """
    kept = (store.head_note(unit, head.origin, head.size) for head in set(relied))
    partners = {(row.node, int(row.size)): str(row.note) for row in kept if row is not None}
    return Surroundings(directories=store.directories(unit), partners=partners)
