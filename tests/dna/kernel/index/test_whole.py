"""A changing index finds what a scan of its present profiles finds, whatever was added, deleted and merged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.dna import kernel
from comity.dna.kernel.index import whole
from tests.dna.kernel import databases

ROWS = databases.database(21, 1200, 5)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 120)), st.tuples(st.just("delete"), st.integers(1, 60)),
        st.tuples(st.just("settle"), st.just(0)),
    ),
    max_size=12,
)  # fmt: skip


def told(index: whole.Index, query: kernel.Codes, sweep: bool = False) -> databases.Found:
    hits = index.sweep(query, 6) if sweep else index.search(query, 6)
    return databases.told(hits.keys, hits.full, hits.differing)


def expected(present: list[int], query: kernel.Codes) -> databases.Found:
    found = databases.scanned(ROWS[present], query, 6)
    return {present[row]: counts for row, counts in found.items()}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), STEPS)
def test_it_finds_what_it_holds_at_present(seed: int, steps: list[tuple[str, int]]) -> None:
    chance, held, used = np.random.default_rng(seed), list(range(100)), 100
    index = whole.Index.of(np.arange(100), ROWS[:100])
    for act, size in steps:
        if act == "add" and used + size <= len(ROWS):
            keys = list(range(used, used + size))
            index, used = index.added(keys, ROWS[keys]), used + size
            held += keys
        elif act == "delete":
            gone = chance.permutation(used)[:size]
            index, held = index.without(gone), [key for key in held if key not in set(gone.tolist())]
        elif act == "settle":
            index = index.settled()
        query = databases.query(chance, ROWS[: max(1, used)])
        assert told(index, query) == told(index, query, sweep=True) == expected(held, query)
    assert index.last == max(held, default=0) or index.last < used


def test_a_large_segment_is_lean_and_forgets_what_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "LEAN", 600)
    index = whole.Index.of(np.arange(500), ROWS[:500]).added(range(500, 900), ROWS[500:900]).settled()
    assert [part.segment.orders.size for part in index.parts] == [0]
    gone = np.arange(0, 900, 7)
    index = index.without(gone)
    left = [key for key in range(900) if key % 7]
    for query in ROWS[:40]:
        assert told(index, query) == expected(left, query)
    index = index.added(range(900, 1100), ROWS[900:1100]).settled()
    assert len(index) == len(left) + 200


def test_an_older_index_does_not_see_what_came_later() -> None:
    older = whole.Index.of(np.arange(50), ROWS[:50])
    newer = older.added([50, 51], ROWS[[50, 51]])
    other = older.added([60], ROWS[[60]])
    assert [len(i) for i in (older, newer, other)] == [50, 52, 51]
    assert 50 in told(newer, ROWS[50])
    assert 50 not in told(older, ROWS[50])
    assert 50 not in told(other, ROWS[50])
    assert 60 in told(other, ROWS[60])
    assert other.added([61], ROWS[[61]]).last == 61


def test_a_tail_joins_what_it_has_outgrown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "TAIL", 10)
    index = whole.Index.of(np.arange(400), ROWS[:400]).added(range(400, 410), ROWS[400:410])
    assert index.unsettled()
    once = index.settled()
    assert [len(part.segment) for part in once.parts] == [400, 10]
    twice = once.added(range(410, 420), ROWS[410:420]).settled()
    assert [len(part.segment) for part in twice.parts] == [400, 20]
    assert [len(p.segment) for p in twice.added(range(420, 520), ROWS[420:520]).settled().parts] == [520]


def test_an_empty_index_finds_nothing() -> None:
    empty = whole.Index()
    assert (len(empty), empty.last, told(empty, ROWS[0]), len(empty.settled())) == (0, 0, {}, 0)
