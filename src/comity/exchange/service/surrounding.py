"""What others say about this node's log, for an export to a court: the log itself calls nobody and knows no partner."""

from collections.abc import Iterator, Sequence

from comity.base.errors import Misconfigured
from comity.exchange.model import WitnessPolicy
from comity.exchange.service.directory import others
from comity.exchange.service.quorum import read_witness_policy
from comity.exchange.store import partners as store
from comity.exchange.store import witnesses
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Head, Surroundings


def surroundings(unit: Unit, relied: Sequence[Head], witness_policy: str = "") -> Surroundings:
    """Every directory that this node has used, the partners' signed checkpoints for the heads `relied` on, and our own
    checkpoints that others have cosigned, each witness's newest, with the policy by which they count: the one in the
    file `witness_policy`, or any one partner.

    A head of which no signed note was kept is left out: then the export says only that an entry names it.
    """
    kept = (store.head_note(unit, head.origin, head.size) for head in set(relied))
    partners = {(row.node, int(row.size)): str(row.note) for row in kept if row is not None}
    return Surroundings(store.directories(unit), partners, _cosigned(unit), _policy(unit, witness_policy))


def _cosigned(unit: Unit) -> tuple[str, ...]:
    """One note a size, with the lines of all who cosigned it."""
    newest = witnesses.cosigned_sizes(unit)
    notes: dict[int, str] = {}
    for row in witnesses.cosigned(unit, min(newest.values(), default=0)):
        if row.size == newest[row.witness]:
            known = notes.get(row.size)
            notes[row.size] = known + row.note.splitlines(keepends=True)[-1] if known else row.note
    return tuple(notes.values())


def _policy(unit: Unit, path: str) -> str | None:
    """C2SP tlog-policy: this log, and any one of the partners that cosign; None where none does."""
    own = read_witness_policy(path)
    try:
        partners = [one for one in others(unit) if one.witness]
    except Misconfigured:  # no directory yet: nobody to cosign
        partners = []
    lines = [f"log {log.verifier(unit).format()}", *(f"witness {one.code} {one.witness}" for one in partners)]
    if own is not None:
        return "\n".join([*lines, *_own(own, {one.code for one in partners})]) + "\n"
    group = f"group partners any {' '.join(one.code for one in partners)}"
    return "\n".join([*lines, group, "quorum partners"]) + "\n" if partners else None


def _own(policy: WitnessPolicy, partners: set[str]) -> Iterator[str]:
    """The lines of the node's own policy; a partner that cosigns no more cannot be counted, which the group shows."""
    known = {*partners, "none"}
    for one in policy.outsiders:
        yield f"witness {one.code} {one.key}"
        known.add(one.code)
    for name, (most, members) in policy.groups.items():
        there = [one for one in members if one in known]
        if most <= len(there):
            yield f"group {name} {most} {' '.join(there)}"
            known.add(name)
    if policy.quorum not in known:
        yield f"# the quorum was {policy.quorum}, of which too few are known any more"
    yield f"quorum {policy.quorum if policy.quorum in known else 'none'}"
