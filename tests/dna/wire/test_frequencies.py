"""Tables of allele frequencies: real ones come in as they are, broken ones say what is wrong and where."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.dna import service
from comity.dna.wire.frequencies import read_frequencies
from tests.dna.populations import TABLE


def test_both_layouts_say_the_same() -> None:
    wide = read_frequencies(b"Allele;vWA;TH01\r\n16;0.4;\r\n17;0.6;\r\n9.3;;1\r\n6;;\r\n")
    long = read_frequencies(
        b"# A remark\nlocus,allele,frequency,source\nVWA,16,0.4,x\nVWA,17,0.6,x\nTH01,9.3,1,x\nTH01,6,0,x\n"
    )
    assert wide == long
    assert wide.frequencies == {"VWA": {"16": "0.4", "17": "0.6"}, "TH01": {"9.3": "1"}}


def test_the_numbers_of_samples_are_read() -> None:
    assert read_frequencies(TABLE).samples == {"VWA": 200}
    assert read_frequencies(TABLE.replace(b"\nN,", b"\n2N,")).samples == {"VWA": 100}


@pytest.mark.parametrize(
    ("file", "loci", "alleles"),
    [
        ("frequencies-fusion6c-norway.csv", 23, {"VWA": 12, "SE33": 55}),
        ("frequencies-identifiler-nist.csv", 15, {"TH01": 8, "FGA": 14}),
        ("frequencies-ngm-holland.csv", 15, {"TH01": 8, "D1S1656": 19}),
        ("strbase-frequencies-europe.csv", 16, {"SE33": 70, "VWA": 11}),
    ],
)
def test_published_tables_come_in(data: Path, file: str, loci: int, alleles: dict[str, int]) -> None:
    read = read_frequencies((data / "dna" / file).read_bytes())
    assert len(read.frequencies) == loci
    assert {name: len(read.frequencies[name]) for name in alleles} == alleles


GOOD = "Allele,VWA,TH01\n16,0.4,0.5\n17,0.6,0.5\n"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        (GOOD.replace("0.6", "0.59"), "dna.frequency-sum", "The frequencies of VWA add up to 0.9900"),
        (GOOD.replace("0.6", "0,6"), "dna.csv-row", "line 3"),
        (GOOD.replace(",", ";").replace("0.6", "0,6"), "dna.frequency-value", "'0,6' is no frequency"),
        (GOOD.replace("0.6", "-0.6"), "dna.frequency-value", "VWA"),
        (GOOD.replace("0.6", "60"), "dna.frequency-value", "VWA"),
        (GOOD.replace("0.6", "nan"), "dna.frequency-value", "VWA"),
        (GOOD.replace("17", "16.0"), "dna.frequency-twice", "VWA gives allele 16.0 twice"),
        (GOOD.replace("17", "x"), "dna.allele", "'x' is no designation at VWA"),
        (GOOD.replace("17", "OL"), "dna.frequency-allele", "stands for no one allele"),
        (GOOD.replace("TH01", "D99S1"), "dna.locus-unknown", "'D99S1'"),
        (GOOD.replace("TH01", "vwa"), "dna.frequency-twice", "are one locus"),
        (GOOD.replace("TH01", "DYS391"), "dna.frequency-locus", "DYS391"),
        (GOOD + "N,0,0\n", "dna.frequency-value", "no whole number"),
        ("specimen,VWA\nA,16\n", "dna.frequency-header", "no allele column"),
        ("Allele,VWA\n", "dna.frequency-header", "no frequency"),
        ("", "dna.frequency-header", "no table"),
        ("locus,allele,frequency\nVWA\n", "dna.csv-row", "1 columns"),
        (GOOD + '"', "dna.csv", "cannot be read"),
        (GOOD + " " * (1 << 20), "dna.too-large", "bytes"),
    ],
)
def test_a_broken_table_says_what_and_where(text: str, code: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_frequencies(text.encode())
    assert (caught.value.code, says in str(caught.value)) == (code, True)


def test_a_table_of_another_encoding_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        read_frequencies("Allele,VWA\n16,0.5\né,0.5\n".encode("latin-1"))
    assert (caught.value.code, caught.value.where) == ("dna.encoding", "line 3")


@given(st.binary(max_size=200) | st.text("Allele,vWA;\n0.123N#", max_size=80).map(str.encode))
def test_anything_else_is_refused_and_breaks_nothing(data: bytes) -> None:
    try:
        read_frequencies(data)
    except BadInput as error:
        assert error.todo


@pytest.mark.parametrize(("last", "taken"), [("0.195", True), ("0.205", True), ("0.1949", False), ("0.2051", False)])
def test_a_locus_that_just_adds_up_is_taken(last: str, taken: bool) -> None:
    rows = [f"{allele},0.1" for allele in range(12, 20)]
    table = "\n".join(["Allele,SE33", *rows, f"20,{last}"]).encode()
    if taken:
        assert len(read_frequencies(table).frequencies["SE33"]) == 9
    else:
        with pytest.raises(BadInput, match="SE33 add up"):
            read_frequencies(table)


def test_the_shipped_table_comes_in() -> None:
    assert len(read_frequencies(service.shipped_file("frequencies/europe.csv")).frequencies) == 23
