"""The sweep by stringency, as part of `benchmarks.dna`: milliseconds, bytes read of each profile, recall."""

import statistics
import time
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from benchmarks._genotypes import Planted
from comity.dna import kernel, service
from comity.dna.kernel.index import fitting as kernels
from comity.dna.kernel.index.genotypes import LOCI
from comity.dna.kernel.index.segment import Segment
from comity.dna.kernel.index.whole import Index

SETS: Final = ("codis-moderate", "codis-low")
PASSES: Final = 3
"""Every query is timed so often, and its median counts: the machine has other work."""
_PORTION: Final = 1_000_000
_BLOCKS: Final = 100
"""Blocks of each partition whose bytes are counted."""


def swept(index: Index, columns: kernel.Codes, queries: Sequence[Planted], brute: int) -> dict[str, Any]:
    """Of each rule set as it ships: the sweep's times over queries that hold enough loci for it, and what it finds."""
    found: dict[str, Any] = {}
    for id in SETS:
        by = kernel.limits(service.rule_set(id))
        asked = [query for query in queries if query.loci >= by.minimum]
        found |= {f"scan_{id.removeprefix('codis-')}_{name}": value
                  for name, value in _figures(index, columns, asked, by, brute).items()}  # fmt: skip
    return found


def _figures(
    index: Index, columns: kernel.Codes, queries: Sequence[Planted], by: kernel.Limits, brute: int
) -> dict[str, Any]:
    times, busy, met, read = [], [], [], []
    for query in queries:
        met.append(len(index.fitting(query.codes, by).rows))
        taken = [_timed(index, query, by) for _ in range(PASSES)]
        times.append(statistics.median(wall for wall, _ in taken))
        busy.append(statistics.median(cpu for _, cpu in taken))
        read.append(sum(_read(part.segment, query.codes, by) for part in index.parts) / len(index))
    chosen = queries[:: max(1, len(queries) // max(1, brute))]
    return {
        "ms": round(float(np.percentile(times, 99)), 1), "p50_ms": round(statistics.median(times), 1),
        "cpu_ms": round(float(np.percentile(busy, 99)), 1), "cpu_p50_ms": round(statistics.median(busy), 1),
        "bytes_read": round(statistics.fmean(read), 2), "queries": len(queries), "met_p50": statistics.median(met),
        "met_max": max(met), "brute_force_queries": len(chosen),
        "recall": float(np.mean([_keys(index, query, by) == _brute(columns, query, by) for query in chosen])),
    }  # fmt: skip


def _timed(index: Index, query: Planted, by: kernel.Limits) -> tuple[float, float]:
    """Milliseconds of one sweep, by the clock and of the thread's processor time."""
    start, cpu = time.perf_counter(), time.thread_time()
    index.fitting(query.codes, by)
    return (time.perf_counter() - start) * 1e3, (time.thread_time() - cpu) * 1e3


def _keys(index: Index, query: Planted, by: kernel.Limits) -> frozenset[int]:
    return frozenset(index.fitting(query.codes, by).rows.tolist())


def _brute(columns: kernel.Codes, query: Planted, by: kernel.Limits) -> frozenset[int]:
    """What the scan in NumPy finds, a portion at a time."""
    packed, found = b"\0" + query.codes.tobytes(), set[int]()
    for start in range(0, columns.shape[1], _PORTION):
        rows = kernel.fitting(columns[:, start : start + _PORTION], packed, by).rows
        found.update((rows + start + 1).tolist())
    return frozenset(found)


def _read(segment: Segment, query: kernel.Codes, by: kernel.Limits) -> float:
    """Bytes of classes that a sweep over a segment reads, by following it through some blocks of each partition."""
    kinds, weights = np.empty((LOCI, 256), dtype=np.uint8), np.empty((LOCI, 256), dtype=np.uint8)
    numbers = kernels.asked(by)
    kernels.judge(segment.seen, segment.lookup, np.array(query), numbers, kinds, weights)
    misses, total = (segment.shares * (weights > 0)).sum(axis=1), 0.0
    for number, (start, end, mask) in enumerate(segment.partitions[:, :3].tolist()):
        loci = [n for n in range(LOCI) if query[2 * n] and mask >> n & 1]
        if len(loci) >= by.minimum:
            loci.sort(key=lambda n: float(-segment.typed[number, n] * misses[n]))  # used at once
            blocks = range(start, end, max(kernels.BLOCK, (end - start) // _BLOCKS))
            read = [
                _of_block(segment.classes[:, low : min(end, low + kernels.BLOCK)], weights, loci, by) for low in blocks
            ]
            total += statistics.fmean(read) * (end - start)
    return total


def _of_block(classes: kernel.Codes, weights: kernel.Codes, loci: Sequence[int], by: kernel.Limits) -> float:
    """Bytes read of each profile of a block."""
    size, apart, read = classes.shape[1], np.zeros(classes.shape[1], dtype=np.intp), 0
    alive, dense = size, True
    for locus in loci:
        dense = dense and alive * kernels.SPARSE >= size
        read += size if dense else alive
        apart += weights[locus][classes[locus]]
        alive = int(np.count_nonzero(apart <= by.most))
        if not alive:
            break
    read += alive * len(loci)
    return float(read / size)
