"""What the kernels of this folder compute, in plain Python: slow, and plain to read. Tests compare the two.

`kernel.scan` is the reference of a whole comparison, and `rules.compare` its reference in turn.
"""

from itertools import combinations

from comity.dna.kernel.bulk.outlines import IN_A_WORD
from comity.dna.kernel.index.postings import Numbers
from comity.dna.kernel.packed import Codes


def outline(classes: Codes, loci: Numbers, row: int) -> tuple[int, int]:
    """Both words of a row (`outlines.outline`)."""
    words = [0, 0]
    for at, locus in enumerate(loci.tolist()):
        value = int(classes[locus, row]) if locus >= 0 else 0
        if value > 1:
            words[at // IN_A_WORD] |= (16 | value & 15) << 5 * (at % IN_A_WORD)
    return words[0], words[1]


def told_apart(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """At how many loci two outlines contradict each other, and how many both know (`contradicted`, `few`, `shared`)."""
    apart = both = 0
    for word, another in zip(one, other, strict=True):
        for at in range(IN_A_WORD):
            left, right = word >> 5 * at & 31, another >> 5 * at & 31
            both += bool(left and right)
            apart += bool(left and right and left != right)
    return apart, both


def agreeing(classes: Codes, others: Codes, key: tuple[int, ...]) -> set[tuple[int, int]]:
    """Pairs of rows that know every locus of a key and agree there by class: what `meeting` looks at."""
    first, second = classes[list(key)], others[list(key)]
    return {
        (row, other)
        for row in range(classes.shape[1])
        for other in range(others.shape[1])
        if (first[:, row] > 1).all() and (first[:, row] == second[:, other]).all()
    }


def found_whichever_differs(keys: list[tuple[int, ...]], shared: set[int], equal: int) -> bool:
    """Whether any `equal` of the shared loci hold a whole key (what plans, groups and picked sets promise)."""
    return all(any(set(key) <= set(chosen) for key in keys) for chosen in combinations(sorted(shared), equal))
