"""Profiles in bulk: what a scan of each finds, and what the plain rule finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.app.demo import population
from comity.dna import kernel, rules, service
from comity.dna.kernel.bulk import joining, whole
from comity.dna.kernel.index import orders
from comity.dna.kernel.index.whole import Index
from tests.dna.kernel import databases
from tests.dna.profiles import PRUEM

Pairs = dict[tuple[int, int], tuple[int, int]]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small databases are cut as large ones are, and nothing is looked up one by one."""
    monkeypatch.setattr(whole, "FEW", 0)
    monkeypatch.setattr(orders, "SMALLEST", 24)
    monkeypatch.setattr(joining, "BLOCK", 100)
    monkeypatch.setattr(joining, "SPAN", 150)


def told(hits: whole.Hits) -> Pairs:
    lines = zip(*(column.tolist() for column in hits), strict=True)
    return {(row, key): (full, differing) for row, key, full, differing in lines}


def scanned(rows: kernel.Codes, asked: kernel.Codes, minimum: int, gone: frozenset[int] = frozenset()) -> Pairs:
    return {
        (row, key): counts
        for row, query in enumerate(asked)
        for key, counts in databases.scanned(rows, query, minimum).items()
        if key not in gone
    }


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 12), st.sampled_from((4, 6, 6, 7, 9)), st.booleans())
def test_it_finds_what_scans_find(seed: int, alleles: int, minimum: int, itself: bool) -> None:
    chance = np.random.default_rng(seed)
    rows = databases.database(seed, 400, alleles)
    asked = rows if itself else np.array([databases.query(chance, rows) for _ in range(250)])
    held = int(chance.integers(200, 401))
    lean = bool(chance.integers(2))
    index = Index.of(np.arange(held), rows[:held], lean=lean).added(range(held, 400), rows[held:])
    gone = frozenset(chance.permutation(400)[:40].tolist())
    found = whole.search(index.without(np.array(sorted(gone))), asked, minimum)
    assert told(found) == scanned(rows, asked, minimum, gone)
    assert len(found.rows) == len(told(found))


def test_it_finds_what_the_plain_rule_finds() -> None:
    specimens, _ = service.read_file(population.generate(5, 200).encode())
    held = [dict(specimen.loci) for specimen in specimens]
    asked = [population.one_allele_off(loci) if n % 3 else loci for n, loci in enumerate(held[:30])]
    held += [{name: loci[name] for name in sorted(loci)[: 6 + n % 7]} for n, loci in enumerate(held[:60])]
    codes = [
        np.ascontiguousarray(kernel.columns([kernel.pack(loci, PRUEM.loci) for loci in side]).T)
        for side in (held, asked)
    ]
    found = told(whole.search(Index.of(np.arange(len(held)), codes[0]), codes[1], PRUEM.minimum_full))
    compared = {
        (row, key): rules.compare(query, loci, PRUEM)
        for row, query in enumerate(asked)
        for key, loci in enumerate(held)
    }
    assert found == {pair: (c.full, len(c.differing)) for pair, c in compared.items() if c.quality}
    assert len(found) > 30


def test_few_profiles_and_weak_rules_are_looked_up_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = databases.database(3, 300, 5)
    index = Index.of(np.arange(300), rows)
    assert told(whole.search(index, rows[:20], 2)) == scanned(rows, rows[:20], 2)
    monkeypatch.setattr(whole, "FEW", 200)
    monkeypatch.setattr(whole, "Join", None)
    assert told(whole.search(index, rows[:1], 6)) == scanned(rows, rows[:1], 6)


def test_nothing_meets_nothing() -> None:
    rows = databases.database(3, 30)
    assert told(whole.search(Index(), rows, 6)) == told(whole.search(Index.of(np.arange(30), rows), rows[:0], 6)) == {}
