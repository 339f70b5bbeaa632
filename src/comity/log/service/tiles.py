"""The log as static files (C2SP tlog-tiles), and the whole tree recomputed at the speed of its hashes.

Tiles are a cache: they follow from the stored entries alone and can be thrown away. A tile is 256 neighbouring hashes
of one level, an entry bundle the 256 entries behind a tile of level 0; at the right edge both are partial.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Final

from comity.base.errors import Tampered
from comity.kit.database.unit import Unit
from comity.log import rules, store
from comity.log.model import Head
from comity.log.service.state import checkpoint, head

_LEAF: Final = b"\x00"

Told = Callable[[int], None]
"""Told how many more entries are done."""


def tiles(unit: Unit, told: Told | None = None) -> Iterator[tuple[str, bytes]]:
    """Every tile and entry bundle by its path, and last of all the signed ``checkpoint``, in this snapshot.

    Tampered, before the first of them, when the stored entries do not hash to the root that this log signed.
    """
    verify_tree(unit, told)
    edge = _Edge()
    for number, block in enumerate(_blocks(unit, told)):
        bundle = b"".join([len(data).to_bytes(2, "big") + data for data in block])
        yield rules.tile_path("entries", number, len(block)), bundle
        yield from edge.add(block)
    yield from edge.partial()
    yield "checkpoint", checkpoint(unit).encode()


def verify_tree(unit: Unit, told: Told | None = None) -> Head:
    """The signed head, after recomputing every leaf and node from the stored entries' bytes; else Tampered.

    It proves that no entry was changed, removed, inserted or moved; what `verify` checks besides (columns, earlier
    checkpoints, sealed values) it leaves alone.
    """
    edge = _Edge()
    for block in _blocks(unit, told):
        for _ in edge.add(block):
            pass
    return _compare(unit, edge)


@dataclass
class _Edge:
    """The right edge of a growing tree: the partial tile of each level, leaves first."""

    size: int = 0
    levels: list[list[bytes]] = field(default_factory=list)

    def add(self, block: list[bytes]) -> Iterator[tuple[str, bytes]]:
        """The tiles that one more block of entries completes; only the last block has fewer than 256."""
        row = [sha256(_LEAF + data).digest() for data in block]
        self.size += len(block)
        for level in count():
            if level == len(self.levels):
                self.levels.append([])
            tile = self.levels[level] = self.levels[level] + row
            if len(tile) < rules.TILE:
                return
            yield rules.tile_path(level, (self.size >> rules.STEP * (level + 1)) - 1, rules.TILE), b"".join(tile)
            self.levels[level], row = [], [rules.complete(tile)]

    def partial(self) -> Iterator[tuple[str, bytes]]:
        """The tiles that are not full."""
        for level, tile in enumerate(self.levels):
            if tile:
                yield rules.tile_path(level, self.size >> rules.STEP * (level + 1), len(tile)), b"".join(tile)


def _blocks(unit: Unit, told: Told | None) -> Iterator[list[bytes]]:
    """The stored bytes of all entries that the head counts, 256 at a time: more would leave the CPU's caches."""
    size = head(unit).size
    for start in range(0, size, rules.TILE):
        found = store.data(unit.connection, start, min(start + rules.TILE, size))
        yield found
        if told:
            told(len(found))


def _compare(unit: Unit, edge: _Edge) -> Head:
    """The head, if the tree is the one that was signed; a row that is missing or too many changes the size or root."""
    signed, stored = head(unit), store.count(unit.connection)
    if (edge.size, rules.tile_root(edge.levels), stored) != (signed.size, signed.root, signed.size):
        raise Tampered("log.tree", "The stored entries are not those that this log signed", where="log_entry",
                       todo="Run `comity log verify`, which names the rows; restore them from a backup.")  # fmt: skip
    return signed
