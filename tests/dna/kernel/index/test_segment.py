"""Lists and sweep find exactly what the scan and the plain rules find: nothing more, and never less."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.app.demo import population
from comity.dna import kernel, rules, service
from comity.dna.kernel.index import passes, searching, segment
from comity.dna.model import Alleles
from tests.dna.kernel import databases
from tests.dna.profiles import PRUEM, profiles, relatives


def made(rows: kernel.Codes) -> segment.Segment:
    return segment.build(rows, np.arange(len(rows), dtype=np.int64))


def alive(whole: segment.Segment) -> kernel.Codes:
    return np.zeros(len(whole), dtype=np.uint8)


def found(whole: segment.Segment, query: kernel.Codes, minimum: int = 6) -> databases.Found:
    rows, full, differing = searching.search(whole, query, minimum, alive(whole))
    return databases.told(whole.keys[rows], full, differing)


def swept(whole: segment.Segment, query: kernel.Codes, minimum: int) -> databases.Found:
    rows, full, differing = searching.sweep(whole, query, minimum, alive(whole))
    return databases.told(whole.keys[rows], full, differing)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(3, 9), st.sampled_from([50, 700, 2500]))
def test_lists_and_sweep_find_what_the_scan_finds(seed: int, alleles: int, size: int) -> None:
    rows = databases.database(seed, size, alleles)
    whole, chance = made(rows), np.random.default_rng(seed)
    for _ in range(25):
        query, minimum = databases.query(chance, rows), int(chance.integers(4, 10))
        expected = databases.scanned(rows, query, minimum)
        assert found(whole, query, minimum) == expected
        assert swept(whole, query, minimum) == expected


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(3, 9), st.booleans())
def test_a_lean_segment_finds_what_the_scan_finds(seed: int, alleles: int, shared: bool) -> None:
    rows, chance = databases.database(seed, 1500, alleles), np.random.default_rng(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "SHARED", 0 if shared else 10_000)
        patch.setattr(passes, "PIECE", 100 if shared else 10_000)
        patch.setattr(passes, "ROOM", 4)
        patch.setattr(passes, "RANGE", 0.0)  # whatever narrows, however little, is taken
        whole = segment.build(rows, np.arange(1500, dtype=np.int64), lean=True)
        assert whole.orders.size == 0
        assert whole.index_bytes < 95 * 1500 + 16_000_000
        for _ in range(25):
            query, minimum = databases.query(chance, rows), int(chance.integers(4, 10))
            assert found(whole, query, minimum) == databases.scanned(rows, query, minimum)


@settings(max_examples=30, deadline=None)
@given(relatives(), st.lists(profiles(), max_size=6))
def test_the_index_finds_what_the_rule_finds(
    pair: tuple[dict[str, Alleles], dict[str, Alleles]], others: list[dict[str, Alleles]]
) -> None:
    held = [pair[1], *others, pair[0]]
    rows = np.ascontiguousarray(kernel.columns([kernel.pack(loci) for loci in held]).T)
    graded = {n: rules.compare(pair[0], loci, PRUEM) for n, loci in enumerate(held)}
    expected = {n: (c.full, len(c.differing)) for n, c in graded.items() if c.quality}
    assert found(made(rows), np.frombuffer(kernel.pack(pair[0], PRUEM.loci), np.uint8)[1:]) == expected


def test_the_index_finds_what_the_rule_finds_in_a_population_of_kits() -> None:
    specimens, _ = service.read_file(population.generate(7, 2000).encode())
    rows = np.ascontiguousarray(kernel.columns([kernel.pack(s.loci) for s in specimens]).T)
    whole = made(rows)
    assert sum(whole.partitions[:, 3]) >= 4
    for specimen in specimens[::100]:
        asked = population.one_allele_off(dict(specimen.loci))
        graded = {n: rules.compare(asked, s.loci, PRUEM) for n, s in enumerate(specimens)}
        expected = {n: (c.full, len(c.differing)) for n, c in graded.items() if c.quality}
        assert found(whole, np.frombuffer(kernel.pack(asked, PRUEM.loci), np.uint8)[1:]) == expected


def test_a_deleted_row_is_not_found() -> None:
    rows = databases.database(1, 300, 12)
    whole = made(rows)
    row, _, _ = searching.search(whole, rows[5], 6, alive(whole))
    dead = alive(whole)
    dead[row] = 1
    for look in (searching.search, searching.sweep):
        assert look(whole, rows[5], 6, dead)[0].size == 0


def test_more_hits_than_there_is_room_for_are_all_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "ROOM", 16)
    monkeypatch.setattr(passes, "ROOM", 16)
    rows = np.repeat(databases.database(2, 1, 12), 500, axis=0)
    whole = made(rows)
    assert len(found(whole, rows[0])) == len(swept(whole, rows[0], 6)) == 500


@pytest.mark.parametrize("size", [0, 1])
def test_a_segment_of_nothing_or_of_one(size: int) -> None:
    rows = databases.database(3, 1, 12)
    whole = made(rows[:size])
    assert (len(whole), len(found(whole, rows[0]))) == (size, size)


def test_lists_made_by_several_threads_are_the_same() -> None:
    rows = databases.database(4, 2000)
    with ThreadPoolExecutor(3) as pool:
        several = segment.build(rows, np.arange(2000), pool.map)
    for name, value in vars(made(rows)).items():
        assert np.array_equal(value, getattr(several, name)), name
