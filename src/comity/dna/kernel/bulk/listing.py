"""Profiles whose genotypes are all common are looked up in the lists of an index: less is read there than passes by."""

from typing import Final

import numpy as np

from comity.base.compiling import compiled
from comity.dna.kernel.bulk.meeting import Found
from comity.dna.kernel.index.planning import Costs
from comity.dna.kernel.index.postings import Numbers, Rows, Signatures
from comity.dna.kernel.index.probing import find
from comity.dna.kernel.index.segment import Segment
from comity.dna.kernel.packed import Codes

WORTH: Final = 600.0
"""Passing rows that one look-up in lists costs as much as."""
_LISTED: Final = (
    "int64(uint8[:,::1], int64[::1], int64, uint8[:,::1], float64[:,::1], int64[:,::1], int64[:,::1], uint32[::1],"
    " uint64[::1], uint32[::1], uint8[:,::1], uint8[::1], int64[:,::1], int64[:,::1])"
)


@compiled(_LISTED)
def listed(
    asked: Codes, rows: Numbers, minimum: int, lookup: Codes, shares: Costs, partitions: Numbers, orders: Numbers,
    directory: Rows, signatures: Signatures, list_rows: Rows, codes: Codes, dead: Codes, hits: Numbers, found: Found,
) -> int:  # fmt: skip
    """`probing.find` for each of `rows` of `asked`: row, found row, `weighed`, into `found`; their number, which may
    exceed the room, or -1 where the hits of one row exceed `hits`."""
    count = 0
    for row in rows:
        many = find(
            asked[row], minimum, lookup, shares, partitions, orders, directory, signatures, list_rows, codes, dead, hits
        )
        if many > hits.shape[0]:
            return -1
        for at in range(many):
            if count < found.shape[0]:
                found[count, 0], found[count, 1], found[count, 2] = row, hits[at, 0], hits[at, 1]
            count += 1
    return count


def look_up(segment: Segment, partition: int, asked: Codes, rows: Numbers, minimum: int) -> Found:
    """Pairs of one of `rows` of `asked` (codes) and a row of a partition that meet the rule, some of them twice."""
    dead, room, own = np.zeros(len(segment), dtype=np.uint8), 1 << 16, 1 << 14
    while True:
        hits, found = np.empty((own, 2), dtype=np.int64), np.empty((room, 3), dtype=np.int64)
        count = listed(
            asked, rows, minimum, segment.lookup, segment.shares, segment.partitions[partition : partition + 1],
            segment.orders, segment.directory, segment.signatures, segment.rows, segment.codes, dead, hits, found,
        )  # fmt: skip
        if 0 <= count <= room:
            return found[:count]
        own, room = (own * 8, room) if count < 0 else (own, count)
