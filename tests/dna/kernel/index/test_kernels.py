"""Each compiled kernel beside its reference."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from comity.dna.kernel.index import genotypes, orders, planning, postings, probing, reference, segment
from tests.dna.kernel import databases

ROWS = databases.database(11, 1500)
WHOLE = segment.build(ROWS, np.arange(1500))


def test_genotypes_are_counted_and_classed() -> None:
    assert np.array_equal(genotypes.count_genotypes(ROWS), reference.genotype_counts(ROWS))
    assert np.array_equal(genotypes.masks(ROWS), reference.masks(ROWS))
    kinds = genotypes.Classes.of(ROWS)
    classes = np.empty((genotypes.LOCI, len(ROWS)), dtype=np.uint8)
    genotypes.classify(ROWS, kinds.lookup, classes)
    assert np.array_equal(classes, reference.classes_of(ROWS, kinds))
    assert classes.max() < 255


def test_a_locus_of_more_genotypes_than_classes_shares_them() -> None:
    rows = databases.database(12, 3000, 60)
    kinds = genotypes.Classes.of(rows)
    assert kinds.number.max() == genotypes.MOST
    assert kinds.lookup.min() >= genotypes.LEAST
    assert kinds.lookup.max() < 255


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), max_size=300))
def test_entries_are_sorted_with_their_rows(values: list[int]) -> None:
    signatures, rows = np.array(values, dtype=np.uint64), np.arange(len(values), dtype=np.uint32)
    postings.sort_together(signatures, rows, 0, len(values))
    assert signatures.tolist() == sorted(values)
    assert [values[row] for row in rows.tolist()] == sorted(values)


def test_every_list_holds_every_row_that_knows_its_pair() -> None:
    for partition in WHOLE.partitions:
        for line in WHOLE.orders[partition[4] : partition[5]]:
            a, b, c, d, begin, first, width = line[:7].tolist()
            one, two = WHOLE.classes[a], WHOLE.classes[b]
            expected = []
            for row in range(*partition[:2].tolist()):
                if one[row] > 1 and two[row] > 1:
                    pair = (int(one[row]) - 2) * width + int(two[row]) - 2
                    mark = reference.signature(WHOLE.classes, row, c, d, tuple(line[8:].tolist()))
                    expected.append((pair, mark, row))
            size = len(expected)
            entries = zip(WHOLE.signatures[first : first + size], WHOLE.rows[first : first + size], strict=True)
            ends = WHOLE.directory[begin : begin + max(e[0] for e in expected) + 2]
            pairs = np.searchsorted(ends, np.arange(size), side="right") - 1
            found = [(int(p), int(s), int(r)) for p, (s, r) in zip(pairs, entries, strict=True)]
            assert sorted(found) == sorted(expected)
            assert [e[:2] for e in found] == sorted(e[:2] for e in found)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 1))
def test_the_sieve_keeps_what_differs_in_few_places(seed: int, limit: int) -> None:
    chance = np.random.default_rng(seed)
    line = WHOLE.orders[int(chance.integers(len(WHOLE.orders)))]
    classes, asked = np.empty(genotypes.LOCI, dtype=np.uint8), np.empty(5, dtype=np.uint64)
    planning.classes_asked(databases.query(chance, ROWS), WHOLE.lookup, classes)
    probing.signature_asked(line, classes, limit, asked)
    signatures = chance.choice(WHOLE.signatures, 200)
    kept = np.empty(200, dtype=np.bool_)
    assert probing.sieve(signatures, 0, 200, asked, kept) == kept.sum()
    rest = (int(line[2]), int(line[3]), tuple(line[8:].tolist()))
    assert kept.tolist() == [reference.apart(int(s), classes, *rest) <= limit for s in signatures]


def test_the_first_place_is_found_as_numpy_finds_it() -> None:
    signatures = np.sort(np.random.default_rng(1).integers(0, 50, 200).astype(np.uint64))
    for wanted in range(52):
        expected = 20 + int(np.searchsorted(signatures[20:170], np.uint64(wanted)))
        assert probing.place_of(signatures, 20, 170, np.uint64(wanted)) == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(6, 12))
def test_any_equal_loci_hold_two_of_one_piece(seed: int, equal: int) -> None:
    chance = np.random.default_rng(seed)
    partition = WHOLE.partitions[int(chance.choice(np.flatnonzero(WHOLE.partitions[:, 3] == 0)))]
    held = [n for n in range(genotypes.LOCI) if int(partition[2]) >> n & 1]
    chosen = chance.permutation(held)[: int(chance.integers(6, 15))]
    asked, pieces = int((1 << chosen).sum()), np.empty(genotypes.LOCI, dtype=np.int64)
    share = chance.random(genotypes.LOCI)
    first, last = partition[4:6].tolist()
    planning.pieces(WHOLE.orders, first, last, asked, share, equal, pieces)
    assert set(np.flatnonzero(pieces >= 0)) == set(chosen.tolist())
    assert reference.split_well(pieces, equal)
    pairs = {frozenset(line[:2].tolist()) for line in WHOLE.orders[partition[4] : partition[5]]}
    together = {frozenset((a, b)) for a in chosen.tolist() for b in chosen.tolist() if a < b and pieces[a] == pieces[b]}
    assert together <= pairs


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.sets(st.integers(0, 28), min_size=7), st.sets(st.integers(0, 28), min_size=7))
def test_whichever_locus_differs_one_set_is_whole(seed: int, kit: set[int], query: set[int]) -> None:
    assume(len(kit & query) >= 7)
    chance = np.random.default_rng(seed)
    shares = chance.random((genotypes.LOCI, 256)) / 10
    whole = orders.Partition(0, 1000, sum(1 << n for n in kit), True, len(kit))
    lists = orders.orders_of(whole, shares)
    table = np.array([(o.a, o.b, o.c, o.d, 0, 0, 0, o.clique) for o in lists], dtype=np.int64)
    asked = sum(1 << n for n in kit & query)
    sets, costs, chosen = np.empty((256, 3), dtype=np.int64), np.empty(256), np.empty(3, dtype=np.int64)
    count = planning.groups(table, 0, len(table), asked, chance.random(genotypes.LOCI) / 10, 1e6, sets, costs)
    assert (np.diff(costs[:count]) >= 0).all()
    many = planning.cheapest(sets, costs, count, chosen)
    picked = [int(sets[n, 0]) for n in chosen[:many]]
    assert many >= 2
    assert all(one & ~asked == 0 for one in picked)
    assert reference.answered(picked, asked)


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 28), min_size=6, max_size=29), st.data())
def test_any_six_loci_of_a_partition_hold_an_indexed_pair(kit: set[int], data: st.DataObject) -> None:
    shares = np.full((genotypes.LOCI, 256), 0.01)
    partition = orders.Partition(0, 10, sum(1 << n for n in kit), data.draw(st.booleans()), 6)
    six = data.draw(st.lists(st.sampled_from(sorted(kit)), min_size=6, max_size=6, unique=True))
    assert any(o.a in six and o.b in six for o in orders.orders_of(partition, shares))


@given(st.lists(st.booleans(), max_size=512), st.integers(0, 30))
def test_marked_rows_are_fetched_in_their_order(marked: list[bool], low: int) -> None:
    rows = np.random.default_rng(len(marked)).integers(0, 40, low + len(marked)).astype(np.uint32)
    kept, left = np.zeros(512, dtype=np.bool_), np.zeros(514, dtype=np.int64)
    kept[: len(marked)] = marked
    count = probing.fetched(kept, len(marked), rows, low, np.ones((40, 58), dtype=np.uint8), left)
    assert left[:count].tolist() == rows[low:][np.array(marked, dtype=np.bool_)].tolist()
