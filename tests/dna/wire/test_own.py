"""Own JSON: files, questions, and what of them is refused."""

import json

import pytest
from hypothesis import given

from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.dna.model import Alleles, Refusal, Specimen
from comity.dna.wire import files, own
from tests.dna.profiles import profiles

QUESTION: JsonObject = {
    "format": own.QUERY, "rule_set": "pruem-2008", "kind": "stain", "loci": {"vWA": ["16", "19"], "TH01": ["6"]}
}  # fmt: skip


@given(profiles())
def test_a_question_comes_back_as_it_was_sent(loci: dict[str, Alleles]) -> None:
    pairs = {name: alleles[:2] for name, alleles in loci.items()}
    sent = own.Question("pruem-2008", "reference", pairs)
    assert own.read_question(sent.as_json()) == sent


def test_usual_spellings_are_understood() -> None:
    assert own.read_question(QUESTION).loci == {"VWA": ("16", "19"), "TH01": ("6",)}


@pytest.mark.parametrize(
    "change",
    [
        {"format": "comity-dna-query-2"}, {"rule_set": 5}, {"kind": "person"}, {"loci": {}}, {"loci": []},
        {"loci": {"VWA": []}}, {"loci": {"VWA": "16"}}, {"loci": {"VWA": [16]}}, {"loci": {"VWA": ["16", "17", "18"]}},
        {"loci": {"XYZ": ["1"]}}, {"loci": {"VWA": ["16;"]}}, {"loci": {"VWA": ["16"], "vwa": ["17"]}},
        {"loci": {f"D{n}S{n}": ["1"] for n in range(200)}},
    ],
)  # fmt: skip
def test_a_malformed_question_is_refused(change: JsonObject) -> None:
    with pytest.raises(BadInput):
        own.read_question({**QUESTION, **change})


def test_a_file_is_read_with_its_persons() -> None:
    good = {"specimen": "A", "category": "Arrestee", "loci": {"VWA": ["16"]}, "core": {"name": "Person 1"}}
    other = {**good, "specimen": "D", "category": "Suspect"}
    listed = [
        good,
        other,
        {**other, "category": "Arrestee"},
        {"specimen": "B"},
        7,
        {**good, "specimen": "C", "core": {"name": 3}},
    ]
    data = json.dumps({"format": own.FILE, "profiles": listed}).encode()
    read = list(files.read(data, files.format_of(data)))
    assert isinstance(read[0], Specimen) and read[0].core == {"name": "Person 1"}
    assert [r.specimen for r in read if isinstance(r, Refusal)] == ["B", "profile 5", "C", "D", "D"]


@pytest.mark.parametrize("data", [b"", b"  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="empty"):
        files.format_of(data)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(BadInput, match="1001 bytes, and 1000"):
        list(files.read(b"x" * 1001, files.format_of(b"x", "csv"), limit=1000))


@pytest.mark.parametrize(
    ("start", "kind"), [(b"\xef\xbb\xbf<a", "cmf"), ("<a".encode("utf-16"), "cmf"), (b' {"a"', "json"), (b"a,b", "csv")]
)
def test_the_first_characters_tell_the_format(start: bytes, kind: str) -> None:
    assert files.format_of(start).name == kind
    assert files.format_of(start, "csv").name == "csv"
    with pytest.raises(BadInput, match="no known format"):
        files.format_of(start, "pdf")
