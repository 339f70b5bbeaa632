"""The tree against its recursive definition, and proofs against corpora that nobody here wrote."""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import Tampered
from comity.log import rules
from comity.log.model import Frontier, Subtree

LEAVES = [rules.leaf_hash(str(i).encode()) for i in range(600)]


def plain_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


class Known(dict[Subtree, bytes]):
    """Every subtree of LEAVES, computed when asked."""

    def __missing__(self, part: Subtree) -> bytes:
        return rules.complete(LEAVES[part.index << part.level : (part.index + 1) << part.level])


@given(st.lists(st.integers(0, 70), max_size=8))
def test_append_in_batches_gives_the_recursive_root(batches: list[int]) -> None:
    frontier = Frontier()
    stored: dict[Subtree, bytes] = {}
    for count in batches:
        growth = rules.append(frontier, LEAVES[frontier.size : frontier.size + count])
        frontier = growth.frontier
        stored.update(growth.nodes)
    assert frontier.size == sum(batches)
    assert rules.root(frontier) == plain_root(LEAVES[: frontier.size])
    assert len(frontier.peaks) == frontier.size.bit_count()
    assert stored == {Subtree(8, i): plain_root(LEAVES[i * 256 : i * 256 + 256]) for i in range(frontier.size // 256)}
    assert all(Known()[part] == peak for part, peak in rules.peaks_of(frontier).items())


@given(st.integers(0, 70), st.integers(1, 40))
def test_what_grew_proves_the_new_leaves(before: int, count: int) -> None:
    frontier = rules.append(Frontier(), LEAVES[:before]).frontier
    known = rules.grown(frontier, LEAVES[before : before + count])
    assert all(Known()[part] == node for part, node in known.items())
    size = before + count
    for index in range(before, size):
        hashes = rules.proof(rules.inclusion_ranges(index, size), known)
        rules.verify_inclusion(LEAVES[index], index, size, plain_root(LEAVES[:size]), hashes)


def test_higher_stored_levels() -> None:
    growth = rules.append(Frontier(), LEAVES[:1] * 65_537)
    levels = [part.level for part, _ in growth.nodes]
    assert (levels.count(8), levels.count(16), set(levels)) == (256, 1, {8, 16})


def test_every_inclusion_proof_up_to_70() -> None:
    for size in range(1, 71):
        top = plain_root(LEAVES[:size])
        for index in range(size):
            hashes = rules.proof(rules.inclusion_ranges(index, size), Known())
            rules.verify_inclusion(LEAVES[index], index, size, top, hashes)
            with pytest.raises(Tampered):
                rules.verify_inclusion(LEAVES[size], index, size, top, hashes)


def test_every_consistency_proof_up_to_70() -> None:
    for second in range(1, 71):
        top = plain_root(LEAVES[:second])
        for first in range(1, second + 1):
            hashes = rules.proof(rules.consistency_ranges(first, second), Known())
            rules.verify_consistency(first, second, plain_root(LEAVES[:first]), top, hashes)
            with pytest.raises(Tampered):
                rules.verify_consistency(first, second, LEAVES[second], top, hashes)


@given(st.integers(1, 600), st.data())
def test_proofs_of_larger_trees(size: int, draw: st.DataObject) -> None:
    index, first = draw.draw(st.integers(0, size - 1)), draw.draw(st.integers(1, size))
    top = plain_root(LEAVES[:size])
    hashes = rules.proof(rules.inclusion_ranges(index, size), Known())
    rules.verify_inclusion(LEAVES[index], index, size, top, hashes)
    for at in range(len(hashes)):
        broken = [*hashes[:at], bytes(32), *hashes[at + 1 :]]
        with pytest.raises(Tampered):
            rules.verify_inclusion(LEAVES[index], index, size, top, broken)
    again = rules.proof(rules.consistency_ranges(first, size), Known())
    rules.verify_consistency(first, size, plain_root(LEAVES[:first]), top, again)


@given(st.integers(1, 490), st.sets(st.integers(0, 100), min_size=1))
def test_a_stretch_makes_every_root_between(first: int, further: set[int]) -> None:
    peaks = [Known()[part] for part in rules.subtrees((0, first))]
    frontier = rules.frontier_at(first, plain_root(LEAVES[:first]), peaks)
    sizes = sorted(first + more for more in further)
    assert rules.roots(frontier, LEAVES[first : sizes[-1]], sizes) == [plain_root(LEAVES[:size]) for size in sizes]
    for wrong in (peaks[:-1], [*peaks, bytes(32)], [bytes(32), *peaks[1:]], [b"short", *peaks[1:]]):
        with pytest.raises(Tampered):
            rules.frontier_at(first, plain_root(LEAVES[:first]), wrong)
    for wrong in (LEAVES[first : sizes[-1] + 1], [*LEAVES[first : sizes[-1]], b"short"]):
        with pytest.raises(Tampered):
            rules.roots(frontier, wrong, sizes)


def test_sources_stay_within_256_rows() -> None:
    for level in range(40):
        base, first, end = rules.sources(Subtree(level, 3))
        assert base % 8 == 0
        assert end - first <= 128
        assert (first << base, end << base) == (3 << level, 4 << level)


@pytest.mark.parametrize(("count", "width"), [(64, 32), (1, 31), (1, 33)])
def test_misshapen_proofs_are_refused(count: int, width: int) -> None:
    with pytest.raises(Tampered, match="it has"):
        rules.verify_inclusion(LEAVES[0], 0, 2**62, LEAVES[1], [bytes(width)] * count)
    with pytest.raises(Tampered, match="it has"):
        rules.verify_consistency(1, 2**62, LEAVES[0], LEAVES[1], [bytes(width)] * count)


def _cases(folder: Path) -> list[tuple[str, dict[str, object]]]:
    found = [(str(path), json.loads(path.read_text())) for path in sorted(folder.rglob("*.json"))]
    assert len(found) > 90
    return found


def _hashes(case: dict[str, object]) -> list[bytes]:
    texts = case["proof"] or []
    assert isinstance(texts, list)
    return [base64.b64decode(text) for text in texts]


def _bytes(case: dict[str, object], name: str) -> bytes:
    return base64.b64decode(str(case[name] or ""))


def _number(case: dict[str, object], name: str) -> int:
    value = case[name]
    assert isinstance(value, int)
    return value


def _held(verify: Callable[..., None], *given: object) -> bool:
    """Whether a proof holds."""
    try:
        verify(*given)
    except Tampered:
        return False
    return True


def test_published_inclusion_proofs(data: Path) -> None:
    """transparency-dev/merkle testdata: good ones hold, bad ones do not."""
    for name, case in _cases(data / "trust" / "merkle" / "inclusion"):
        place = _number(case, "leafIdx"), _number(case, "treeSize")
        held = _held(rules.verify_inclusion, _bytes(case, "leafHash"), *place, _bytes(case, "root"), _hashes(case))
        assert held is not case["wantErr"], name


def test_published_consistency_proofs(data: Path) -> None:
    for name, case in _cases(data / "trust" / "merkle" / "consistency"):
        sizes = _number(case, "size1"), _number(case, "size2")
        held = _held(rules.verify_consistency, *sizes, _bytes(case, "root1"), _bytes(case, "root2"), _hashes(case))
        assert held is not case["wantErr"], name


def test_published_inclusion_proofs_in_subtrees(data: Path) -> None:
    """A subtree [start, end) that begins where a whole one of its height would is a tree of its own."""
    for name, case in _cases(data / "trust" / "merkle" / "subtreeinclusion"):
        index, start, end = (_number(case, part) for part in ("leafIdx", "start", "end"))
        place, root = (index - start, end - start), _bytes(case, "root")
        sound = 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0
        held = sound and _held(rules.verify_inclusion, _bytes(case, "leafHash"), *place, root, _hashes(case))
        assert held is not case["wantErr"], name


def test_published_consistency_proofs_of_subtrees(data: Path) -> None:
    """Of those that begin the log, which an earlier checkpoint is; an empty one proves nothing, and is refused here."""
    seen = 0
    for name, case in _cases(data / "trust" / "merkle" / "subtreeconsistency"):
        start, end, size = (_number(case, part) for part in ("start", "end", "size"))
        if start == 0:
            roots = _bytes(case, "root1"), _bytes(case, "root2")
            held = _held(rules.verify_consistency, end, size, *roots, _hashes(case))
            assert held is (end > 0 and not case["wantErr"]), name
            seen += 1
    assert seen > 50


def test_a_tessera_log(data: Path) -> None:
    """Every checkpoint of a log written by Tessera has the root that we compute from its entries."""
    folder = data / "trust" / "tessera-log"
    entries = (folder / "tile/entries/000.p/15").read_bytes()
    leaves = []
    while entries:
        length = int.from_bytes(entries[:2], "big")
        leaves.append(rules.leaf_hash(entries[2 : 2 + length]))
        entries = entries[2 + length :]
    assert b"".join(leaves) == (folder / "tile/0/000.p/15").read_bytes()
    for size in range(16):
        _, stated, encoded, *_ = (folder / f"checkpoint.{size}").read_text().split("\n")
        assert int(stated) == size
        assert rules.root(rules.append(Frontier(), leaves[:size]).frontier) == base64.b64decode(encoded)
    assert (folder / "checkpoint").read_text() == (folder / "checkpoint.15").read_text()
    state = json.loads((folder / ".state" / "treeState").read_text())
    assert state == {"size": 15, "root": base64.b64encode(plain_root(leaves)).decode()}
