"""Designations and their codes."""

import pytest

from comity.base.errors import BadInput
from comity.dna.model import AUTOSOMAL, LOCI, WILDCARD, check_designation, code, find_locus, kind_of, looks_like_locus


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("vWA", "VWA"), ("Penta_E", "PENTA E"), ("PentaD", "PENTA D"), ("Amelogenin", "AMEL"), ("THO1", "TH01"),
     ("d3s1358", "D3S1358"), ("DYS389 I", "DYS389I"), ("F13A01", "F13A1"), ("TP0X", "TPOX")],
)  # fmt: skip
def test_usual_spellings_name_the_locus(spelling: str, name: str) -> None:
    found = find_locus(spelling)
    assert found is not None and found.name == name


def test_codes_place_neighbouring_microvariants_one_apart() -> None:
    th01, penta = LOCI["TH01"], LOCI["PENTA E"]
    assert [code(th01, text) for text in ("9", "9.1", "9.2", "9.3", "10")] == [36, 37, 38, 39, 40]
    assert [code(penta, text) for text in ("12.3", "12.4", "13")] == [63, 64, 65]


@pytest.mark.parametrize("text", ["*", "o", "F", "r", "na", "NR", "un", "OL", "0", "1", "99", "<8", ">22.2"])
def test_unknown_values_are_wildcards(text: str) -> None:
    assert code(LOCI["FGA"], text) == WILDCARD


@pytest.mark.parametrize("text", ["", "x", "9,3", "9.", "9.31", "9.4", "-9", "90", "９", "9 ", "1e1", "12.x"])
def test_what_is_no_designation_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no designation at TH01"):
        code(LOCI["TH01"], text)


def test_a_decimal_comma_is_named_as_such() -> None:
    with pytest.raises(BadInput) as caught:
        code(LOCI["TH01"], "9,3")
    assert caught.value.todo == "Write a decimal point, not a comma."


def test_the_sex_marker_takes_x_and_y() -> None:
    check_designation(LOCI["AMEL"], "X")
    with pytest.raises(BadInput, match="X or Y"):
        check_designation(LOCI["AMEL"], "12")


def test_every_code_of_every_locus_fits_a_byte() -> None:
    for locus in AUTOSOMAL:
        assert {code(locus, f"{n}.{locus.repeat - 1}") for n in range(2, 50)} <= set(range(4, 256))


def test_columns_that_look_like_loci() -> None:
    assert looks_like_locus("D3S1385") and looks_like_locus("Penta X")
    assert not looks_like_locus("Passage") and not looks_like_locus("Date")


def test_categories_tell_traces_from_references() -> None:
    assert [kind_of(c) for c in ("Forensic, Unknown", "stain", "Convicted Offender")] == ["stain", "stain", "reference"]
