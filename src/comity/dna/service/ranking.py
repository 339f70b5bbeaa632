"""Look the node's active profiles up in tables, portion by portion, so that memory holds tables and the best alone."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from comity.base.errors import BadInput
from comity.dna import kernel, store
from comity.dna.kernel.ranking import Best, Tables, rank
from comity.dna.kernel.ranking import tables as tables
from comity.dna.model import LAYOUT, Loci, Profile
from comity.kit.database.unit import Unit

MAX_SHOWN = 1000


class Ranked(NamedTuple):
    """Of each question the best profiles, best first, and how many were looked up."""

    questions: list[list[Profile]]
    weighed: int


def best_held(unit: Unit, by: Tables, most: int) -> Ranked:
    """The best `most` active profiles of the node for each question of the tables."""
    check_most(most)
    best, seqs = Best.empty(by.questions, most), [np.zeros(0, dtype=np.int64)]
    count = 0
    for portion in store.packed_after(unit, 0):
        rank(kernel.columns(_rows(unit, portion)), by, best, count)
        seqs.append(np.array([seq for seq, _ in portion], dtype=np.int64))
        count += len(portion)
    numbers = np.concatenate(seqs)
    kept = [[int(numbers[row]) for row, _ in best.ordered(question)] for question in range(by.questions)]
    profiles = store.by_seq(unit, sorted({seq for question in kept for seq in question}))
    return Ranked([[profiles[seq] for seq in question] for question in kept], count)


def best_of(candidates: Sequence[Loci], by: Tables, most: int) -> list[int]:
    """The best of these profiles for the first question: their places, the best first."""
    check_most(most)
    best = Best.empty(by.questions, most)
    if candidates:
        rank(kernel.columns([kernel.pack(loci) for loci in candidates]), by, best)
    return [row for row, _ in best.ordered(0)]


def check_most(most: int) -> None:
    """BadInput where so many cannot be shown."""
    if not 1 <= most <= MAX_SHOWN:
        raise BadInput("dna.most", f"{most} profiles cannot be listed", todo=f"Ask for 1 to {MAX_SHOWN}.")


def _rows(unit: Unit, portion: Sequence[tuple[int, bytes]]) -> list[bytes]:
    """The packed rows; those of another layout are packed again from their text."""
    old = store.by_seq(unit, [seq for seq, packed in portion if packed[0] != LAYOUT])
    return [kernel.pack(old[seq].loci) if seq in old else packed for seq, packed in portion]
