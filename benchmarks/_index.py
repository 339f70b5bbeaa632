"""The index part of `benchmarks.dna`: build, planted queries of every class, the sweep, inserts, several threads."""

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks import _genotypes, _stringencies
from benchmarks._genotypes import PARTS, Planted
from comity.dna import kernel
from comity.dna.kernel.bulk import whole as bulk
from comity.dna.kernel.index.genotypes import LOCI
from comity.dna.kernel.index.whole import TAIL, Index, Part

MINIMUM: Final = 6
PASSES: Final = 3
"""Every query is timed in so many passes over all queries, and its median counts: the machine has other work."""

_PORTION: Final = 20_000_000
Keys = frozenset[int]


class Counts(NamedTuple):
    """Queries of each of 25 classes, sweeps that are timed, and queries that the scan in NumPy answers, too; profiles
    that are compared in bulk."""

    each: int
    sweeps: int
    brute: int
    bulk: int = 0


@dataclass
class Timed:
    """Microseconds of each query of one class, and how many of the profiles that it should find it found."""

    us: list[float] = field(default_factory=list)
    expected: int = 0
    found: int = 0

    def row(self) -> dict[str, float]:
        """The class as a line of the table."""
        return {
            "n": len(self.us), "p50_us": round(statistics.median(self.us), 1),
            "p99_us": round(float(np.percentile(self.us, 99)), 1), "max_us": round(max(self.us), 1),
            "recall": self.found / self.expected if self.expected else 1.0,
        }  # fmt: skip


def run(seed: int, profiles: int, counts: Counts, irregular: float) -> dict[str, Any]:
    """Everything about the index at this size."""
    rows = _genotypes.database(seed, profiles, irregular)
    before = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(2) as pool:
        index = Index.of(np.arange(1, profiles + 1), rows, pool.map)
    built, cpu = time.perf_counter() - before[0], time.process_time() - before[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    queries = list(_genotypes.planted(seed, rows, counts.each))
    columns = np.ascontiguousarray(rows.T)
    del rows
    found: dict[str, Any] = {
        "profiles": profiles, "irregular": irregular, "build_s": round(built, 1), "build_cpu_s": round(cpu, 1),
        "build_peak_gb": round(peak, 2),
        "index_bytes_per_profile": round(sum(p.segment.index_bytes for p in index.parts) / profiles, 1),
    }  # fmt: skip
    some = queries[:: max(1, len(queries) // counts.sweeps)]
    found |= _searched(index, queries) | _swept(index, columns, some, counts.brute)
    found |= _stringencies.swept(index, columns, some, counts.brute)
    del columns
    found |= _in_bulk(index, seed, queries, counts.bulk, irregular) if counts.bulk else {}
    return found | {
        "threads": {str(n): _several(index, queries, n) for n in (1, 2, 4)}, **_inserted(index, seed, queries),
    }  # fmt: skip


def lean(seed: int, profiles: int, counts: Counts, irregular: float) -> dict[str, Any]:
    """A lean index at this size, made in parts of 20 million profiles; planted queries of each part."""
    parts: list[Part] = []
    queries: list[tuple[int, Planted]] = []
    before = time.perf_counter(), time.process_time()
    for number, first in enumerate(range(0, profiles, _PORTION)):
        rows = _genotypes.database(seed + number, min(_PORTION, profiles - first), irregular)
        each = max(1, counts.each * _PORTION // profiles)
        queries += [(first, query) for query in _genotypes.planted(seed + number, rows, each)]
        parts += Index.of(np.arange(first + 1, first + len(rows) + 1), rows, lean=True).parts
        del rows
    index = Index(tuple(parts))
    found: dict[str, Any] = {
        "profiles": profiles, "irregular": irregular, "drawn_and_built_s": round(time.perf_counter() - before[0], 1),
        "drawn_and_built_cpu_s": round(time.process_time() - before[1], 1), "segments": len(parts),
        "lean_bytes_per_profile": round(sum(sum(a.nbytes for a in vars(p.segment).values()) for p in parts) / profiles),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }  # fmt: skip
    asked = [query for _, query in queries]
    times, answers = _passes(index.search, asked)
    planted = sum(first + query.source + 1 in answer for (first, query), answer in zip(queries, answers, strict=True))
    by_part = {part: [us for us, query in zip(times, asked, strict=True) if query.part == part] for part, *_ in PARTS}
    return found | {
        "queries": len(asked), "found_of_planted": planted / len(asked), "hits": sum(map(len, answers)),
        "p50_ms": round(statistics.median(times) / 1e3, 2), "p99_ms": round(float(np.percentile(times, 99)) / 1e3, 2),
        "p50_ms_by_part": {part: round(statistics.median(us) / 1e3, 2) for part, us in by_part.items()},
    }  # fmt: skip


def _searched(index: Index, queries: Sequence[Planted]) -> dict[str, Any]:
    """Times and recall by class, the classes of the targets, and the worst of them."""
    times, answers = _passes(index.search, queries)
    truth = [frozenset(index.sweep(query.codes, MINIMUM).keys.tolist()) for query in queries]
    table: dict[str, Timed] = {}
    for query, us, answer, true in zip(queries, times, answers, truth, strict=True):
        targets = "6-15 loci" if query.loci < 16 else "16-24 loci"
        for name in (f"{query.part} {query.lost}", f"all {query.part}", targets):
            line = table.setdefault(name, Timed())
            line.us.append(us)
            line.expected, line.found = line.expected + len(true), line.found + len(true & answer)
    extra = sum(len(answer - true) for answer, true in zip(answers, truth, strict=True))
    lines = {name: line.row() for name, line in table.items()}
    return {
        "classes": lines, "p50_us": round(statistics.median(times), 1),
        "p50_us_6_15": lines["6-15 loci"]["p50_us"], "p50_us_16_24": lines["16-24 loci"]["p50_us"],
        "p99_us_worst": max(line["p99_us"] for line in lines.values()), "max_us": round(max(times), 1),
        "recall": min(line["recall"] for line in lines.values()), "found_and_not_true": extra,
        "true_hits": sum(map(len, truth)), "found_of_planted": sum(q.source + 1 in a for q, a in
                                                                   zip(queries, answers, strict=True)) / len(queries),
    }  # fmt: skip


def _passes(look: Callable[[kernel.Codes, int], Any], queries: Sequence[Planted]) -> tuple[list[float], list[Keys]]:
    """The median microseconds of each query over the passes, after one that warms up, and what it found."""
    answers = [frozenset(look(query.codes, MINIMUM).keys.tolist()) for query in queries]
    taken = []
    for _ in range(PASSES):
        row = []
        for query in queries:
            start = time.perf_counter_ns()
            look(query.codes, MINIMUM)
            row.append((time.perf_counter_ns() - start) / 1e3)
        taken.append(row)
    return [statistics.median(times) for times in zip(*taken, strict=True)], answers


def _brute(columns: kernel.Codes, query: Planted) -> Keys:
    """What the scan in NumPy finds: it shares no line with the index."""
    return frozenset((kernel.scan(columns, b"\0" + query.codes.tobytes(), MINIMUM).rows + 1).tolist())


def _swept(index: Index, columns: kernel.Codes, queries: Sequence[Planted], brute: int) -> dict[str, float]:
    """The sweep over every profile, in milliseconds; it must find what the scan in NumPy finds."""
    times, answers = _passes(index.sweep, queries)
    chosen = list(zip(queries, answers, strict=True))[:: max(1, len(queries) // max(1, brute))]
    with ThreadPoolExecutor(2) as pool:
        same = all(pool.map(lambda pair: _brute(columns, pair[0]) == pair[1], chosen))
    return {
        "scans": len(queries), "scan_ms": round(float(np.percentile(times, 99)) / 1e3, 2),
        "scan_p50_ms": round(statistics.median(times) / 1e3, 2), "scan_finds_what_numpy_finds": same,
        "brute_force_queries": len(chosen),
        "scan_bytes_held_per_profile": LOCI,
    }  # fmt: skip


def _in_bulk(index: Index, seed: int, queries: Sequence[Planted], size: int, irregular: float) -> dict[str, Any]:
    """`size` profiles against the index at once, all planted queries among them; those against the sweep."""
    rows = _genotypes.database(seed + 9, size, irregular)
    places = np.linspace(0, size - 1, len(queries)).astype(np.int64)
    rows[places] = [query.codes for query in queries]
    start, cpu = time.perf_counter(), time.process_time()
    hits = bulk.search(index, rows, MINIMUM)
    taken = {"bulk_cpu_s": round(time.process_time() - cpu, 2), "bulk_s": round(time.perf_counter() - start, 2)}
    expected = missed = extra = 0
    for place, query in zip(places.tolist(), queries, strict=True):
        here = slice(*np.searchsorted(hits.rows, (place, place + 1)).tolist())
        truth, answer = set(index.sweep(query.codes, MINIMUM).keys.tolist()), set(hits.keys[here].tolist())
        expected, missed, extra = expected + len(truth), missed + len(truth - answer), extra + len(answer - truth)
    return taken | {
        "bulk": size, "bulk_hits": int(hits.keys.size), "bulk_checked": len(queries), "bulk_extra": extra,
        "bulk_recall": (expected - missed) / expected if expected else 1.0,
    }  # fmt: skip


def _several(index: Index, queries: Sequence[Planted], threads: int) -> dict[str, float]:
    """Several threads at once, each with all queries: how many a second, and microseconds of each."""

    def taken(number: int) -> list[float]:
        times = []
        for query in np.roll(np.arange(len(queries)), number * len(queries) // threads).tolist():
            start = time.perf_counter_ns()
            index.search(queries[query].codes, MINIMUM)
            times.append((time.perf_counter_ns() - start) / 1e3)
        return times

    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        times = [us for one in pool.map(taken, range(threads)) for us in one]
    return {
        "per_s": round(len(times) / (time.perf_counter() - start)), "p50_us": round(statistics.median(times), 1),
        "p99_us": round(float(np.percentile(times, 99)), 1),
    }  # fmt: skip


def _inserted(index: Index, seed: int, queries: Sequence[Planted]) -> dict[str, float]:
    """Single inserts until the tail is full, and the queries with the longest tail."""
    rows, taken = _genotypes.database(seed + 7, TAIL), []
    for key, row in enumerate(rows, len(index) + 1):
        began = time.perf_counter()
        index = index.added([key], row[None])
        taken.append((time.perf_counter() - began) * 1e6)
    with_tail, _ = _passes(index.search, queries)
    start = time.perf_counter()
    index.settled()
    return {
        "inserts": TAIL, "insert_us": round(statistics.fmean(taken), 1), "insert_max_us": round(max(taken), 1),
        "p50_us_full_tail": round(statistics.median(with_tail), 1), "settle_s": round(time.perf_counter() - start, 2),
    }  # fmt: skip
