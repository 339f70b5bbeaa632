"""The compiled sweep by stringency against the scan in NumPy and the plain rule: recall 1, and nothing beside it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.app.demo import population
from comity.dna import kernel, service
from comity.dna.kernel.index import searching
from comity.dna.kernel.index.whole import Index
from comity.dna.model import RuleSet
from tests.dna.kernel import databases
from tests.dna.kernel.test_fitting import compared, counted
from tests.dna.profiles import Loci, profiles, relatives, rule_sets


def swept(rows: kernel.Codes, query: kernel.Codes, by: kernel.Limits) -> kernel.Fitting:
    """By the sweep over a segment of all rows; keys count from 0."""
    return Index.of(np.arange(len(rows)), rows).fitting(query, by)


def scanned(rows: kernel.Codes, query: kernel.Codes, by: kernel.Limits) -> kernel.Fitting:
    return kernel.fitting(np.ascontiguousarray(rows.T), b"\0" + query.tobytes(), by)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(3, 40), st.sampled_from([50, 700, 2500]), st.data())
def test_the_sweep_finds_what_the_scan_finds(seed: int, alleles: int, size: int, data: st.DataObject) -> None:
    rows = databases.database(seed, size, alleles)
    index, chance = Index.of(np.arange(size), rows), np.random.default_rng(seed)
    for _ in range(15):
        query, by = databases.query(chance, rows), kernel.limits(data.draw(rule_sets()))
        found, expected = index.fitting(query, by), scanned(rows, query, by)
        assert counted(found) == counted(expected)
        assert found.best(by, 50) == expected.best(by, 50)


@settings(max_examples=40, deadline=None)
@given(relatives(), st.lists(profiles(), max_size=6), rule_sets())
def test_the_sweep_finds_what_the_rule_finds(pair: tuple[Loci, Loci], others: list[Loci], under: RuleSet) -> None:
    held = [pair[1], *others, pair[0]]
    rows = np.ascontiguousarray(kernel.columns([kernel.pack(loci) for loci in held]).T)
    query = np.frombuffer(kernel.pack(pair[0], under.loci), np.uint8)[1:]
    assert counted(swept(rows, query, kernel.limits(under))) == compared(pair[0], held, under)


@pytest.mark.parametrize("stringency", ["high", "moderate", "low"])
def test_the_sweep_finds_what_the_rule_finds_in_a_population_of_kits(stringency: str) -> None:
    under = service.rule_set(f"codis-{stringency}")
    held = [dict(specimen.loci) for specimen in service.read_file(population.generate(7, 1000).encode())[0]]
    rows = np.ascontiguousarray(kernel.columns([kernel.pack(loci) for loci in held]).T)
    index = Index.of(np.arange(len(held)), rows)
    for loci in held[::100]:
        asked = population.one_allele_off(loci)
        found = index.fitting(np.frombuffer(kernel.pack(asked, under.loci), np.uint8)[1:], kernel.limits(under))
        assert counted(found) == compared(asked, held, under)


def test_the_tail_and_what_was_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "ROOM", 16)
    rows, by = databases.database(5, 600, 3), kernel.limits(service.rule_set("codis-low"))
    index = Index.of(np.arange(400), rows[:400]).added(list(range(400, 600)), rows[400:])
    query = rows[3].copy()
    query[2 * np.flatnonzero(query[0::2])[9:]] = 0
    expected = counted(scanned(rows, query, by))
    assert counted(index.fitting(query, by)) == expected and len(expected) > 30
    gone = np.array(sorted(expected)[::3])
    left = counted(index.without(gone).fitting(query, by))
    assert left == {row: counts for row, counts in expected.items() if row not in set(gone.tolist())}
