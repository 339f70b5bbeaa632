"""Each compiled kernel of comparisons in bulk beside its reference."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.dna.kernel.bulk import meeting, outlines, picking, planning, reference, sides
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


@settings(max_examples=300)
@given(st.integers(0, len(ROWS) - 1), st.integers(0, len(ROWS) - 1))
def test_outlines_tell_rows_apart(one: int, other: int) -> None:
    apart = [outlines.contradicted(LINES[one, word], LINES[other, word]) for word in range(2)]
    expected, both = reference.told_apart(tuple(LINES[one].tolist()), tuple(LINES[other].tolist()))
    assert sum(int(bits).bit_count() for bits in apart) == expected
    assert bool(outlines.few(*apart)) == (expected <= 1)
    assert outlines.shared(*LINES[one], *LINES[other]) == both


@settings(max_examples=12, deadline=None)
@given(st.sets(st.integers(0, 23), min_size=1, max_size=5), st.integers(0, 300), st.integers(0, 8))
def test_rows_meet_that_agree_at_a_key_and_by_the_rule(key: set[int], low: int, minimum: int) -> None:
    loci = tuple(sorted(key))
    side = sides.Side(ROWS, CLASSES, ())
    rows = np.arange(0, len(ROWS), 2)
    table = meeting.table(CLASSES, LINES, 0, rows, loci)
    found = meeting.met(side, LINES[low:], (low, len(ROWS)), table, side, (minimum, 0))
    agree = reference.agreeing(CLASSES[:, low:], CLASSES[:, ::2], loci)
    expected = {
        (low + row, 2 * other, equal + 256 * apart)
        for row in range(len(ROWS) - low)
        for other_row, (equal, apart) in databases.scanned(ROWS, ROWS[low + row], minimum).items()
        for other in [other_row // 2]
        if other_row % 2 == 0 and (row, other) in agree
    }
    assert {(a, b, c & 0xFFFF) for a, b, c in found.tolist()} == expected


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
