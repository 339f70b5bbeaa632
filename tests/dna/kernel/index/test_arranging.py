"""Arrangements hold every row of a kit, and the ways by them every row that may be meant."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.dna.kernel.index import arranging, genotypes, orders, passes, planning, reference, segment, sweeping
from comity.dna.model import WIDTH
from tests.dna.kernel import databases

ROWS = databases.database(11, 1500)
WHOLE = segment.build(ROWS, np.arange(1500), lean=True)
LINES = WHOLE.arrangements.tolist()


def test_each_kit_lies_in_three_orders_and_other_profiles_in_none() -> None:
    numbers = WHOLE.arrangements[:, 0].tolist()
    assert [numbers.count(n) for n in range(len(WHOLE.partitions))] == [3 * kit for kit in WHOLE.partitions[:, 3]]
    for number in set(numbers):
        loci = [locus for line in LINES if line[0] == number for locus in line[1:3]]
        assert len(set(loci)) == 6 and all(int(WHOLE.partitions[number, 2]) >> n & 1 for n in loci)


def test_every_order_has_the_classes_of_every_row_of_its_kit() -> None:
    for number, one, two, count, begin, first in LINES:
        start, end, mask = WHOLE.partitions[number, :3].tolist()
        rows, held = np.arange(start, end), arranging.loci_of(mask)
        if begin != arranging.OWN:
            rows = WHOLE.copied[first : first + end - start]
            copy = arranging.viewed(WHOLE.copies, begin, mask, end - start)
            assert np.array_equal(copy, WHOLE.classes[held][:, rows])
        assert sorted(rows.tolist()) == list(range(start, end))
        pairs = WHOLE.classes[one, rows].astype(np.int64) * 256 + WHOLE.classes[two, rows]
        assert (np.diff(pairs) >= 0).all()
        assert count >= np.unique(WHOLE.classes[one, rows][WHOLE.classes[one, rows] > 1]).size


def test_a_locus_that_few_profiles_hold_orders_a_kit_only_if_it_tells_much_more() -> None:
    kit = orders.Partition(0, 1000, 0b111, True, 3)
    shares = np.zeros((genotypes.LOCI, 256))
    shares[0, 2:4], shares[1, 2:12], shares[2, 2:22] = 1 / 2, 1 / 10, 1 / 20
    everywhere, seldom = np.ones(genotypes.LOCI), np.where(np.arange(genotypes.LOCI) == 2, 0.1, 1.0)
    assert arranging.pairs_of(kit, shares, everywhere) == [(2, 1)]
    assert arranging.pairs_of(kit, shares, seldom) == [(1, 0)]
    assert arranging.pairs_of(orders.Partition(0, 1000, 0b111, False, 3), shares, everywhere) == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=60), st.data())
def test_ranges_hold_the_rows_of_two_classes_and_no_others(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    ordered = np.array(sorted(pairs), dtype=np.uint8).reshape(-1, 2)
    first, second = (np.ascontiguousarray(ordered[:, n]) for n in range(2))
    start = data.draw(st.integers(0, len(pairs)))
    end = data.draw(st.integers(start, len(pairs)))
    one, two = data.draw(st.integers(-1, 7)), data.draw(st.integers(-1, 7))
    found = np.empty((256, 2), dtype=np.int64)
    count = sweeping.placed(first, second, start, end, one, two, found)
    rows = [row for low, high in found[:count].tolist() for row in range(low, high)]
    assert rows == reference.placed(first, second, start, end, (one, two))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 9), st.integers(1, 5000))
def test_a_sweep_leaves_what_differs_and_lacks_little(seed: int, many: int, size: int) -> None:
    chance = np.random.default_rng(seed)
    classes = chance.integers(0, 4, (9, size), dtype=np.uint8)
    asked, loci = chance.integers(1, 4, 9).astype(np.uint8), chance.permutation(9)[:many]
    rows = range(int(chance.integers(size)), size)
    found, limit, most = np.empty(size, dtype=np.int64), int(chance.integers(2)), int(chance.integers(7))
    count = sweeping.sweep_some(classes, rows.start, size, asked, loci, found, limit, most)
    assert found[:count].tolist() == reference.swept(classes, rows, asked, loci.tolist(), (limit, most))
    count = sweeping.sweep(classes, rows.start, size, asked, loci, found, limit)
    assert found[:count].tolist() == reference.swept(classes, rows, asked, loci.tolist(), (limit, 9))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.sets(st.integers(0, 28), min_size=1))
def test_whichever_locus_differs_one_way_is_whole(seed: int, query: set[int]) -> None:
    chance = np.random.default_rng(seed)
    lines = WHOLE.arrangements[WHOLE.arrangements[:, 0] == int(chance.choice(WHOLE.arrangements[:, 0]))]
    mask = int(WHOLE.partitions[lines[0, 0], 2])
    asked, share = mask & sum(1 << n for n in query), chance.random(genotypes.LOCI) / 10
    sets, costs, chosen = np.empty((9, 3), dtype=np.int64), np.empty(9), np.empty(3, dtype=np.int64)
    count = planning.ways(lines, asked, share, 1e6, passes.RANGE, sets, costs)
    assert (np.diff(costs[:count]) >= 0).all()
    leading = [locus for line in lines.tolist() for locus in line[1:3] if asked >> locus & 1]
    assert {int(way) for way in sets[:count, 0]} >= {1 << locus for locus in leading}
    many = planning.cheapest(sets, costs, count, chosen)
    assert (many > 0) == (len(leading) > 1)
    if many:
        assert reference.answered([int(sets[n, 0]) for n in chosen[:many]], asked)


@pytest.mark.parametrize(("led", "rows"), [(0, 2000), (1, 2000), (2, 900), (6, 200)])
def test_the_more_leading_loci_a_stain_has_the_fewer_rows_are_passed_over(
    led: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "RANGE", 0.0)
    codes = np.zeros((2000, WIDTH), dtype=np.uint8)
    codes[:, :32] = np.random.default_rng(5).integers(40, 44, (2000, 32))
    whole = segment.build(codes, np.arange(2000), lean=True)
    leading = [locus for line in whole.arrangements.tolist() for locus in line[1:3]]
    others = [locus for locus in range(16) if locus not in leading]
    asked = np.zeros(genotypes.LOCI, dtype=np.uint8)
    for locus in [*leading[::-1][:led], *others[: 8 - led]]:
        asked[locus] = whole.classes[locus, 700]
    every = passes.passes(whole, asked, 6)
    assert sum(one.size for one in every) <= rows
    assert 700 in np.concatenate([one.swept() for one in every])
