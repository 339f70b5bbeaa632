"""Files that are written here, read back: every format gives the identical profiles, whatever the laboratory wrote."""

import string
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.dna.model import AUTOSOMAL, LOCI, SEX, Alleles, Refusal, Specimen
from comity.dna.wire import files, sheets
from comity.dna.wire.formats import FORMATS, READ, WRITTEN, format_of, written
from comity.dna.wire.writing import Heading
from tests.dna.profiles import genotypes

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STARTS = st.sampled_from(["", "=", "'=", "''+", "-", "@", "'", "#", "<", "&amp;", "\uff1d"])
INSIDE = st.text(string.ascii_letters + string.digits + " ,;/\"'<>&=+-@#äßж\u05d0", min_size=1, max_size=20)


def labels() -> st.SearchStrategy[str]:
    """What a laboratory may call things: also what a spreadsheet would run, and what XML and CSV must escape."""
    return st.tuples(STARTS, INSIDE).map(lambda parts: "".join(parts).strip()).filter(bool)


@st.composite
def specimens(draw: st.DrawFn) -> list[Specimen]:
    """A few specimens with different names."""
    found = []
    for name in draw(st.lists(labels(), min_size=1, max_size=4, unique=True)):
        loci: dict[str, Alleles] = {
            locus.name: draw(genotypes(locus))
            for locus in draw(st.lists(st.sampled_from(AUTOSOMAL), min_size=1, max_size=6, unique=True))
        }
        loci |= draw(st.sampled_from([{}, {SEX.name: ("X", "Y")}, {"DYS389I": ("13",), "YGATAH4": ("11", "12")}]))
        found.append(Specimen(0, name, draw(labels()), draw(st.none() | labels()), loci))
    return found


def file_of(name: str, given: list[Specimen]) -> bytes:
    """The bytes of a file of these specimens."""
    loci = [locus for locus in LOCI if any(locus in one.loci for one in given)]
    return b"".join(written(name)(iter(given), Heading("XA", "XB", "examiner-1", AT, loci)))


def said(one: object) -> tuple[object, ...]:
    assert isinstance(one, Specimen), one
    return one.specimen, one.category, one.kit, dict(one.loci), dict(one.core)


@pytest.mark.parametrize("name", WRITTEN)
@given(specimens())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back_as_it_was(name: str, given: list[Specimen]) -> None:
    data = file_of(name, given)
    for format in (FORMATS[name], format_of(data)):
        assert [said(one) for one in files.read(data, format)] == [said(one) for one in given]


@pytest.mark.parametrize("name", WRITTEN)
@given(specimens())
@settings(max_examples=20, deadline=None)
def test_a_file_that_was_read_is_written_as_it_was(name: str, given: list[Specimen]) -> None:
    data = file_of(name, given)
    again = [one for one in files.read(data, FORMATS[name]) if isinstance(one, Specimen)]
    assert file_of(name, again) == data


@given(st.text(max_size=12))
def test_guarding_takes_nothing_away(text: str) -> None:
    assert sheets.bare(sheets.guarded(text)) == text
    assert sheets.guarded(text)[:1] not in {*"=+-@\t\r"} or not text


def test_the_person_is_in_no_file() -> None:
    known = Specimen(0, "A", "Arrestee", None, {"VWA": ("16",)}, {"name": "Person 1"})
    assert all(b"Person" not in file_of(name, [known]) for name in WRITTEN)


def test_only_what_is_written_here_can_be_asked_for() -> None:
    for name in ("cmf", "csv", "genemapper", "pruem", ""):
        with pytest.raises(BadInput, match="No file of the format"):
            written(name)
    assert set(READ) | set(WRITTEN) == set(FORMATS)


def test_an_empty_choice_of_kits_and_two_kits_of_one_specimen() -> None:
    rows = "specimen,kit,marker,allele1\nA,K1,VWA,16\nA,K2,TH01,6\nA,K1,FGA,22\nB,,VWA,16\n"
    first, second = files.read(rows.encode(), FORMATS["csv"])
    assert isinstance(first, Specimen) and isinstance(second, Specimen)
    assert (first.kit, second.kit) == ("K1 + K2", None)
    for name in WRITTEN:
        read = list(files.read(file_of(name, [first, second]), FORMATS[name]))
        assert [said(one) for one in read] == [said(first), said(second)]


def test_rows_of_one_specimen_that_contradict_each_other_are_refused() -> None:
    rows = "specimen,category,marker,allele1\nA,Arrestee,VWA,16\nA,,TH01,6\nB,Arrestee,VWA,16\nB,Victim,TH01,6\n"
    good, bad = files.read(rows.encode(), FORMATS["csv"])
    assert isinstance(good, Specimen) and isinstance(bad, Refusal)
    assert (good.specimen, bad.line, bad.specimen) == ("A", 5, "B") and "line 4" in bad.reason


@pytest.mark.parametrize(
    "table",
    ["specimen,marker,allele1\nVWA,A,16\n", "specimen,marker,allele1\n16,VWA,A\n", "specimen,VWA\n16,A\n"],
)
def test_swapped_columns_are_refused(table: str) -> None:
    (refused,) = files.read(table.encode(), FORMATS["csv"])
    assert isinstance(refused, Refusal) and refused.todo
