"""The scan against the plain rule: the same profiles, whatever they hold."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.app.demo import population
from comity.dna import kernel, rules, service
from comity.dna.model import LAYOUT, WIDTH, Alleles
from tests.dna.profiles import PRUEM, profiles, relatives

Loci = dict[str, Alleles]


def scanned(query: Loci, held: list[Loci]) -> dict[int, tuple[int, int]]:
    packed = kernel.pack(query, PRUEM.loci)
    found = kernel.scan(kernel.columns([kernel.pack(loci) for loci in held]), packed, PRUEM.minimum_full)
    counts = zip(found.full.tolist(), found.differing.tolist(), strict=True)
    return dict(zip(found.rows.tolist(), counts, strict=True))


def compared(query: Loci, held: list[Loci]) -> dict[int, tuple[int, int]]:
    all_of_them = {row: rules.compare(query, loci, PRUEM) for row, loci in enumerate(held)}
    return {row: (c.full, len(c.differing)) for row, c in all_of_them.items() if c.quality}


@settings(max_examples=300)
@given(relatives(), st.lists(profiles(), max_size=6))
def test_the_scan_finds_what_the_rule_finds(pair: tuple[Loci, Loci], others: list[Loci]) -> None:
    held = [pair[1], *others, pair[0]]
    assert scanned(pair[0], held) == compared(pair[0], held)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 199))
def test_the_scan_finds_what_the_rule_finds_in_a_population(seed: int, chosen: int) -> None:
    specimens, _ = service.read_file(population.generate(seed, 200).encode())
    held = [dict(specimen.loci) for specimen in specimens]
    held.append(population.one_allele_off(held[chosen]))
    assert scanned(held[chosen], held) == compared(held[chosen], held)


def test_the_scan_finds_what_the_rule_finds_in_real_profiles(data: Path) -> None:
    specimens, _ = service.read_file((data / "dna" / "jax-pdx-str.csv").read_bytes())
    held = [dict(specimen.loci) for specimen in specimens]
    for query in held[::150]:
        assert scanned(query, held) == compared(query, held)


def test_three_values_keep_the_first_and_unknown_loci_count_as_untested() -> None:
    assert kernel.codes_of("VWA", ("16", "17", "18")) == (64, 1)
    assert kernel.codes_of("VWA", ("*", "na")) == (0, 0)
    assert kernel.codes_of("PENTA E", ("12.4",)) == (64, 64)


def test_a_packed_profile_names_its_layout() -> None:
    packed = kernel.pack({"VWA": ("16",), "AMEL": ("X",), "DYS391": ("10",)})
    assert (packed[0], len(packed), packed[1:3], sum(packed[3:])) == (LAYOUT, WIDTH + 1, b"\x40\x40", 0)


def test_matrices_join_in_their_order() -> None:
    one = kernel.Matrix.of([3], [kernel.pack({"VWA": ("16",)})])
    both = kernel.joined([kernel.Matrix.empty(), one, kernel.Matrix.of([7], [kernel.pack({"VWA": ("17",)})])])
    assert len(both) == 2
    assert np.array_equal(both.keys, [3, 7])
    assert both.codes[0].tolist() == [64, 68]
