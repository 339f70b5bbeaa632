"""Searches through the index answer as the scan does: what is committed, without what was retired."""

from collections.abc import Callable

import pytest

from comity.app.demo import population
from comity.dna import kernel, service
from comity.dna.kernel.index import whole
from comity.dna.model import Alleles
from comity.dna.service import held
from comity.kit.database.unit import Database, Unit
from tests.dna.laboratory import people, take_in
from tests.dna.profiles import PRUEM

Loci = dict[str, Alleles]


@pytest.fixture
def node(make_database: Callable[[str], Database]) -> Database:
    """A node without profiles."""
    return make_database("XB")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> held.Held:
    """What a large node searches, though it holds little: the index, whose tail soon becomes a segment."""
    monkeypatch.setattr(held, "LEAST", 1)
    monkeypatch.setattr(whole, "TAIL", 40)
    return held.Held()


def loci_of(text: str) -> list[Loci]:
    return [dict(specimen.loci) for specimen in service.read_file(text.encode())[0]]


def found(unit: Unit, index: held.Held, loci: Loci) -> list[int]:
    """The rows that the index finds, which are those that a scan of everything finds."""
    packed = kernel.pack(loci, PRUEM.loci)
    answer = sorted(index.search(unit, packed, 6))
    assert answer == sorted(held.scanned(held.extended(unit, kernel.Matrix.empty()), packed, 6))
    return answer


def test_what_came_in_and_what_was_retired_is_seen(node: Database, index: held.Held) -> None:
    examiner, _ = people(node)
    text = population.generate(31, 60)
    asked = loci_of(text)
    take_in(node, examiner, text.encode())
    with node.read("test.search") as unit:
        assert all(len(found(unit, index, loci)) >= 1 for loci in asked[::6])
    head, first, *_ = text.splitlines(keepends=True)
    other = population.generate(32, 1).splitlines(keepends=True)[1].replace("REF-32-", "REF-31-")
    take_in(node, examiner, (head + other).encode(), corrected=True)
    with node.read("test.search") as unit:
        assert found(unit, index, asked[0]) == []
        assert found(unit, index, loci_of(head + other)[0]) == [61]
    take_in(node, examiner, (head + first.replace("REF-31-", "REF-41-")).encode())
    with node.read("test.search") as unit:
        assert found(unit, index, asked[0]) == [62]


def test_a_long_tail_becomes_a_segment_beside_the_searches(node: Database, index: held.Held) -> None:
    examiner, _ = people(node)
    asked = []
    for seed in range(50, 54):
        text = population.generate(seed, 45)
        asked += loci_of(text)[:5]
        take_in(node, examiner, text.encode())
        with node.read("test.search") as unit:
            assert all(len(found(unit, index, loci)) == 1 for loci in asked)
    index.settled()
    with node.read("test.search") as unit:
        assert [found(unit, index, loci) for loci in asked[::5]] == [[1], [46], [91], [136]]


def test_what_may_yet_be_rolled_back_is_found_by_its_own_unit_alone(node: Database, index: held.Held) -> None:
    examiner, _ = people(node)
    text = population.generate(61, 50)
    take_in(node, examiner, text.encode())
    head, first, *_ = text.splitlines(keepends=True)
    twin = (head + first.replace("REF-61-", "REF-62-")).encode()
    other = population.generate(63, 1).splitlines(keepends=True)[1].replace("REF-63-", "REF-61-")
    corrected = (head + other).encode()
    asked = loci_of(text)[0]
    with node.unit("test.search") as unit:
        assert found(unit, index, asked) == [1]
        with pytest.raises(RuntimeError), unit.act():
            service.import_file(unit, service.sign_import(unit, examiner, twin, "t"), twin, "t")
            assert found(unit, index, asked) == [1, 51]
            raise RuntimeError
        with pytest.raises(RuntimeError), unit.act():
            options = service.Options("auto", True)
            service.import_file(unit, service.sign_import(unit, examiner, corrected, "c"), corrected, "c", options)
            assert found(unit, index, asked) == []
            raise RuntimeError
        assert found(unit, index, asked) == [1]
