"""GeneMapper's exported tables: what is read of them, and which samples are refused and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.dna.model import Refusal, Repeat, Specimen
from comity.dna.wire import files
from comity.dna.wire.formats import FORMATS, format_of
from comity.dna.wire.genemapper import is_genemapper, read_genemapper

HEAD = "Sample File\tSample Name\tSample Type\tPanel\tMarker\tAllele 1\tAllele 2\tAllele 3\tAllele 4\tHeight 1\n"
STAIN = "Forensic, Unknown"


def row(sample: str, marker: str, *alleles: str, type: str = "Sample", panel: str = "Panel_1") -> str:
    cells = [*alleles, *[""] * (4 - len(alleles))]
    return "\t".join([f"{sample}.fsa", sample, type, panel, marker, *cells, "417", ""]) + "\n"


def read(text: str) -> dict[str, Specimen | Refusal]:
    data = text.encode()
    assert is_genemapper(data) and format_of(data).name == "genemapper"
    found: dict[str, Specimen | Refusal] = {}
    for entry in files.read(data, FORMATS["genemapper"], STAIN):
        assert not isinstance(entry, Repeat)
        found[entry.specimen] = entry
    return found


def test_samples_are_read_and_what_is_none_is_said() -> None:
    found = read(
        HEAD + row("S1", "AMEL", "X", "Y") + row("S1", "TH01", "9.3") + row("S1", "D3S1358", "15", "OL")
        + row("S1", "vWA") + row("S1", "SE33", "15", panel="Panel_2")
        + row("Ladder", "TH01", "4", "5", "6", "7", type="Allelic Ladder")
        + row("PC", "TH01", "8", type="Positive Control") + row("MIX", "TH01", "6", "7", "8", "9")
        + row("COMMA", "TH01", "9,3") + row("SWAP", "15", "D3S1358") + row("KIT", "X99", "1") + row("NONE", "TH01")
    )  # fmt: skip
    good = found.pop("S1")
    assert isinstance(good, Specimen)
    assert good.loci == {"AMEL": ("X", "Y"), "TH01": ("9.3",), "D3S1358": ("15", "OL"), "SE33": ("15",)}
    assert (good.line, good.category, good.kit) == (2, STAIN, "Panel_1 + Panel_2")
    reasons = {name: entry.reason for name, entry in found.items() if isinstance(entry, Refusal)}
    assert reasons == {
        "Ladder": "The sample is an allelic ladder, no specimen", "PC": "The sample is a control, no specimen",
        "MIX": "TH01 shows 4 alleles, so this is a mixture", "SWAP": "'15' is no known locus",
        "COMMA": "'9,3' is no designation at TH01, which takes repeats such as 12 or 9.3 (a repeat of 4 bases)",
        "KIT": "'X99' is no known locus", "NONE": "The specimen has no typed locus",
    }  # fmt: skip


def test_two_runs_of_one_sample_are_one_specimen_unless_they_differ() -> None:
    again = "other.fsa\tS1\tSample\tPanel_1\tTH01\t6\t9.3\n"
    found = read(HEAD + row("S1", "TH01", "6", "9.3") + again + row("S2", "TH01", "6") + again.replace("S1", "S2"))
    assert isinstance(found["S1"], Specimen) and isinstance(found["S2"], Refusal)
    assert found["S2"].reason == "TH01 is given twice, as 6 and as 6/9.3"


def test_a_table_without_sample_names_goes_by_its_files() -> None:
    found = read("Sample File\tMarker\tAllele 1\tAllele 2\r\nA.fsa\tTH01\t6\t\r\nA.fsa\tFGA\r\n")
    assert [type(entry) for entry in found.values()] == [Refusal]
    assert list(read("Sample File\tMarker\tAllele 1\r\nA.fsa\tTH01\t6\r\n")) == ["A.fsa"]


def test_what_the_samples_are_must_be_said() -> None:
    with pytest.raises(BadInput, match="does not say what its samples are"):
        list(read_genemapper((HEAD + row("S1", "TH01", "6")).encode(), " "))


@pytest.mark.parametrize("data", [b"Sample Name\tMarker\n", b"", b"Marker\tAllele 1\n", b"a,b\n1,2\n"])
def test_another_table_is_refused(data: bytes) -> None:
    assert not is_genemapper(data)
    with pytest.raises(BadInput, match="GeneMapper"):
        list(read_genemapper(data, STAIN))


@given(st.text(max_size=200) | st.text(alphabet='ABV16,;"\n/.\t', max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for data in (text, HEAD + text):
        try:
            for entry in read_genemapper(data.encode("utf-8", "surrogatepass"), STAIN):
                assert isinstance(entry, Specimen | Refusal)
        except BadInput as error:
            assert error.todo
