"""CSV tables, wide and long, as others write them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.dna.model import Refusal, Specimen
from comity.dna.wire.tables import read_table


def read(text: str) -> tuple[list[Specimen], list[Refusal]]:
    entries = list(read_table(text.encode()))
    good = [entry for entry in entries if isinstance(entry, Specimen)]
    return good, [entry for entry in entries if isinstance(entry, Refusal)]


def test_a_published_wide_table_is_read(data: Path) -> None:
    good, refused = read((data / "dna" / "jax-pdx-str.csv").read_text(encoding="utf-8"))
    assert len(good) + len(refused) == 1258 and len(good) > 1240
    known = ("4 alleles", "5 alleles", "no designation", "in more than one way", "decimal comma")
    assert all(any(reason in r.reason for reason in known) for r in refused)
    assert [(r.line, r.reason) for r in refused if "way" in r.reason or "decimal comma" in r.reason] == [
        (211, "FGA: '19,20 33.2' divides its values in more than one way"),
        (444, "D16S539: '4,3,9,12' may be one value with a decimal comma or two values"),
    ]
    assert good[0].loci["D21S11"] == ("31", "31.2") and good[0].loci["AMEL"] == ("X", "Y")
    assert "PENTA E" not in good[0].loci


def test_published_long_tables_are_read(data: Path) -> None:
    good, refused = read((data / "dna" / "examples" / "esx17-refs.csv").read_text(encoding="utf-8"))
    assert [(s.specimen, len(s.loci)) for s in good] == [("ref1", 16), ("ref2", 16), ("ref3", 16)] and not refused
    assert good[0].loci["TH01"] == ("9.3", "9")
    _, (mixture,) = read((data / "dna" / "examples" / "esx17-mixture-3p.csv").read_text(encoding="utf-8"))
    assert (mixture.specimen, mixture.reason) == ("stain5", "D3S1358 shows 4 alleles, so this is a mixture")


def test_all_ways_of_writing_a_wide_table() -> None:
    wide = "# a remark\n# another\nSample Name;Category;Kit;core_name;vWA;TH01_1;TH01_2;Penta E;Passage\n"
    good, refused = read(wide + "S1;Arrestee;K;Person 1;16/17;6;9.3;7 14;P0\nS2;Arrestee;;;;6;;;P1\n")
    assert not refused
    assert good[0].loci == {"VWA": ("16", "17"), "TH01": ("6", "9.3"), "PENTA E": ("7", "14")}
    assert (good[0].line, good[0].kit, good[0].core) == (4, "K", {"name": "Person 1"})
    assert (good[1].loci, good[1].kit, good[1].core) == ({"TH01": ("6",)}, None, {})
    assert "Person 1" not in repr(good[0])


def test_every_bad_row_names_its_line_and_reason() -> None:
    good, refused = read(
        'specimen,category,VWA,TH01\nA,Ref,16,6\nB,Ref,16\nC,Ref,"16,17,18,19",6\nD,Ref,,\n'
        ",Ref,16,6\nE,,16,6\nF,Ref,x,6\nG,Ref,18,7\n"
    )
    assert [s.specimen for s in good] == ["A", "G"]
    assert [(r.line, r.specimen) for r in refused] == [
        (3, "B"), (4, "C"), (5, "D"), (6, "(no id)"), (7, "E"), (8, "F"),
    ]  # fmt: skip
    assert "3 columns" in refused[0].reason and "mixture" in refused[1].reason and "no typed" in refused[2].reason
    assert all(r.todo for r in refused)


def test_a_decimal_comma_is_refused_with_both_readings() -> None:
    good, (refused,) = read("specimen;VWA;TH01\nA;16/17;9,3\nB;16;9.3\n")
    assert [s.specimen for s in good] == ["B"]
    assert refused.reason == "TH01: '9,3' may be one value with a decimal comma or two values"


@pytest.mark.parametrize("cell", ['"9,3/6"', '"9,3"', '"6,9,3"', '"9,3 6"', '"9,0"', '"9/9.3 6"', '"9,3, 6"'])
def test_a_cell_that_can_be_read_in_two_ways_is_refused(cell: str) -> None:
    good, (refused,) = read(f"specimen,VWA,TH01\nA,16/17,{cell}\nB,16,9.3\n")
    assert [s.specimen for s in good] == ["B"]
    assert (refused.line, refused.specimen) == (2, "A")
    assert refused.reason.startswith("TH01: ") and refused.todo.startswith("Write a decimal point (9.3)")


@pytest.mark.parametrize(
    ("locus", "cell", "alleles"),
    [
        ("TH01", '"7,9.3"', ("7", "9.3")),
        ("TH01", '"9, 3"', ("9", "3")),
        ("VWA", '"16,17"', ("16", "17")),
        ("TH01", '"6,7"', ("6", "7")),
        ("Penta E", '"7,5"', ("7", "5")),
        ("AMEL", '"X,Y"', ("X", "Y")),
        ("TH01", "9 / 9.3", ("9", "9.3")),
        ("TH01", '"9,"', ("9",)),
        ("D18S51", '"12,18, 19"', ("12", "18", "19")),
    ],
)
def test_a_comma_divides_where_the_values_make_sense_only_so(locus: str, cell: str, alleles: tuple[str, ...]) -> None:
    (good,), refused = read(f"specimen,{locus}\nA,{cell}\n")
    assert (good.loci[locus.upper()], refused) == (alleles, [])


@given(st.integers(2, 50), st.integers(0, 3), st.sampled_from(["{},{}", "{},{}/6", "6,{},{}", "{},{} 6"]))
def test_no_micro_variant_with_a_decimal_comma_becomes_two_alleles(repeats: int, odd: int, form: str) -> None:
    good, refused = read(f'specimen,TH01\nA,"{form.format(repeats, odd)}"\n')
    assert not good and [r.specimen for r in refused] == ["A"]


def test_a_column_of_one_allele_takes_no_comma() -> None:
    good, refused = read('specimen,TH01_1,TH01_2,VWA,VWA\nA,"9,3",6,16,17\nB,9.3,6,"16,17",18\nC,9.3,6,16,17\n')
    assert [s.specimen for s in good] == ["C"] and [r.specimen for r in refused] == ["A", "B"]


def test_a_line_is_bounded_before_it_is_taken_apart() -> None:
    row = b"A," + b"16," * 30_000 + b"\n"
    for table, line in ((b"specimen,VWA\n" + row, 2), (b"#\n#\nspecimen," + row, 3), (b"#" + row, 1)):
        with pytest.raises(BadInput) as caught:
            list(read_table(table))
        assert (caught.value.code, caught.value.where) == ("dna.line-length", f"line {line}")


def test_a_table_in_utf_16_is_read() -> None:
    entries = list(read_table("specimen;VWA\r\nÄ;16/17\r\n".encode("utf-16")))
    assert [entry.specimen for entry in entries] == ["Ä"]


def test_one_bad_row_of_a_long_table_refuses_its_specimen() -> None:
    good, (refused,) = read("SampleName,Marker,Allele1,Allele2\nA,VWA,16,17\nB,VWA,16,17\nA,XYZ,1,2\nB,FGA,22,\n")
    assert [(s.specimen, dict(s.loci)) for s in good] == [("B", {"VWA": ("16", "17"), "FGA": ("22",)})]
    assert (refused.line, refused.specimen, refused.reason) == (4, "A", "'XYZ' is no known locus")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a,b,c\n1,2,3\n", "dna.csv-header"),
        (b"specimen,remark\nA,x\n", "dna.csv-header"),
        (b"specimen,marker\nA,VWA\n", "dna.csv-header"),
        (b"specimen,VWA,D3S1385\nA,16,17\n", "dna.locus-unknown"),
        (b'specimen,VWA\nA,"16\n', "dna.csv"),
        (b"specimen,VWA\nA\xff,16\n", "dna.encoding"),
        (b"specimen,VWA\nA\0,16\n", "dna.encoding"),
        (b"specimen,VWA\nA," + b"1" * 200_000 + b"\n", "dna.line-length"),
        (b"specimen," + b"VWA," * 600 + b"TH01\n", "dna.csv-header"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        list(read_table(data))
    assert caught.value.code == code and caught.value.where.startswith("line ") and caught.value.todo


@given(st.text(max_size=300) | st.text(alphabet='ABV16,;"\n/.', max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for prefix in ("", "specimen,VWA,TH01\n", "specimen;marker;allele1\n"):
        try:
            for entry in read_table((prefix + text).encode("utf-8", "surrogatepass")):
                assert isinstance(entry, Specimen | Refusal)
        except BadInput as error:
            assert error.todo
