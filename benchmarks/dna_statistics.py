"""Ranking a database by likelihood ratio: relatives of a profile, contributors to a mixture of three persons.

    python -m benchmarks.dna_statistics [--profiles 10000000] [--candidates 1000000] [--seed N] [--verify N]

One JSON line. The profiles are those of `benchmarks.dna` (`_genotypes.MIX`), packed and in memory; frequencies are the
training table's, made to add up. `kinship_s`: one profile of 23 loci against all, as parent or child, full sibling,
half sibling and uncle or nephew, from its alleles to the twenty best of each relation weighed again by the plain rules;
`kinship_tables_s` of these for the tables, whatever the number of profiles. `mixture_s`: a simulated trace of three of
the profiles (16 loci, drop-out 0.1) against the candidates, in the same way, with nine probabilities of drop-out tried.
`floor_kinship_s` reads the same bytes once. One warm thread; the median of three, by the clock and
(`*_cpu_s`) of the processor. `verify`: so many profiles weighed by
the plain rules, too, each by every relation: `*_difference` is the greatest in log10.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from benchmarks import _genotypes
from comity.app.demo import population as synthetic
from comity.dna import rules
from comity.dna.kernel import Codes
from comity.dna.kernel.ranking import Best, Tables, rank, tables, weighed
from comity.dna.model import (
    AUTOSOMAL,
    COLUMN,
    LOCI,
    RELATIONS,
    UNTESTED,
    WIDTH,
    Alleles,
    Assumptions,
    FrequencyFile,
    Locus,
    MixtureModel,
    Mutation,
    Population,
    Trace,
    code,
)

ASKED: Final = ("parent-child", "full-siblings", "half-siblings", "avuncular")
MOST: Final = 20
CHUNK: Final = 500_000
PASSES: Final = 3
Loci = dict[str, Alleles]


def frequencies() -> Population:
    """The training table as a population: its shares add up because they are drawn from so."""
    shares = {
        name: {allele: f"{share:.9f}" for allele, share in zip(alleles, np.diff(cumulated, prepend=0), strict=True)}
        for name, (alleles, cumulated) in synthetic.frequencies().items()
    }
    return Population(
        "training", "shipped training table", "", datetime.fromtimestamp(0, UTC), FrequencyFile(shares, {})
    )


def columns(seed: int, n: int) -> Codes:
    """`n` profiles column by column, drawn in chunks so that they never lie twice in memory."""
    found = np.zeros((WIDTH, n), dtype=np.uint8)
    for start in range(0, n, CHUNK):
        size = min(CHUNK, n - start)
        found[:, start : start + size] = _genotypes.database(seed + start, size).T
    return found


def written(locus: Locus, allele: int) -> str:
    """The designation of a code."""
    whole, odd = divmod(allele, max(4, locus.repeat))
    text = "*" if allele == 1 else f"{whole}.{odd}" if odd else str(whole)
    assert code(locus, text) == allele
    return text


def profile(codes: Codes, row: int) -> Loci:
    """The loci of one column, as a laboratory would write them."""
    return {
        locus.name: tuple(written(locus, int(codes[2 * at + side, row])) for side in (0, 1))
        for at, locus in enumerate(AUTOSOMAL) if codes[2 * at, row] != UNTESTED
    }  # fmt: skip


def timed(name: str, what: Callable[[], Any]) -> dict[str, Any]:
    """Seconds of one warm call, by the clock and of the processor: the median of some passes each."""
    what()
    both = []
    for _ in range(PASSES):
        before = time.perf_counter(), time.process_time()
        what()
        both.append((time.perf_counter() - before[0], time.process_time() - before[1]))
    clock, cpu = (round(statistics.median(found), 3) for found in zip(*both, strict=True))
    return {f"{name}_s": clock, f"{name}_cpu_s": cpu}


def ranked(codes: Codes, by: Tables) -> Best:
    """The best of all profiles."""
    best = Best.empty(by.questions, MOST)
    rank(codes, by, best)
    return best


def kinship(codes: Codes, verify: int) -> dict[str, Any]:
    """Relatives of the first profile of 23 loci or more."""
    held = np.count_nonzero(codes[::2, :10_000], axis=0)
    asked = profile(codes, int(np.argmax(held >= 23)))
    kin = rules.Kin(frequencies(), tuple(RELATIONS[each] for each in ASKED), Assumptions(), Mutation())

    def made() -> Tables:
        found = rules.kin_tables(asked, kin)
        kinds = np.tile(np.arange(rules.CODES, dtype=np.int64), (len(found.loci), 1))
        return tables(found.loci, kinds, found.values)

    def whole() -> None:
        best = ranked(codes, made())
        for question in range(len(ASKED)):
            for row, _ in best.ordered(question):
                rules.weigh_kin(asked, profile(codes, row), kin)

    by = made()
    rows = [*range(verify), *(row for row, _ in ranked(codes, by).ordered(0))]
    few = np.ascontiguousarray(codes[:, rows])
    figures, plain = weighed(few, by), (rules.weigh_kin(asked, profile(few, row), kin) for row in range(len(rows)))
    off = max(
        abs(figure - one.log10_lr(relation))
        for found, one in zip(figures.tolist(), plain, strict=True)
        for figure, relation in zip(found, ASKED, strict=True)
    )
    places = [2 * COLUMN[name] + side for name in asked if name in LOCI for side in (0, 1)]
    return {
        **timed("kinship", whole), **timed("kinship_tables", made), **timed("kinship_rank", lambda: ranked(codes, by)),
        **timed("floor_kinship", lambda: [np.bitwise_or.reduce(words(codes[place])) for place in places]),
        "kinship_loci": len(asked), "relations": [*ASKED], "kinship_difference": f"{off:.1e}",
    }  # fmt: skip


def mixture(codes: Codes, seed: int, verify: int) -> dict[str, Any]:
    """Contributors to a trace of three of the profiles."""
    chance = np.random.default_rng(seed)
    loci = {COLUMN[name] for name in synthetic.ESX}
    whole_kit = np.flatnonzero((codes[[2 * at for at in sorted(loci)], :50_000] > 1).all(axis=0))
    persons = [profile(codes, int(row)) for row in whole_kit[:3]]
    seen = {
        name: (tuple({a for person in persons for a in person[name] if a != "*" and chance.random() > 0.1}),)
        for name in synthetic.ESX
    }  # fmt: skip
    trace, world, model = Trace("simulated", ("1",), seen), frequencies(), MixtureModel(3)

    def made() -> tuple[rules.Mixing, Tables]:
        mixed = rules.mixing(trace, [], world, model)
        found = rules.mixture_tables(mixed)
        return mixed, tables(found.loci, found.kinds, found.values, halves=True)

    def whole() -> None:
        mixed, by = made()
        for row, _ in ranked(codes, by).ordered(0):
            rules.weigh_candidate(profile(codes, row), mixed)

    mixed, by = made()
    best = ranked(codes, by).ordered(0)
    few = np.ascontiguousarray(codes[:, [*range(verify), *(row for row, _ in best)]])
    plain = (rules.weigh_candidate(profile(few, row), mixed).log10_lr for row in range(few.shape[1]))
    off = max(abs(figure - one) for (figure,), one in zip(weighed(few, by).tolist(), plain, strict=True))
    rows = [row for row, _ in best]
    return {
        **timed("mixture", whole), **timed("mixture_tables", lambda: made()[1]),
        **timed("mixture_rank", lambda: ranked(codes, by)), "mixture_difference": f"{off:.1e}",
        "contributors_at": [rows.index(int(row)) + 1 if int(row) in rows else None for row in whole_kit[:3]],
    }  # fmt: skip


def measured(seed: int, profiles: int, candidates: int = 1_000_000, verify: int = 200) -> dict[str, Any]:
    """Relatives among so many drawn profiles, and contributors among the first of them."""
    codes = columns(seed, profiles)
    found = kinship(codes, verify)
    first = np.ascontiguousarray(codes[:, :candidates])
    del codes
    return found | mixture(first, seed, verify) | {"candidates": first.shape[1]}


def words(row: Codes) -> Any:
    """A row of codes as words of eight, without the last few."""
    return row[: len(row) // 8 * 8].view(np.uint64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", type=int, default=10_000_000)
    parser.add_argument("--candidates", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=20260302)
    parser.add_argument("--verify", type=int, default=200, help="profiles weighed by the plain rules, too")
    options = parser.parse_args()
    found = measured(options.seed, options.profiles, options.candidates, options.verify)
    about = {
        "profiles": options.profiles, "seed": options.seed, "row_mix": _genotypes.MIX,
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000), "load": os.getloadavg()[0],
    }  # fmt: skip
    sys.stdout.write(json.dumps(about | found) + "\n")


if __name__ == "__main__":
    main()
