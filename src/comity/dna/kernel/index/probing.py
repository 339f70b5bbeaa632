"""Read lists of an index and verify rows: every kernel of a lookup.

A list's entries whose signature differs from the query's in at most one locus are compared in full, allele by allele.
"""

from typing import Any

import numpy as np

from comity.base.compiling import compiled
from comity.dna.kernel.index.genotypes import Counts
from comity.dna.kernel.index.planning import Costs, bits, cheapest, classes_asked, groups, pieces
from comity.dna.kernel.index.postings import Numbers, Rows, Signatures, Word, nibble
from comity.dna.kernel.packed import Codes

Flags = Any


@compiled("int64(uint8[::1], uint8[::1], int64, int64)")
def weighed(query: Codes, row: Codes, minimum: int, allowance: int) -> int:
    """The rule on one row: -1, or loci fully equal + 256 * differing alleles + 2**32 * the equal loci as bits."""
    full, differing, equal = 0, 0, 0
    for locus in range(query.size // 2):
        one, two = query[2 * locus], query[2 * locus + 1]
        other, another = row[2 * locus], row[2 * locus + 1]
        if one != 0 and other != 0:
            straight = int(one != other or one == 1) + int(two != another or two == 1)
            crossed = int(one != another or one == 1) + int(two != other or two == 1)
            apart = min(straight, crossed)
            if apart == 0:
                full += 1
                equal |= 1 << locus
            differing += apart
            if differing > allowance:
                return -1
    return full + 256 * differing + (equal << 32) if full >= minimum else -1


@compiled("int64(uint64[::1], int64, int64, uint64)")
def place_of(signatures: Signatures, low: int, high: int, wanted: Word) -> int:
    """The first of the ordered entries `low` to `high` that is not below `wanted`."""
    while low < high:
        middle = (low + high) >> 1
        if signatures[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled("int64(uint64[::1], int64, int64, uint64[::1], boolean[::1])")
def sieve(signatures: Signatures, low: int, size: int, asked: Signatures, kept: Flags) -> int:
    """Mark which of `size` entries from `low` on differ from the query in few enough places; how many are marked.

    `asked`: the query's four-bit classes, which of them it has, its third class (or 256), its fourth (or 256), and how
    many places may differ (0 or 1).
    """
    value, has, third, fourth, limit = asked[0], asked[1], asked[2], asked[3], asked[4]
    ones, count = np.uint64(0x111111111111), 0
    entries = signatures[low : low + size]  # a slice from 0 on, which the compiler knows how to take several of at once
    for place in range(size):
        entry = entries[place]
        apart = (entry ^ value) & has
        apart |= (apart >> np.uint64(1)) | (apart >> np.uint64(2)) | (apart >> np.uint64(3))
        said = entry | (entry >> np.uint64(1)) | (entry >> np.uint64(2)) | (entry >> np.uint64(3))
        missed = apart & said & ones
        here = entry >> np.uint64(56)
        missed |= np.uint64((third < np.uint64(256)) & (here != third) & (here != np.uint64(0))) << np.uint64(60)
        here = (entry >> np.uint64(48)) & np.uint64(255)
        missed |= np.uint64((fourth < np.uint64(256)) & (here != fourth) & (here != np.uint64(0))) << np.uint64(56)
        good = missed & (missed - limit) == np.uint64(0)
        kept[place] = good
        count += int(good)
    return count


@compiled("void(int64[::1], uint8[::1], int64, uint64[::1])")
def signature_asked(order: Numbers, classes: Codes, limit: int, asked: Signatures) -> None:
    """The query's side of `sieve` for one list."""
    asked[0], asked[1] = np.uint64(0), np.uint64(0)
    asked[2] = asked[3] = np.uint64(256)
    asked[4] = np.uint64(limit)
    for place in range(12):
        locus = order[8 + place]
        if locus != 255 and classes[locus] > 1 and classes[locus] != 255:
            asked[0] |= nibble(classes[locus]) << np.uint64(4 * place)
            asked[1] |= np.uint64(15) << np.uint64(4 * place)
    for place in range(2, 4):
        locus = order[place]
        if locus != 255 and classes[locus] > 1 and classes[locus] != 255:
            asked[place] = np.uint64(classes[locus])


@compiled("int64(int64, uint8[::1], int64[::1], uint8[:,::1], uint8[::1], int64[:,::1], int64)")
def _taken(row: Word, query: Codes, rule: Numbers, codes: Codes, dead: Codes, hits: Numbers, count: int) -> int:
    """One row more among the hits, if it meets the rule and is not deleted."""
    found = weighed(query, codes[row], rule[0], rule[1])
    if found < 0 or dead[row]:
        return count
    if count < hits.shape[0]:
        hits[count, 0], hits[count, 1] = row, found
    return count + 1


@compiled("int64(boolean[::1], int64, uint32[::1], int64, uint8[:,::1], int64[::1])")
def fetched(kept: Flags, size: int, rows: Rows, low: int, codes: Codes, left: Numbers) -> int:
    """The rows of the marked ones of `size` entries from `low` on, into `left`; their number.

    Each row is touched at both ends first: the processor waits for many places of memory at once, and would else wait
    for one after another while it compares. `left` has one place more than rows; what was touched goes there, so that
    the compiler leaves it in.
    """
    count, seen, last = 0, np.uint8(0), codes.shape[1] - 1
    for place in range(size):
        left[count] = np.int64(rows[low + place])
        count += int(kept[place])
    for at in range(count):
        seen |= codes[left[at], 0] | codes[left[at], last]
    left[left.size - 1] = np.int64(seen)
    return count


_READ = (
    "int64(int64[::1], int64, uint8[::1], uint8[::1], int64[::1], uint32[::1], uint64[::1], uint32[::1], uint8[:,::1],"
    " uint8[::1], int64[:,::1], int64)"
)


@compiled(_READ)
def read(
    order: Numbers, length: int, query: Codes, classes: Codes, rule: Numbers, directory: Rows, signatures: Signatures,
    rows: Rows, codes: Codes, dead: Codes, hits: Numbers, count: int,
) -> int:  # fmt: skip
    """Look up `length` loci of a list; every row that meets the rule goes to `hits` behind the first `count`.

    `rule`: loci fully equal at the least, differing alleles at most, and how many places of a signature may differ.
    Answers the number of hits, which may be more than `hits` has room for.
    """
    pair = (np.int64(classes[order[0]]) - 2) * order[6] + np.int64(classes[order[1]]) - 2
    low = order[5] + np.int64(directory[order[4] + pair])
    high = order[5] + np.int64(directory[order[4] + pair + 1])
    if length > 2:
        prefix = np.uint64(classes[order[2]]) << np.uint64(56)
        width = np.uint64(1) << np.uint64(56)
        if length > 3:
            prefix |= np.uint64(classes[order[3]]) << np.uint64(48)
            width = np.uint64(1) << np.uint64(48)
        low = place_of(signatures, low, high, prefix)
        high = place_of(signatures, low, high, prefix + width)
    asked = np.empty(5, dtype=np.uint64)
    signature_asked(order, classes, rule[2], asked)
    kept, left = np.empty(512, dtype=np.bool_), np.empty(514, dtype=np.int64)
    while low < high:
        size = min(512, high - low)
        if sieve(signatures, low, size, asked, kept):
            for at in range(fetched(kept, size, rows, low, codes, left)):
                count = _taken(left[at], query, rule, codes, dead, hits, count)
        low += size
    return count


_FIND = (
    "int64(uint8[::1], int64, uint8[:,::1], float64[:,::1], int64[:,::1], int64[:,::1], uint32[::1], uint64[::1],"
    " uint32[::1], uint8[:,::1], uint8[::1], int64[:,::1])"
)


@compiled(_FIND)
def find(
    query: Codes, minimum: int, lookup: Codes, shares: Costs, partitions: Numbers, orders: Numbers, directory: Rows,
    signatures: Signatures, rows: Rows, codes: Codes, dead: Codes, hits: Numbers,
) -> int:  # fmt: skip
    """Every row of a segment with `minimum` loci fully equal to the query's and at most one differing allele.

    Writes row and `weighed` to `hits`, some rows twice; answers their number, which may exceed the room.
    """
    loci = query.size // 2
    classes, share = np.empty(loci, dtype=np.uint8), np.empty(loci)
    classes_asked(query, lookup, classes)
    tested, unknown = 0, 0
    for locus in range(loci):
        share[locus] = shares[locus, classes[locus]]
        tested |= int(classes[locus] != 0) << locus
        unknown |= int(classes[locus] == 255) << locus
    found, costs = np.empty((256, 3), dtype=np.int64), np.empty(256)
    chosen, rule, of = np.empty(3, dtype=np.int64), np.empty(3, dtype=np.int64), np.empty(loci, dtype=np.int64)
    count = 0
    for part in range(partitions.shape[0]):
        start, end, mask, regular = partitions[part, 0], partitions[part, 1], partitions[part, 2], partitions[part, 3]
        first, last, least = partitions[part, 4], partitions[part, 5], partitions[part, 6]
        shared = mask & tested
        asked, lost = shared & ~unknown, bits(shared & unknown)
        equal = bits(asked)
        rule[0], rule[1] = minimum, 1
        if equal < minimum or (regular and lost > 1):
            continue
        if regular:
            rule[2] = 0 if lost == 1 or equal == minimum else 1
            number = groups(orders, first, last, asked, share, np.float64(end - start), found, costs)
            many = 1
            if rule[2] == 1:
                many = cheapest(found, costs, number, chosen)
            else:
                chosen[0] = 0
            for at in range(many):
                line = chosen[at]
                count = read(
                    orders[found[line, 1]], found[line, 2], query, classes, rule, directory, signatures, rows, codes,
                    dead, hits, count,
                )  # fmt: skip
        else:
            rule[2] = 1
            known = least - bits(mask & ~asked)  # loci that query and row have in common and know, at the fewest
            pieces(orders, first, last, asked, share, max(minimum, known - 1), of)
            for order in range(first, last):
                one, two = of[orders[order, 0]], of[orders[order, 1]]
                if one >= 0 and one == two:
                    count = read(
                        orders[order], 2, query, classes, rule, directory, signatures, rows, codes, dead, hits, count
                    )
    return count


def counted(hits: Numbers) -> tuple[Counts, Counts, Counts]:
    """Rows without repetition, loci fully equal and differing alleles of what `find` wrote."""
    rows, first = np.unique(hits[:, 0], return_index=True)
    return rows, hits[first, 1] & 255, hits[first, 1] >> 8 & 255


@compiled("int64(uint8[:,::1], int64[::1], uint8[::1], int64, uint8[::1], int64[:,::1])")
def verify(codes: Codes, rows: Numbers, query: Codes, minimum: int, dead: Codes, hits: Numbers) -> int:
    """Write those of `rows` that meet the rule and are not deleted to `hits`; their number."""
    count = 0
    for row in rows:
        found = weighed(query, codes[row], minimum, 1)
        if found >= 0 and not dead[row]:
            hits[count, 0], hits[count, 1] = row, found
            count += 1
    return count
