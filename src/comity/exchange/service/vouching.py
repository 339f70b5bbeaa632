"""Proofs of this node's log that others vouch for: against a checkpoint which witnesses have cosigned.

When a message leaves, or its receipt, nobody but this node has signed a log that holds its entry: witnesses are asked
once a minute. Whatever leaves later (a message that was put off, an answer given again, a receipt that waited for a
person) carries the proof against a cosigned checkpoint instead, where there is one.
"""

from typing import Final

from comity.exchange.store import witnesses
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.database.unit import Unit
from comity.log import service as log

_LOOKED: Final = 64
"""Among so many cosignatures, oldest first, the checkpoint with most of them is chosen."""
_LINES: Final = 16
"""Most lines of witnesses beside a checkpoint: a proof must fit beside a message of the largest size."""


def cosigned_note(unit: Unit, entry: int) -> str | None:
    """A checkpoint of this log over entry `entry`, with the lines of all who cosigned it; None where none is held.

    Of several the one with most cosignatures, and of those the first.
    """
    notes: dict[int, list[str]] = {}
    for row in witnesses.cosigned(unit, entry + 1, _LOOKED):
        notes.setdefault(int(row.size), []).append(row.note)
    own = log.verifier(unit).name
    mine = [several for several in notes.values() if several[0].partition("\n")[0] == own]
    return max(map(_joined, mine), key=lambda note: note.count("\n"), default=None)


def vouched(unit: Unit, proof: bytes) -> bytes | None:
    """A stored proof of an entry of ours (``{entry, opening, tlog_proof}``), led to a cosigned checkpoint instead; None
    where this node holds none that covers the entry."""
    told = parse_object(proof, where="proof")
    index = log.parse_inclusion(told).index
    note = cosigned_note(unit, index)
    return None if note is None else canonical(told | {"tlog_proof": log.proof_in(unit, index, note)})


def _joined(notes: list[str]) -> str:
    """One note with its own line and every witness's."""
    first, *others = notes
    return first + "".join(note.splitlines(keepends=True)[-1] for note in others[: _LINES - 1])
