"""The scan by stringency against the plain rule: the same profiles, counted and ordered alike, whatever they hold."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.dna import kernel, model, rules, service
from comity.dna.kernel.fitting import _differences
from comity.dna.model import RuleSet
from tests.dna.profiles import PRUEM, Loci, profiles, relatives, rule_sets

Counts = dict[int, tuple[int, int, int]]


def compared(query: Loci, held: list[Loci], under: RuleSet) -> Counts:
    """What the plain rule finds: row, equal loci, fitting ones, others."""
    every = {row: rules.compare(query, loci, under) for row, loci in enumerate(held)}
    return {
        row: (found.full, found.fitting, len(found.findings) - found.fitting)
        for row, found in every.items() if found.quality
    }  # fmt: skip


def counted(found: kernel.Fitting) -> Counts:
    """What a scan finds, the same way."""
    counts = zip(found.full.tolist(), found.fitting.tolist(), found.misfits.tolist(), strict=True)
    return dict(zip(found.rows.tolist(), counts, strict=True))


def scanned(query: Loci, held: list[Loci], under: RuleSet) -> kernel.Fitting:
    codes = kernel.columns([kernel.pack(loci) for loci in held])
    return kernel.fitting(codes, kernel.pack(query, under.loci), kernel.limits(under))


def best(query: Loci, held: list[Loci], under: RuleSet) -> list[int]:
    """The order of candidates by the plain rule: grade, loci that do not fit, equal loci, row."""
    every = {row: rules.compare(query, loci, under) for row, loci in enumerate(held)}
    keys = {
        row: (found.quality.grade, len(found.findings) - found.fitting, -found.full, row)
        for row, found in every.items() if found.quality
    }  # fmt: skip
    return sorted(keys, key=lambda row: keys[row])


@settings(max_examples=300, deadline=None)
@given(relatives(), st.lists(profiles(), max_size=6), rule_sets())
def test_the_scan_finds_what_the_rule_finds(pair: tuple[Loci, Loci], others: list[Loci], under: RuleSet) -> None:
    held = [pair[1], *others, pair[0], pair[1]]
    found = scanned(pair[0], held, under)
    assert counted(found) == compared(pair[0], held, under)
    assert found.best(kernel.limits(under), 100) == best(pair[0], held, under)
    assert found.best(kernel.limits(under), 1) == best(pair[0], held, under)[:1]


def test_columns_differ_as_single_genotypes_do() -> None:
    """Every pair of genotypes out of codes that are unknown, equal, neighbouring and far apart."""
    codes = (1, 40, 41, 42, 60)
    genotypes = [pair for pair in product(codes, codes) if pair != (1, 1)]
    columns = np.array(genotypes, dtype=np.uint8).T
    for (one, two), finer in product(genotypes, (False, True)):
        expected = [model.difference(one, two, other, another, finer) for other, another in genotypes]
        assert _differences(columns[0], columns[1], (one, two), finer).tolist() == expected


def test_pruem_finds_what_the_scan_for_it_finds(data: Path) -> None:
    specimens, _ = service.read_file((data / "dna" / "jax-pdx-str.csv").read_bytes())
    held = [dict(specimen.loci) for specimen in specimens]
    codes = kernel.columns([kernel.pack(loci) for loci in held])
    for query in held[::40]:
        packed = kernel.pack(query, PRUEM.loci)
        assert scanned(query, held, PRUEM).rows.tolist() == kernel.scan(codes, packed, PRUEM.minimum_full).rows.tolist()


def test_the_scan_finds_what_the_rule_finds_in_real_profiles(data: Path) -> None:
    specimens, _ = service.read_file((data / "dna" / "jax-pdx-str.csv").read_bytes())
    held = [dict(specimen.loci) for specimen in specimens]
    for stringency in ("high", "moderate", "low"):
        under = replace(service.rule_set(f"codis-{stringency}"), minimum_full=6, most_mismatches=2)
        for query in held[::400]:
            found = scanned(query, held, under)
            assert counted(found) == compared(query, held, under)
            assert found.best(kernel.limits(under), 2000) == best(query, held, under)
