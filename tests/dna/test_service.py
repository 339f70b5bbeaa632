"""The verbs on real databases: what comes in, what is refused, what a search finds, who may open a person."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from comity.app.demo import population
from comity.base.errors import BadInput, NotAllowed, NotFound, Tampered
from comity.base.model import Json
from comity.dna import kernel, service, store
from comity.kit.database.schema import JsonText
from comity.kit.database.unit import Database
from comity.log import service as log
from comity.search.model import Candidate
from tests.dna.laboratory import mandate, people, take_in
from tests.dna.profiles import profiles

STAIN = service.shipped_file("stain-2800m.xml")
CONTROL = service.shipped_file("control-9947a.csv")
(SPECIMEN,) = service.read_file(STAIN)[0]
PLANTED = population.derivatives(SPECIMEN)


@pytest.fixture
def node(make_database: Callable[[str], Database]) -> Database:
    """The answering node."""
    return make_database("XB")


def find(node: Database, matcher: service.DnaMatcher, ref: str = "STAIN-2800M") -> list[Candidate]:
    """What a search with a profile held here finds here."""
    with node.unit("test.search") as unit:
        query = matcher.prepare(unit, ref)
        return matcher.match(unit, query, mandate(unit, query))


def test_a_file_comes_in_with_one_log_entry_that_carries_its_hash(node: Database) -> None:
    examiner, _ = people(node)
    before = log_size(node)
    data = population.generate(7, 300).encode() + b"BAD,Reference,,,,,,9\n"
    report = take_in(node, examiner, data)
    assert (report.accepted, len(report.profiles), report.format, log_size(node)) == (300, 300, "csv", before + 1)
    assert [(r.line, r.specimen) for r in report.refused] == [(302, "BAD")]
    with node.read("test.look") as unit:
        opened = log.read_opening(unit, before, "payload")
        assert isinstance(opened.value, dict)
        assert (opened.value["sha256"], opened.value["accepted"]) == (report.sha256, 300)
        listed = service.list_profiles(unit, examiner, limit=200)
        rest = service.list_profiles(unit, examiner, after=listed[-1].id, limit=200)
        assert [p.id for p in listed + rest] == list(report.profiles)
        assert service.count_profiles(unit) == 300
        assert service.find(unit, listed[0].specimen) == service.find(unit, listed[0].id) == listed[0]


def log_size(node: Database) -> int:
    with node.read("test.log") as unit:
        return log.head(unit).size


def test_alleles_come_back_exactly_as_they_were_written(node: Database) -> None:
    examiner, _ = people(node)
    take_in(node, examiner, b"specimen,VWA,TH01,AMEL,DYS391\nA,19/16/17,9.3/na,X/Y,10\n")
    with node.read("test.look") as unit:
        loci = service.find(unit, "A").loci
    assert loci == {"VWA": ("19", "16", "17"), "TH01": ("9.3", "na"), "AMEL": ("X", "Y"), "DYS391": ("10",)}


def test_a_broken_file_leaves_nothing_behind(node: Database) -> None:
    examiner, _ = people(node)
    size = log_size(node)
    cut = population.generate(7, 5000).encode() + b'LAST,"Reference\n'
    with pytest.raises(BadInput) as caught:
        take_in(node, examiner, cut)
    assert caught.value.where == "line 5002"
    with node.read("test.look") as unit:
        assert service.count_profiles(unit) == 0
    assert log_size(node) == size


def test_a_savepoint_that_fails_inside_a_larger_unit_leaves_nothing_in_the_search(node: Database) -> None:
    examiner, _ = people(node)
    matcher = service.DnaMatcher()
    take_in(node, examiner, STAIN, "stain.xml")
    source = PLANTED.source.encode()
    with node.unit("test.search") as unit:
        query = matcher.prepare(unit, "STAIN-2800M")
        with pytest.raises(RuntimeError), unit.act():
            service.import_file(unit, service.sign_import(unit, examiner, source, "s"), source, "s")
            assert len(matcher.match(unit, query, mandate(unit, query))) == 2
            raise RuntimeError
        assert len(matcher.match(unit, query, mandate(unit, query))) == 1


def test_a_specimen_already_held_is_refused_or_corrected(node: Database) -> None:
    examiner, _ = people(node)
    first = take_in(node, examiner, b"specimen,VWA,TH01\nA,16/17,6\nB,16/17,6\n")
    again = take_in(node, examiner, b"specimen,VWA,TH01\nA,16/17,6\nB,16/18,6\n")
    assert [r.reason for r in again.refused] == [
        f"already held as {first.profiles[0]} with the same alleles",
        f"already held as {first.profiles[1]} with other alleles",
    ]
    corrected = take_in(node, examiner, b"specimen,VWA,TH01\nA,16/17,6\nB,16/18,6\n", corrected=True)
    assert (corrected.accepted, len(corrected.refused)) == (1, 1)
    with node.read("test.look") as unit:
        now, old = service.find(unit, "B"), service.find(unit, first.profiles[1])
        assert (now.version, now.loci["VWA"], old.version, old.loci["VWA"]) == (2, ("16", "18"), 1, ("16", "17"))
        assert service.count_profiles(unit) == 2


def test_only_examiners_and_officers_import_and_only_what_they_signed(node: Database) -> None:
    examiner, auditor = people(node)
    with pytest.raises(NotAllowed):
        take_in(node, auditor, STAIN)
    with node.unit("dna.import") as unit:
        acted = service.sign_import(unit, examiner, STAIN, "stain.xml")
        with pytest.raises(NotAllowed, match="not the file of this act"):
            service.import_file(unit, acted, CONTROL, "stain.xml")


def test_a_search_finds_the_source_and_the_near_match(node: Database) -> None:
    examiner, _ = people(node)
    take_in(node, examiner, population.generate(7, 500).encode())
    take_in(node, examiner, CONTROL, "control.csv")
    take_in(node, examiner, PLANTED.near.encode(), "near.csv")
    take_in(node, examiner, PLANTED.source.encode(), "source.csv")
    take_in(node, examiner, STAIN, "stain.xml")
    found = find(node, matcher := service.DnaMatcher())
    assert [(c.quality, c.near) for c in found] == [(1, False), (1, False), (4, True)]
    assert all(c.number.startswith("XB-") and len(c.number) == 23 for c in found)
    assert "Person" not in repr(found) and "PLANTED" not in repr(found)
    assert found[2].comparison["full"] == 15
    with node.read("test.explain") as unit:
        words = matcher.explain(matcher.prepare(unit, "STAIN-2800M"), found[2])
    assert "15 of 16 compared loci are equal; near match of quality 4" in words and "VWA: 16/19 against 16/21" in words


def test_a_search_sees_what_came_in_since_and_not_what_was_retired(node: Database) -> None:
    examiner, _ = people(node)
    matcher = service.DnaMatcher()
    take_in(node, examiner, STAIN, "stain.xml")
    assert len(find(node, matcher)) == 1
    take_in(node, examiner, PLANTED.source.encode())
    assert [c.quality for c in find(node, matcher)] == [1, 1]
    changed = PLANTED.near.replace("PLANTED-NEAR", "PLANTED-SOURCE").encode()
    take_in(node, examiner, changed, corrected=True)
    assert [c.quality for c in find(node, matcher)] == [1, 4]
    assert find(node, service.DnaMatcher()) == find(node, matcher)


def test_rows_of_an_older_packed_form_are_packed_again(node: Database) -> None:
    examiner, _ = people(node)
    take_in(node, examiner, STAIN, "stain.xml")
    with node.unit("test.age") as unit:
        unit.connection.execute(sa.update(store.dna_profile).values(packed=b"\0old"))
    assert len(find(node, service.DnaMatcher())) == 1


def test_references_with_too_few_standard_loci_are_no_candidates(node: Database) -> None:
    examiner, _ = people(node)
    loci = [name for name in SPECIMEN.loci if name not in ("VWA", "FGA")]
    cells = ",".join("/".join(SPECIMEN.loci[name]) for name in loci)
    head = f"specimen,category,{','.join(loci)}\n"
    take_in(node, examiner, f"{head}R,Reference,{cells}\nT,stain,{cells}\n".encode())
    take_in(node, examiner, STAIN, "stain.xml")
    assert [c.record["kind"] for c in find(node, service.DnaMatcher())] == ["stain", "stain"]


def test_what_cannot_be_searched_is_refused_on_both_sides(node: Database) -> None:
    examiner, _ = people(node)
    matcher = service.DnaMatcher()
    take_in(node, examiner, b"specimen,category,VWA,TH01,FGA,D18S51,D21S11\nA,stain,16,6,22,15,29\n")
    with node.unit("test.search") as unit:
        with pytest.raises(BadInput, match="5 fully designated loci"):
            matcher.prepare(unit, "A")
        with pytest.raises(NotFound):
            matcher.prepare(unit, "nobody")
        query = {"format": "comity-dna-query-1", "rule_set": "pruem-2008", "kind": "stain", "loci": {"VWA": ["16"]}}
        with pytest.raises(BadInput, match="1 fully designated loci"):
            matcher.match(unit, query, mandate(unit, query))  # type: ignore[arg-type]  # a dict of JSON is a JsonObject
        with pytest.raises(BadInput, match="not known here"):
            other = {**query, "rule_set": "pruem-9"}
            matcher.match(unit, other, mandate(unit, other))  # type: ignore[arg-type]  # as above


def test_a_person_is_opened_only_under_a_permit_for_core_data(node: Database) -> None:
    examiner, _ = people(node)
    matcher = service.DnaMatcher()
    take_in(node, examiner, PLANTED.source.encode())
    take_in(node, examiner, STAIN, "stain.xml")
    stain, source = sorted(find(node, matcher), key=lambda c: str(c.record["kind"]), reverse=True)
    with node.unit("test.core") as unit:
        with pytest.raises(NotAllowed):
            matcher.core_data(unit, source.number, mandate(unit, matcher.prepare(unit, "STAIN-2800M")))
        core = matcher.core_data(unit, source.number, mandate(unit, source.number))
        assert core == {"name": "Synthetic person K", "birth_date": "1990-01-01",
                        "reference": "TRAINING-PLANTED-SOURCE"}  # fmt: skip
        for number in (stain.number, "XB-NOBODY"):
            with pytest.raises(NotFound):
                matcher.core_data(unit, number, mandate(unit, number))
        with pytest.raises(NotAllowed):
            matcher.match(unit, matcher.prepare(unit, "STAIN-2800M"), mandate(unit, source.number))


def test_a_sealed_person_cannot_be_moved_to_another_profile(node: Database) -> None:
    examiner, _ = people(node)
    table = store.dna_profile
    take_in(node, examiner, b"specimen,core_name,VWA\nA,Person 1,16\nB,Person 2,17\n")
    with node.unit("test.move") as unit:
        stored = unit.connection.execute(sa.select(table.c.identity)).scalars().all()
        assert all(b"Person" not in bytes(identity) for identity in stored)
        unit.connection.execute(sa.update(table).values(identity=stored[0]))
        number = service.find(unit, "B").number
        with pytest.raises(Tampered):
            service.DnaMatcher().core_data(unit, number, mandate(unit, number))


def test_searches_of_several_threads_agree(node: Database) -> None:
    examiner, _ = people(node)
    matcher = service.DnaMatcher()
    take_in(node, examiner, population.generate(7, 200).encode())
    take_in(node, examiner, STAIN, "stain.xml")
    with node.unit("test.search") as unit:
        query = matcher.prepare(unit, "STAIN-2800M")
    found: list[int] = []

    def search() -> None:
        with node.unit("test.search") as unit:
            found.append(len(matcher.match(unit, query, mandate(unit, query))))

    threads = [threading.Thread(target=search) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 8


def test_a_permit_is_for_one_search_and_for_one_person(node: Database) -> None:
    examiner, _ = people(node)
    take_in(node, examiner, PLANTED.source.encode())
    take_in(node, examiner, STAIN, "stain.xml")
    matcher = service.DnaMatcher()
    found = min(find(node, matcher), key=lambda c: str(c.record["kind"]))
    with node.unit("test.search") as unit:
        query = matcher.prepare(unit, "STAIN-2800M")
        leave = mandate(unit, query)
        matcher.match(unit, query, leave)
        with pytest.raises(NotAllowed) as again:
            matcher.match(unit, query, leave)
        known = mandate(unit, found.number)
        matcher.core_data(unit, found.number, known)
        with pytest.raises(NotAllowed) as person:
            matcher.core_data(unit, found.number, known)
    assert (again.value.code, person.value.code) == ("legal.permit-used", "legal.permit-used")


def test_a_permit_for_another_partner_or_of_nobody_is_refused(node: Database) -> None:
    examiner, _ = people(node)
    take_in(node, examiner, STAIN, "stain.xml")
    matcher = service.DnaMatcher()
    with node.unit("test.search") as unit:
        query = matcher.prepare(unit, "STAIN-2800M")
        leave = mandate(unit, query)
        given = leave.permit
        for forged in (replace(given, recipients=("XC",)), replace(given, id=given.decision_id)):
            with pytest.raises(NotAllowed):
                matcher.match(unit, query, replace(leave, permit=forged))
        with pytest.raises(NotAllowed):
            matcher.match(unit, query, replace(leave, recipient="XC"))


def test_a_permit_for_another_act_opens_nothing(node: Database) -> None:
    """A permit is bound to the act on one record; it does not matter what else it says of itself."""
    examiner, _ = people(node)
    take_in(node, examiner, PLANTED.source.encode())
    take_in(node, examiner, STAIN, "stain.xml")
    matcher = service.DnaMatcher()
    stain, source = sorted(find(node, matcher), key=lambda c: str(c.record["kind"]), reverse=True)
    with node.unit("test.search") as unit:
        query, other = matcher.prepare(unit, "STAIN-2800M"), matcher.prepare(unit, "PLANTED-SOURCE")
        leave, theirs = mandate(unit, query), mandate(unit, other)
        for wrong, code in (
            (theirs, "dna.mandate"),  # a mandate for another query
            (replace(leave, permit=theirs.permit), "legal.permit"),  # this act, with the permit of another query
            (replace(theirs, permit=leave.permit), "dna.mandate"),  # the other act, with this query's permit
            (replace(leave, act={}), "dna.mandate"),
        ):
            with pytest.raises(NotAllowed) as caught:
                matcher.match(unit, query, wrong)
            assert caught.value.code == code
        known, nobody = mandate(unit, source.number), mandate(unit, stain.number)
        for wrong, code in ((nobody, "dna.mandate"), (replace(known, permit=nobody.permit), "legal.permit")):
            with pytest.raises(NotAllowed) as caught:
                matcher.core_data(unit, source.number, wrong)
            assert caught.value.code == code
        assert matcher.match(unit, query, leave) and matcher.core_data(unit, source.number, known)


@given(st.lists(profiles(), max_size=3))
def test_alleles_are_written_as_the_column_would_write_them(held: list[dict[str, tuple[str, ...]]]) -> None:
    whole = [loci | {"DYS385 A/B": ("11", "14"), "DYS385": ("11",), "AMEL": ("X", "Y")} for loci in held]
    told: list[Json] = [{name: list(alleles) for name, alleles in loci.items()} for loci in whole]
    kept = [JsonText().process_bind_param(one, sqlite.dialect()) for one in told]
    assert store.texts(kernel.genotypes_of(whole)) == kept
