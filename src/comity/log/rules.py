"""The Merkle tree of RFC 6962, section 2, by compact ranges, and what an entry may say in the clear; pure.

Promises:

1. `append` and `root` agree with the recursive definition of the Merkle tree hash (RFC 6962, 2.1);
2. `inclusion_ranges` and `consistency_ranges` name, bottom up, the ranges of leaves whose hashes make up a proof
   (2.1.1, 2.1.2), and `subtrees` the complete subtrees that a range consists of: a reader fetches O(log n) rows;
3. `verify_inclusion` and `verify_consistency` follow RFC 9162, 2.1.3.2 and 2.1.4.2, and refuse every proof with more
   than 63 hashes, with a hash that is not 32 bytes, or with one hash too many or too few;
4. `tile_path` and `tile_root` are those of C2SP tlog-tiles;
5. `check_record` lets nothing into the clear fields but codes: they must not identify a person;
6. `epoch_of` reads exactly the names that `origin` writes.

Ranges are ``(start, end)`` in leaves, end exclusive.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from comity.base.errors import BadInput, Tampered
from comity.log.model import Frontier, Growth, Record, Subtree

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
MAX_PROOF: Final = 63
TILE: Final = 256
"""Hashes in a full tile (C2SP tlog-tiles)."""
STEP: Final = 8
"""Complete subtrees are stored at levels 8, 16, 24 and so on; those between are recomputed from at most 256 hashes."""

MOST_EPOCHS: Final = 999_999

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
_HASH: Final = re.compile("[0-9a-f]{64}")
_LATER: Final = re.compile("/epoch-([2-9]|[1-9][0-9]{1,5})")
_CLEAR: Final = {
    "type": re.compile("[a-z][a-z0-9_.-]{0,63}"),
    "peer": re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}"),
    "legal_basis": re.compile("[!-~]{1,128}"),
    "policy_hash": _HASH,
    "retention": re.compile("P[0-9]{1,4}[YMWD]"),
    "auth_hash": _HASH,
}
"""What each clear field of a record looks like, if it is there."""

Range = tuple[int, int]


def origin(node: str, epoch: int = 1) -> str:
    """The name of an epoch of a node's log, which is also the name of its key (C2SP tlog-checkpoint).

    ``comity.invalid/XA/log``, and from the second epoch on ``comity.invalid/XA/log/epoch-2``.
    """
    return f"comity.invalid/{node}/log" + (f"/epoch-{epoch}" if epoch > 1 else "")


def epoch_of(origin: str, node: str) -> int:
    """Which epoch of that node's log is called `origin`, from 1; 0 for any other name."""
    first = f"comity.invalid/{node}/log"
    later = _LATER.fullmatch(origin.removeprefix(first))
    return int(later[1]) if later and origin.startswith(first) else int(origin == first)


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry)."""
    return hashlib.sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(_NODE + left + right).digest()


def append(frontier: Frontier, leaves: Iterable[bytes]) -> Growth:
    """The frontier after appending leaf hashes, and every subtree at a stored level that they completed."""
    size, peaks, nodes = frontier.size, list(frontier.peaks), []
    for leaf in leaves:
        node, level, index = leaf, 0, size
        while index & 1:
            node, level, index = node_hash(peaks.pop(), node), level + 1, index >> 1
            if level % STEP == 0:
                nodes.append((Subtree(level, index), node))
        peaks.append(node)
        size += 1
    return Growth(Frontier(size, tuple(peaks)), tuple(nodes))


def frontier_at(size: int, expected: bytes, peaks: Sequence[bytes]) -> Frontier:
    """The frontier of the tree of `size` leaves whose root is `expected`; Tampered unless `peaks` fold to it.

    SHA-256 leaves no other peaks for the same root and size.
    """
    _check_shape(peaks)
    _require(len(peaks) == size.bit_count(), f"{len(peaks)} peaks for {size} entries")
    found = Frontier(size, tuple(peaks))
    _require(root(found) == expected, "the peaks do not make the root")
    return found


def roots(frontier: Frontier, leaves: Sequence[bytes], sizes: Sequence[int]) -> list[bytes]:
    """The root at each of these sizes, which rise from the frontier's to where the leaf hashes end."""
    _require(all(len(h) == 32 for h in leaves), "it has a hash that is not 32 bytes long")
    _require(frontier.size + len(leaves) == sizes[-1], f"{len(leaves)} leaves after {frontier.size} entries")
    following, found = iter(leaves), []
    for size in sizes:
        frontier = append(frontier, islice(following, size - frontier.size)).frontier
        found.append(root(frontier))
    return found


def grown(frontier: Frontier, leaves: Iterable[bytes]) -> dict[Subtree, bytes]:
    """The frontier's peaks and every complete subtree that further leaf hashes end, those leaves included.

    It is all that proves these leaves: what stands to the left of them in their paths are peaks.
    """
    known = peaks_of(frontier)
    for index, leaf in enumerate(leaves, frontier.size):
        part, node = Subtree(0, index), leaf
        known[part] = node
        while part.index & 1:
            node = node_hash(known[Subtree(part.level, part.index - 1)], node)
            part = Subtree(part.level + 1, part.index >> 1)
            known[part] = node
    return known


def root(frontier: Frontier) -> bytes:
    """The Merkle tree hash; of an empty tree, SHA-256 of nothing."""
    return fold(frontier.peaks) if frontier.peaks else EMPTY_ROOT


def fold(peaks: Sequence[bytes]) -> bytes:
    """One hash for neighbouring subtrees of falling size (at least one): the smallest two merge first."""
    node = peaks[-1]
    for peak in reversed(peaks[:-1]):
        node = node_hash(peak, node)
    return node


def subtrees(span: Range) -> list[Subtree]:
    """The complete subtrees that make up `span`, left to right; `span` starts where one as large as it may start."""
    start, end = span
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append(Subtree(level, start >> level))
        start += 1 << level
    return found


def peak_ranges(size: int) -> list[Range]:
    """What each peak of a tree of `size` leaves is the root of."""
    return [(part.index << part.level, (part.index + 1) << part.level) for part in subtrees((0, size))]


def peaks_of(frontier: Frontier) -> dict[Subtree, bytes]:
    """The frontier's peaks by the subtrees that they are the roots of."""
    return dict(zip(subtrees((0, frontier.size)), frontier.peaks, strict=True))


def sources(wanted: Subtree) -> tuple[int, int, int]:
    """Where the hash of `wanted` comes from: a stored level (0: leaves), first index and end index there."""
    base = wanted.level - wanted.level % STEP
    shift = wanted.level - base
    return base, wanted.index << shift, (wanted.index + 1) << shift


def complete(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of neighbouring hashes. Written out, for two thirds of the time is then SHA-256."""
    sha256, row = hashlib.sha256, list(hashes)
    while len(row) > 1:
        pairs = iter(row)
        row = [sha256(_NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return row[0]


def tile_path(kind: int | str, index: int, width: int) -> str:
    """Where a tile lies (C2SP tlog-tiles): of the level `kind`, or the bundle ``entries``; partial below 256 wide."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *above, last = (digits[at : at + 3] for at in range(0, len(digits), 3))
    return "/".join(["tile", str(kind), *(f"x{group}" for group in above), last]) + (
        f".p/{width}" if width < TILE else ""
    )


def tile_root(tiles: Sequence[Sequence[bytes]]) -> bytes:
    """The Merkle tree hash from the partial tiles at a tree's right edge, level by level from the leaves up."""
    peaks = [
        complete(tile[part.index << part.level : part.index + 1 << part.level])
        for tile in reversed(tiles)
        for part in subtrees((0, len(tile)))
    ]
    return fold(peaks) if peaks else EMPTY_ROOT


def proof(spans: Sequence[Range], known: Mapping[Subtree, bytes]) -> list[bytes]:
    """The proof's hashes, one for each range, from the hashes of the ranges' subtrees."""
    return [fold([known[part] for part in subtrees(span)]) for span in spans]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Ranges of the inclusion proof of leaf `index` in a tree of `size` > `index` leaves (RFC 6962, 2.1.1)."""
    start, end, spans = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """Ranges of the consistency proof from 0 < `first` <= `second` leaves (RFC 6962, 2.1.2)."""
    start, end, spans = 0, second, []
    while first < end:
        middle = start + _split(end - start)
        if first <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return (spans + ([(start, end)] if start else []))[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, expected: bytes, hashes: Sequence[bytes]) -> None:
    """Tampered unless `hashes` lead from the hash `leaf` at `index` to the root `expected` of `size` leaves."""
    _check_shape(hashes)
    _require(len(leaf) == 32, "the leaf hash is not 32 bytes long")
    _require(0 <= index < size, f"entry {index} lies outside a log of {size}")
    node, last = leaf, size - 1
    for sibling in hashes:
        _require(last > 0, "the proof is too long")
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            index, last = _skip(index, last)
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    _require(last == 0, "the proof is too short")
    _require(node == expected, "the proof leads to another root")


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, hashes: Sequence[bytes]) -> None:
    """Tampered unless `hashes` show that the tree of `second` leaves extends the one of `first` > 0 leaves."""
    _check_shape(hashes)
    _require(0 < first <= second, f"a log of {second} entries cannot be shown to extend one of {first}")
    if first == second:
        _require(not hashes, "the proof is too long")
        _require(first_root == second_root, "two roots for the same size")
        return
    _require(len(hashes) > 0, "the proof is too short")
    path = list(hashes) if first & (first - 1) else [first_root, *hashes]
    old = new = path[0]
    index, last = first - 1, second - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    for sibling in path[1:]:
        _require(last > 0, "the proof is too long")
        if index & 1 or index == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            index, last = _skip(index, last)
        else:
            new = node_hash(new, sibling)
        index, last = index >> 1, last >> 1
    _require(last == 0, "the proof is too short")
    _require(old == first_root, "the proof does not lead to the earlier root")
    _require(new == second_root, "the proof does not lead to the later root")


def check_record(record: Record) -> None:
    """BadInput unless the clear fields are codes, hashes and a duration."""
    for name, pattern in _CLEAR.items():
        value = getattr(record, name)
        if value is not None and not pattern.fullmatch(value):
            what = f"The log takes no {name.replace('_', ' ')} such as {value[:80]!r} in the clear"
            raise BadInput("log.record", what,
                           todo="Use a code; put anything else into subject or payload.")  # fmt: skip


def _split(width: int) -> int:
    """The largest power of two below `width` (> 1)."""
    return 1 << (width - 1).bit_length() - 1


def _skip(index: int, last: int) -> tuple[int, int]:
    """Climb while the node is a left child without a right neighbour."""
    while index and not index & 1:
        index, last = index >> 1, last >> 1
    return index, last


def _check_shape(hashes: Sequence[bytes]) -> None:
    _require(all(len(h) == 32 for h in hashes), "it has a hash that is not 32 bytes long")
    _require(len(hashes) <= MAX_PROOF, f"it has {len(hashes)} hashes; {MAX_PROOF} is the most")


def _require(holds: bool, why: str) -> None:
    if not holds:
        raise Tampered("log.proof", f"A log proof does not hold: {why}",
                       todo="Keep both signed checkpoints and ask the log's keeper to explain.")  # fmt: skip
