"""Each compiled kernel of comparisons in bulk beside its reference."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.dna.kernel.bulk import meeting, outlines, picking, planning, reference, sides, tables
from comity.dna.kernel.index.genotypes import LOCI, Classes, classify
from comity.dna.kernel.index.orders import Partition
from tests.dna.kernel import databases

ROWS = databases.database(31, 400, 7)
KINDS = Classes.of(ROWS)
CLASSES = np.empty((LOCI, len(ROWS)), dtype=np.uint8)
classify(ROWS, KINDS.lookup, CLASSES)
WORDS = outlines.chosen(outlines.presence(CLASSES), KINDS.shares)


def outlined() -> outlines.Outlines:
    found = np.empty((len(ROWS), 2), dtype=np.uint64)
    outlines.outline(CLASSES, WORDS, 0, len(ROWS), found)
    return found


LINES = outlined()


def test_outlines_hold_what_rows_know() -> None:
    assert len(set(WORDS.tolist())) == 24
    for row in range(len(ROWS)):
        assert tuple(LINES[row].tolist()) == reference.outline(CLASSES, WORDS, row)


@settings(max_examples=500)
@given(st.integers(0, len(ROWS) - 1), st.integers(0, len(ROWS) - 1), st.integers(0, 12))
@example(3, 3, 0).via("alike at every locus")
def test_outlines_tell_rows_apart(one: int, other: int, least: int) -> None:
    apart, both = reference.told_apart(tuple(LINES[one].tolist()), tuple(LINES[other].tolist()))
    here, there = LINES[one], LINES[other]
    assert bool(outlines.alike(here[0], here[1], there[0], there[1], least)) == (apart <= 1 and both - apart >= least)


@settings(max_examples=12, deadline=None)
@given(st.sets(st.integers(0, 23), min_size=1, max_size=5), st.integers(0, 300), st.integers(0, 8))
def test_rows_meet_that_agree_at_a_key_and_by_the_rule(key: set[int], low: int, minimum: int) -> None:
    loci = tuple(sorted(key))
    side = sides.Side(ROWS, CLASSES, ())
    rows = np.arange(0, len(ROWS), 2)
    table = tables.table(CLASSES, LINES, 0, rows, loci)
    found = meeting.met(side, LINES[low:], (low, len(ROWS)), table, side, (minimum, 0))
    agree = reference.agreeing(CLASSES[:, low:], CLASSES[:, ::2], loci)
    true = {
        (low + row, other, equal + 256 * apart)
        for row in range(len(ROWS) - low)
        for other, (equal, apart) in databases.scanned(ROWS, ROWS[low + row], minimum).items()
        if other % 2 == 0
    }
    answer = {(a, b, c & 0xFFFF) for a, b, c in found.tolist()}
    assert {hit for hit in true if (hit[0] - low, hit[1] // 2) in agree} <= answer <= true


@settings(max_examples=12, deadline=None)
@given(st.sets(st.integers(0, 23), min_size=1, max_size=4), st.integers(0, 2**32), st.integers(0, 400))
def test_tables_hold_the_rows_that_know_the_key(key: set[int], seed: int, size: int) -> None:
    rows = np.sort(np.random.default_rng(seed).permutation(len(ROWS))[:size]) if seed % 2 else np.arange(size)
    table = tables.table(CLASSES, LINES, 0, rows, tuple(sorted(key)))
    assert sorted(table.rows.tolist()) == [n for n in rows.tolist() if (CLASSES[sorted(key), n] > 1).all()]
    assert (np.stack([table.first, table.second], axis=1)[: table.rows.size] == LINES[table.rows]).all()
    tags, runs = np.empty(len(ROWS), dtype=np.uint32), np.empty((3, len(ROWS) + 1), dtype=np.uint32)
    tables.tagged(CLASSES, table.key, 0, len(ROWS), tags)
    count = meeting.looked_up(tags, len(ROWS), table.directory, table.filter, table.bits, table.wide, runs)
    stand = {place: set(table.rows[low:high].tolist()) for place, low, high in runs[:, :count].T.tolist()}
    assert all(row in stand[row] for row in table.rows.tolist())


def test_many_rows_are_dealt_out_by_parts() -> None:
    """More rows than the bits sorted by at once have places; each is there once, in the order of its tag."""
    rows = np.tile(np.arange(len(ROWS)), 30)
    table = tables.table(CLASSES, LINES, 0, np.sort(rows), (0, 1, 2))
    assert table.bits > 12
    known = [n for n in range(len(ROWS)) if (CLASSES[[0, 1, 2], n] > 1).all()]
    assert np.bincount(table.rows, minlength=len(ROWS))[known].tolist() == [30] * len(known)
    tags = np.empty(len(ROWS), dtype=np.uint32)
    tables.tagged(CLASSES, table.key, 0, len(ROWS), tags)
    assert (np.diff((tags[table.rows] >> (32 - table.bits)).astype(np.int64)) >= 0).all()


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 28), min_size=6), st.sets(st.integers(0, 28), min_size=6), st.integers(4, 7))
def test_keys_find_kits_whichever_locus_differs(one: set[int], two: set[int], minimum: int) -> None:
    kits = [Partition(0, 100, sum(1 << n for n in kit), True, len(kit)) for kit in (one, two)]
    made = planning.plan(kits, kits, KINDS.shares, minimum)
    for number, kit in enumerate((one, two)):
        for other, held in enumerate((one, two)):
            keys = [key for key in made.met.get(number, ()) if other in made.tables[key]]
            shared = kit & held
            if len(shared) >= minimum:
                assert reference.found_whichever_differs(keys, shared, max(minimum, len(shared) - 1))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**29 - 1), st.integers(0, 2**29 - 1), st.integers(4, 7), st.data())
def test_groups_find_irregular_profiles(one: int, two: int, minimum: int, data: st.DataObject) -> None:
    least = [data.draw(st.integers(min(4, mask.bit_count()), mask.bit_count())) for mask in (one, two)]
    parts = [Partition(0, 9, mask, False, size) for mask, size in zip((one, two), least, strict=True)]
    keys = planning.grouped(parts[0], parts[1], KINDS.shares, minimum)
    held = [data.draw(_loci(mask, size)) for mask, size in zip((one, two), least, strict=True)]
    shared = held[0] & held[1]
    if len(shared) >= minimum:
        lost = data.draw(st.sampled_from(sorted(shared)))
        equal = shared - {lost} if len(shared) > minimum else shared
        assert any(set(key) <= equal for key in keys)


def _loci(mask: int, size: int) -> st.SearchStrategy[set[int]]:
    loci = [n for n in range(29) if mask >> n & 1]
    return st.permutations(loci).flatmap(lambda p: st.integers(size, len(p)).map(lambda n: set(p[:n])))


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 23), min_size=6), st.integers(4, 7))
def test_sets_stand_for_rows_whichever_locus_differs(kit: set[int], least: int) -> None:
    order, masks = np.empty((len(ROWS), LOCI), dtype=np.int32), np.empty((len(ROWS), 2), dtype=np.int64)
    picking.ordered(CLASSES, picking.ranks(KINDS.shares), 0, len(ROWS), order, masks)
    groups = picking.groups(sum(1 << n for n in kit), KINDS.shares, least)
    found = np.empty((2 * len(ROWS), 3), dtype=np.int64)
    found = found[: picking.picked(order, masks, 0, groups, least, found)]
    sets: dict[int, list[tuple[int, ...]]] = {}
    for key, rows in picking.by_set(found):
        for row in rows.tolist():
            sets.setdefault(row, []).append(key)
    for row in range(len(ROWS)):
        shared = set(np.flatnonzero(CLASSES[:, row] > 0).tolist()) & kit
        known = shared & set(np.flatnonzero(CLASSES[:, row] > 1).tolist())
        if len(known) >= least and len(shared) - len(known) <= 1:
            equal = max(least, len(shared) - 1)
            assert reference.found_whichever_differs(sets[row], known, equal)
        else:
            assert row not in sets
