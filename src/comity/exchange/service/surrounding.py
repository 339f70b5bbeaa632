"""What others say about this node's log, for an export to a court: the log itself calls nobody and knows no partner."""

from collections.abc import Sequence

from comity.base.errors import Misconfigured
from comity.exchange.service.directory import others
from comity.exchange.store import partners as store
from comity.exchange.store import witnesses
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Head, Surroundings


def surroundings(unit: Unit, relied: Sequence[Head]) -> Surroundings:
    """Every directory that this node has used, the partners' signed checkpoints for the heads `relied` on, and our own
    checkpoints that partners have cosigned, each partner's newest, with the policy by which they count.

    A head of which no signed note was kept is left out: then the export says only that an entry names it.
    """
    kept = (store.head_note(unit, head.origin, head.size) for head in set(relied))
    partners = {(row.node, int(row.size)): str(row.note) for row in kept if row is not None}
    return Surroundings(store.directories(unit), partners, _cosigned(unit), _policy(unit))


def _cosigned(unit: Unit) -> tuple[str, ...]:
    """One note a size, with the lines of all who cosigned it."""
    newest = witnesses.cosigned_sizes(unit)
    notes: dict[int, str] = {}
    for row in witnesses.cosigned(unit, min(newest.values(), default=0)):
        if row.size == newest[row.witness]:
            known = notes.get(row.size)
            notes[row.size] = known + row.note.splitlines(keepends=True)[-1] if known else row.note
    return tuple(notes.values())


def _policy(unit: Unit) -> str | None:
    """C2SP tlog-policy: this log, and any one of the partners that cosign; None where none does."""
    try:
        partners = [one for one in others(unit) if one.witness]
    except Misconfigured:  # no directory yet: nobody to cosign
        return None
    if not partners:
        return None
    keys = [f"witness {one.code} {one.witness}" for one in partners]
    group = f"group partners any {' '.join(one.code for one in partners)}"
    return "\n".join([f"log {log.verifier(unit).format()}", *keys, group, "quorum partners"]) + "\n"
