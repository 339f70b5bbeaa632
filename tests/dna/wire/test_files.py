"""A file of any format as a whole: a specimen that stands in it more than once."""

import pytest

from comity.base.model import Json, JsonObject
from comity.dna import service
from comity.dna.model import Refusal, Repeat, Specimen
from comity.dna.wire import files
from comity.kit.codec import jcs

CMF = service.shipped_file("stain-2800m.xml")


def read(data: bytes) -> tuple[list[Specimen], list[Refusal], list[Repeat]]:
    entries = list(files.read(data, files.format_of(data)))
    good = [entry for entry in entries if isinstance(entry, Specimen)]
    refused = [entry for entry in entries if isinstance(entry, Refusal)]
    return good, refused, [entry for entry in entries if isinstance(entry, Repeat)]


def test_what_a_table_says_twice_and_differently_is_refused_both_times() -> None:
    good, refused, repeats = read(b"specimen,VWA,TH01\nA,16/17,6\nB,16,6\nA,16/18,6\nC,16,6\nA,16/17,6\n")
    assert [s.specimen for s in good] == ["B", "C"] and not repeats
    assert [(r.line, r.specimen) for r in refused] == [(2, "A"), (4, "A"), (6, "A")]
    assert refused[1].reason == "The specimen stands in the file 3 times and differs; see line 2, line 6"


def test_what_a_table_repeats_word_for_word_comes_in_once() -> None:
    good, refused, repeats = read(b"specimen,VWA,TH01\nA,16/17,6\nA,17/16,6\n")
    assert ([s.line for s in good], refused, repeats) == ([2], [], [Repeat(3, "A", 2)])


@pytest.mark.parametrize("column", ["category", "kit", "core_name"])
def test_another_person_category_or_kit_is_a_contradiction_too(column: str) -> None:
    good, refused, _ = read(f"specimen,{column},VWA\nA,Arrestee,16\nA,Suspect,16\n".encode())
    assert not good and len(refused) == 2


def test_the_good_row_comes_in_beside_one_that_cannot_be_read() -> None:
    good, refused, repeats = read(b"specimen,VWA,TH01\nA,16/x,6\nA,16/17,6\n")
    assert ([s.line for s in good], [r.line for r in refused], repeats) == ([3], [2], [])


def test_own_files_are_judged_alike() -> None:
    def profile(specimen: str, allele: str) -> JsonObject:
        return {"specimen": specimen, "category": "stain", "loci": {"VWA": [allele]}}

    listed: list[Json] = [profile("A", "16"), profile("B", "16"), profile("A", "17"), profile("B", "16")]
    good, refused, repeats = read(jcs.canonical({"format": "comity-dna-1", "profiles": listed}))
    assert ([s.specimen for s in good], [r.specimen for r in refused]) == (["B"], ["A", "A"])
    assert repeats == [Repeat(0, "B", 0)]


def test_cmf_files_are_judged_alike() -> None:
    start, end = CMF.index(b"<SPECIMEN "), CMF.index(b"</SPECIMEN>") + len(b"</SPECIMEN>")
    again = CMF[:end] + CMF[start:end] + CMF[end:]
    good, refused, repeats = read(again)
    assert (len(good), refused, len(repeats)) == (1, [], 1)
    changed = CMF[:end] + CMF[start:end].replace(b">9.3<", b">8<", 1) + CMF[end:]
    good, refused, repeats = read(changed)
    assert (good, len(refused), repeats) == ([], 2, [])
