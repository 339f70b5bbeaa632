"""Which lists of a partition a query reads: as few entries as will surely hold every row that the rule accepts.

At most one locus of an accepted row is not fully equal. So of two sets of loci with none in common one is fully equal,
and a row that is accepted stands in the lists of both or of one of them. Where all must be equal, one set is enough.
The ways by which arrangements narrow a sweep are such sets, too.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.compiling import compiled
from comity.dna.kernel.index.postings import Numbers, Word
from comity.dna.kernel.packed import Codes

Costs = npt.NDArray[np.float64]

PROBE: Final = 60.0
"""What finding the place in one list costs, in entries read."""
FIRST: Final = 1
SECOND: Final = 2


@compiled("int64(int64)")
def bits(mask: int) -> int:
    """How many bits are set."""
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count


@compiled()
def _entered(found: Numbers, costs: Costs, place: Word, cost: float, mask: Word, one: Word, two: Word) -> Word:
    """Enter a line among `place` lines that rise by cost; the number of lines then."""
    count = place
    while place > 0 and costs[place - 1] > cost:
        costs[place], found[place] = costs[place - 1], found[place - 1]
        place -= 1
    costs[place] = cost
    found[place, 0], found[place, 1], found[place, 2] = mask, one, two
    return count + 1


@compiled("int64(int64[:,::1], int64, int64, int64, float64[::1], float64, int64[:,::1], float64[::1])")
def groups(
    orders: Numbers, first: int, last: int, asked: int, share: Costs, rows: float, found: Numbers, costs: Costs
) -> int:
    """The sets of loci that lists `first` to `last` can look up for the loci of `asked`, by cost, and their number.

    Each line of `found`: the loci as bits, the list, how many of its loci (2 to 4) are looked up.
    """
    count = 0
    for order in range(first, last):
        mask, cost = 0, rows
        for length in range(1, 5):
            locus = orders[order, length - 1]
            if locus == 255 or not asked >> locus & 1:
                break
            mask |= 1 << locus
            cost *= share[locus]
            if length > 1:
                count = _entered(found, costs, count, cost + PROBE, mask, order, length)
    return count


@compiled("int64(int64[:,::1], int64, float64[::1], float64, float64, int64[:,::1], float64[::1])")
def ways(lines: Numbers, asked: int, share: Costs, rows: float, each: float, found: Numbers, costs: Costs) -> int:
    """The ways by which the arrangements `lines` of a kit of so many rows narrow a sweep for the loci of `asked`, by
    cost, and their number. A range costs as much as `each` rows.

    Each line of `found`: the loci as bits, the arrangement, which of its two loci (`FIRST`, `SECOND` or both).
    """
    count = 0
    for line in range(lines.shape[0]):
        one, two = lines[line, 1], lines[line, 2]
        left, right = asked >> one & 1, asked >> two & 1
        if left:
            count = _entered(found, costs, count, rows * share[one] + each, 1 << one, line, FIRST)
        if right:
            cost = rows * share[two] + each * lines[line, 3]
            count = _entered(found, costs, count, cost, 1 << two, line, SECOND)
        if left and right:
            cost = rows * share[one] * share[two] + each
            count = _entered(found, costs, count, cost, 1 << one | 1 << two, line, FIRST | SECOND)
    return count


@compiled("int64(int64[:,::1], int64, int64[::1])")
def _three(found: Numbers, count: int, chosen: Numbers) -> int:
    """Any cheap three sets without a locus common to all; 0 where there are none."""
    for third in range(2, count):
        for two in range(1, third):
            for one in range(two):
                if found[one, 0] & found[two, 0] & found[third, 0] == 0:
                    chosen[0], chosen[1], chosen[2] = one, two, third
                    return 3
    return 0


@compiled("int64(int64[:,::1], float64[::1], int64, int64[::1])")
def cheapest(found: Numbers, costs: Costs, count: int, chosen: Numbers) -> int:
    """The cheapest two sets without a common locus, or three that have none all together; how many were chosen."""
    best = np.inf
    for one in range(count):
        if 2 * costs[one] >= best:
            break
        for two in range(one + 1, count):
            if costs[one] + costs[two] >= best:
                break
            if found[one, 0] & found[two, 0] == 0:
                best, chosen[0], chosen[1] = costs[one] + costs[two], one, two
    if best < np.inf:
        return 2
    return _three(found, count, chosen)


@compiled("int64(int64[::1], float64[::1])")
def _costliest(of: Numbers, share: Costs) -> int:
    """The locus whose pairs inside its piece cost most; -1 where no piece has a pair left."""
    worst, most = -1, 0.0
    for one in range(of.size):
        cost = 0.0
        for two in range(of.size):
            if one != two and of[one] >= 0 and of[one] == of[two]:
                cost += share[one] * share[two]
        if cost > most:
            worst, most = one, cost
    return worst


@compiled("void(int64[::1], float64[::1], int64, int64)")
def _halved(of: Numbers, share: Costs, worst: int, new: int) -> None:
    """Move `worst` out of its piece to `new`, and every other locus of the piece that costs less there."""
    old = of[worst]
    of[worst] = new
    for one in range(of.size):
        if of[one] == old:
            stay, go = 0.0, 0.0
            for two in range(of.size):
                if two != one and of[two] == old:
                    stay += share[two]
                if of[two] == new:
                    go += share[two]
            if go < stay:
                of[one] = new


@compiled("void(int64[:,::1], int64, int64, int64, float64[::1], int64, int64[::1])")
def pieces(orders: Numbers, first: int, last: int, asked: int, share: Costs, equal: int, of: Numbers) -> None:
    """Part the asked loci so that any `equal` of them hold two of one piece; only pairs inside a piece are looked up.

    Writes the piece of each locus (-1: not asked). Begins with the groups of the lists, one piece each, and parts
    the costliest piece until `equal - 1` pieces are used up.
    """
    of[:] = -1
    used = 0
    for order in range(first, last):
        for place in range(2):
            locus = orders[order, place]
            if asked >> locus & 1:
                of[locus] = orders[order, 7]
                used = max(used, orders[order, 7] + 1)
    for locus in range(of.size):
        if asked >> locus & 1 and of[locus] < 0:  # alone in its group
            of[locus], used = used, used + 1
    holding = 0
    for piece in range(used):
        holding += int(np.any(of == piece))
    while holding < equal - 1:
        worst = _costliest(of, share)
        if worst < 0:
            break
        _halved(of, share, worst, used)
        used += 1
        holding += 1


@compiled("void(uint8[::1], uint8[:,::1], uint8[::1])")
def classes_asked(query: Codes, lookup: Codes, classes: Codes) -> None:
    """The classes of a query (WIDTH codes): as rows have them, but 255, which no row has, for an unknown allele."""
    for locus in range(classes.size):
        one, two = np.int64(query[2 * locus]), np.int64(query[2 * locus + 1])
        if one == 0:
            classes[locus] = 0
        elif one == 1 or two == 1:
            classes[locus] = 255
        else:
            classes[locus] = lookup[locus, min(one, two) * 256 + max(one, two)]
