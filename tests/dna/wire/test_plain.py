"""CODIS files read by patterns and parser in turns: the same specimens, lines and refusals as by the parser alone."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.dna.model import Refusal, Specimen
from comity.dna.wire import plain
from comity.dna.wire.cmf import names, read_cmf

NAMES = st.sampled_from(["vWA", "TH01", " TH01 ", "Amelogenin", "D99", "", "T&amp;H", "FGA\xe9"])
VALUES = st.sampled_from(["16", "9.3", " 17\t", "", "OL", "9,3", "&#49;6", "X", "1<!-- -->6", "<![CDATA[16]]>", "]]>"])
BETWEEN = st.sampled_from(["", "\n", " \n\n  ", "<!-- a\ncomment -->", "\t", "<?a b?>"])
AROUND = st.sampled_from(
    ["", "\n", "<!--", "-->", "<!-- <SPECIMEN> -->", "&nbsp;", "x", "<A/>", "</SPECIMEN >", "<![CDATA["]
)
ATTRIBUTES = st.sampled_from(
    ["", ' CASEID="1"', ' CASEID="a" SOURCEID="b"', ' CASEID="a" CASEID="b"', ' xmlns="urn:x"', ' A="</SPECIMEN>"']
)
KITS = st.sampled_from(["", "<KIT>K1</KIT>", "<KIT>K2</KIT>", "<KIT> </KIT>", "<READINGBY>x</READINGBY>", "<KIT/>"])
HEADS = st.sampled_from([
    "<HEADERVERSION>3.3</HEADERVERSION>", "<HEADERVERSION>3.2</HEADERVERSION>\n<KIT>Kit A</KIT>", "",
    "<HEADERVERSION>9</HEADERVERSION>", "<HEADERVERSION>3.3</HEADERVERSION><A>",
])  # fmt: skip


@st.composite
def loci(draw: st.DrawFn) -> str:
    alleles = "".join(
        f"<ALLELE>{draw(BETWEEN)}<ALLELEVALUE>{draw(VALUES)}</ALLELEVALUE></ALLELE>"
        for _ in range(draw(st.integers(0, 4)))
    )
    return f"<LOCUS>{draw(BETWEEN)}<LOCUSNAME>{draw(NAMES)}</LOCUSNAME>{draw(KITS)}{alleles}</LOCUS>{draw(BETWEEN)}"


@st.composite
def good_loci(draw: st.DrawFn) -> str:
    name, first, space = (
        draw(st.sampled_from(["vWA", "TH01", "FGA"])),
        draw(st.integers(5, 20)),
        draw(st.sampled_from(" \n")),
    )
    alleles = f"<ALLELE><ALLELEVALUE>{first}</ALLELEVALUE></ALLELE>{space}<ALLELE><ALLELEVALUE>9</ALLELEVALUE></ALLELE>"
    return f"<LOCUS>{space}<LOCUSNAME>{name}</LOCUSNAME>{draw(st.sampled_from(['', '<KIT>K1</KIT>']))}{alleles}</LOCUS>"


@st.composite
def specimens(draw: st.DrawFn) -> str:
    plainly = draw(st.booleans())
    body = "".join(draw(st.lists(good_loci() if plainly else loci(), max_size=3)))
    id = draw(st.sampled_from(["A", "B", " C ", "S-7", "", "A&amp;B", "\xe9"]))
    around = "" if plainly else draw(AROUND)
    attributes = "" if plainly else draw(ATTRIBUTES)
    return (
        f"\n{around}<SPECIMEN{attributes}>\n<SPECIMENID>{id}</SPECIMENID><SPECIMENCATEGORY>Arrestee</SPECIMENCATEGORY>"
        f"{body}</SPECIMEN>"
    )


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    body = "".join(draw(st.lists(specimens(), max_size=5)))
    end = draw(
        st.sampled_from(
            ["</CODISImportFile>", "\n</CODISImportFile>\n", "", "</CODISImportFile>x", "<!-- -->\n</CODISImportFile>"]
        )
    )
    text = f'<CODISImportFile xmlns="urn:CODISImportFile-schema">{draw(HEADS)}{body}{end}'
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8", "latin-1"])))


def outcome(data: bytes) -> object:
    """What reading gives: entries, or what refuses the whole."""
    try:
        return [(type(one), one) for one in read_cmf(data)]
    except BadInput as error:
        return error.code, error.what, error.where


FIRST_IN_THE_HEAD = (
    b'<CODISImportFile xmlns="urn:CODISImportFile-schema"><HEADERVERSION>3.3</HEADERVERSION>\n--><SPECIMEN>\n'
    b"<SPECIMENID>A</SPECIMENID><SPECIMENCATEGORY>Arrestee</SPECIMENCATEGORY></SPECIMEN>\n<SPECIMEN>\n<SPECIMENID>A"
    b"</SPECIMENID><SPECIMENCATEGORY>Arrestee</SPECIMENCATEGORY><LOCUS> <LOCUSNAME>vWA</LOCUSNAME><ALLELE><ALLELEVALUE>"
    b"5</ALLELEVALUE></ALLELE> <ALLELE><ALLELEVALUE>9</ALLELEVALUE></ALLELE></LOCUS></SPECIMEN></CODISImportFile>"
)


@given(documents())
@example(FIRST_IN_THE_HEAD)
@settings(max_examples=400, deadline=None)
def test_patterns_and_parser_read_the_same(data: bytes) -> None:
    by_parser = b"<!---->" + data
    assert plain.head(by_parser) == 0
    assert outcome(data) == outcome(by_parser)


@given(documents())
@settings(max_examples=150, deadline=None)
def test_no_name_that_stands_twice_is_missed(data: bytes) -> None:
    try:
        entries = [one.specimen for one in read_cmf(data) if isinstance(one, Specimen)]
    except BadInput:
        return
    found = list(names(data))
    assert all(found.count(name) >= entries.count(name) for name in entries)


def _one(loci: str) -> bytes:
    labels = "<SPECIMENID>A</SPECIMENID><SPECIMENCATEGORY>Arrestee</SPECIMENCATEGORY>"
    body = f"<HEADERVERSION>3.3</HEADERVERSION>\n<SPECIMEN>{labels}{loci}</SPECIMEN>"
    return f'<CODISImportFile xmlns="urn:CODISImportFile-schema">{body}</CODISImportFile>'.encode()


ALLELE = "<ALLELE><ALLELEVALUE>{}</ALLELEVALUE></ALLELE>"
LOCUS = "<LOCUS><LOCUSNAME>vWA</LOCUSNAME>{}</LOCUS>"


@pytest.mark.parametrize(
    "loci",
    [
        LOCUS.format(ALLELE.format("16") + ALLELE.format(" ")), LOCUS.format(ALLELE.format("") + ALLELE.format("16")),
        LOCUS.format(ALLELE.format("16") * 4), LOCUS.format(ALLELE.format("16")) + "x", LOCUS.format(""),
        LOCUS.format(ALLELE.format("16")) + "x" + LOCUS.format(ALLELE.format("17")).replace("vWA", "TH01"),
        LOCUS.format(ALLELE.format("16")) * 2, LOCUS.format(ALLELE.format("16")) * 129,
    ],
)  # fmt: skip
def test_what_patterns_leave_to_the_parser(loci: str) -> None:
    data = _one(loci)
    assert plain.read_plain(data, plain.head(data), data.find(plain.END), 1, None) is None
    assert outcome(data) == outcome(b"<!---->" + data)


READINGS = st.sampled_from(
    [
        "",
        "<KIT>K1</KIT>",
        "<READINGBY>a</READINGBY>\n<READINGDATETIME>2026-03-02T10:00:00</READINGDATETIME><KIT>K</KIT>",
    ]
)
SPOILT = st.sampled_from(["\0", "</LOCUSNAME>", "<LOCUS>", "<ALLELE><ALLELEVALUE>", "</LOCUS>", "x", "\n", "<", "17"])


@st.composite
def alike_loci(draw: st.DrawFn) -> bytes:
    """Loci around one reading, and perhaps something that does not belong there."""
    reading = draw(READINGS)
    names = draw(st.lists(st.sampled_from(["vWA", "TH01", "FGA", " D8S1179"]), min_size=1, unique=True))
    whole = "\n".join(
        LOCUS.format(reading + "".join(ALLELE.format(draw(st.integers(5, 20))) for _ in range(draw(st.integers(1, 3)))))
        .replace("vWA", name) for name in names
    )  # fmt: skip
    between = whole[whole.index("</LOCUSNAME>") : whole.index("<ALLELEVALUE>") + len("<ALLELEVALUE>")]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(whole)))
        part = draw(st.one_of(SPOILT, st.just(between), st.integers(1, len(between)).map(lambda n: between[:-n])))
        whole = draw(st.sampled_from([whole[:at] + part + whole[at:], whole.replace(part, "", 1), whole + part]))
    return whole.encode()


def _between(reading: bytes) -> bytes:
    return b"</LOCUSNAME>" + reading + b"<ALLELE><ALLELEVALUE>"


LONG = _between(b"<READINGBY>examiner of the laboratory</READINGBY><KIT>K</KIT>")
TWO = b"".join(b"<LOCUS><LOCUSNAME>%s%s16</ALLELEVALUE></ALLELE></LOCUS>" % (name, LONG) for name in (b"vWA", b"TH01"))


@given(alike_loci())
@example(TWO.replace(LONG[:-40], b"", 1))
@example(TWO.replace(b"TH01" + LONG[:-40], b"TH01") + LONG[:-40])
@example(TWO.replace(b"TH01" + LONG, b"TH01\0"))
@example(TWO + LONG)
@settings(max_examples=400, deadline=None)
def test_loci_around_one_reading_are_read_as_one_by_one(data: bytes) -> None:
    found = plain._alike(data, 0, len(data))
    assert found is None or found == plain._each(data, 0, len(data))


def test_loci_around_one_reading_are_read_at_once() -> None:
    loci = {"VWA": ("16",), "TH01": ("16",)}
    assert plain._alike(TWO, 0, len(TWO)) == plain._each(TWO, 0, len(TWO)) == (loci, (b"K",))
    other = TWO.replace(b"<KIT>K</KIT>", b"<KIT>L</KIT>", 1)
    assert plain._alike(other, 0, len(other)) is None
    assert plain._each(other, 0, len(other)) == (loci, (b"L", b"K"))


def test_what_was_read_before_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    known = plain._Known()
    monkeypatch.setattr(known, "most", 3)
    for repeats in range(8, 18):
        text = b"vWA" + ALLELE.format(repeats).encode()
        assert known[text] == known[text] == ("VWA", (str(repeats),))
    assert len(known) <= 3


def test_lines_are_counted_over_what_the_parser_was_spared() -> None:
    locus = "<LOCUS><LOCUSNAME>TH01</LOCUSNAME><ALLELE><ALLELEVALUE>{}</ALLELEVALUE></ALLELE></LOCUS>"
    labels = "<SPECIMENID>{}</SPECIMENID><SPECIMENCATEGORY>Arrestee</SPECIMENCATEGORY>"
    good = f"<SPECIMEN>\n{labels}\n{locus}\n</SPECIMEN>\n"
    body = good.format("A", "6") + good.format("B", "x") + good.format("C", "7")
    head = '<CODISImportFile xmlns="urn:CODISImportFile-schema">\n<HEADERVERSION>3.3</HEADERVERSION>\n'
    data = f"{head}{body}</CODISImportFile>"
    assert plain.head(data.encode())
    first, second, third = read_cmf(data.encode())
    assert isinstance(second, Refusal)
    assert (first.line, second.line, third.line) == (3, 9, 11)
    with pytest.raises(BadInput) as caught:
        list(read_cmf(data.encode()[:-2]))
    assert (caught.value.code, caught.value.where) == ("dna.xml", "line 15")
