"""CODIS files: what is read, which specimen is refused and why, and which documents are refused whole."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.dna import service
from comity.dna.model import Refusal, Specimen
from comity.dna.wire.cmf import read_cmf

NAMESPACE = "urn:CODISImportFile-schema"


def locus(name: str, *alleles: str) -> str:
    values = "".join(f"<ALLELE><ALLELEVALUE>{a}</ALLELEVALUE></ALLELE>" for a in alleles)
    return f"<LOCUS><LOCUSNAME>{name}</LOCUSNAME><READINGBY>x</READINGBY>{values}</LOCUS>"


def specimen(id: str, *loci: str) -> str:
    category = "<SPECIMENCATEGORY>Forensic, Unknown</SPECIMENCATEGORY>"
    return f"\n<SPECIMEN><SPECIMENID>{id}</SPECIMENID>{category}{''.join(loci)}</SPECIMEN>"


def document(*specimens: str, version: str = "3.3", namespace: str = NAMESPACE) -> bytes:
    head = f'<CODISImportFile xmlns="{namespace}"><HEADERVERSION>{version}</HEADERVERSION><KIT>Kit A</KIT>'
    return f"{head}{''.join(specimens)}\n</CODISImportFile>".encode()


def test_a_published_file_is_read(data: Path) -> None:
    (read,) = read_cmf((data / "dna" / "codis" / "single-profile.xml").read_bytes())
    assert isinstance(read, Specimen)
    assert (read.line, read.specimen, read.category, len(read.loci)) == (9, "ABCD1234NL#01", "Forensic, Unknown", 16)
    assert (read.loci["VWA"], read.loci["AMEL"], read.loci["D16S539"]) == (("16",), ("X", "Y"), ("10", "11"))


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [("broken-allele.xml", 34, "D21S11 has an ALLELE without its ALLELEVALUE"),
     ("broken-locus.xml", 45, "A LOCUS has no LOCUSNAME")],
)  # fmt: skip
def test_published_broken_files_name_line_and_specimen(data: Path, name: str, line: int, reason: str) -> None:
    (refused,) = read_cmf((data / "dna" / "codis" / name).read_bytes())
    assert isinstance(refused, Refusal)
    assert (refused.line, refused.specimen, refused.reason) == (line, "ABCD1234NL#01", reason)


def test_the_shipped_stain_is_read() -> None:
    (read,), refused = service.read_file(service.shipped_file("stain-2800m.xml"))
    assert not refused
    assert (read.specimen, len(read.loci), read.loci["SE33"]) == ("STAIN-2800M", 17, ("15", "16"))


def test_one_bad_specimen_leaves_the_good_ones() -> None:
    read = list(read_cmf(document(
        specimen("A", locus("vWA", "16")), specimen("B", locus("D3S1385", "16")), specimen("", locus("FGA", "22")),
        specimen("D", locus("FGA", "22,2")), specimen("E"), specimen("F", locus("TH01", "6", "7", "8", "9")),
        specimen("G", locus("TH01", "6"), locus("THO1", "7")), specimen("H", locus("TH01", "9.3", "6")),
    )))  # fmt: skip
    reasons = {entry.line: entry.reason for entry in read if isinstance(entry, Refusal)}
    assert reasons == {
        3: "'D3S1385' is no known locus",
        4: "The SPECIMENID is missing",
        5: "'22,2' is no designation at FGA, which takes repeats such as 12 or 9.3 (a repeat of 4 bases)",
        6: "The specimen has no typed locus",
        7: "TH01 shows 4 alleles, so this is a mixture",
        8: "TH01 is given twice, as 6 and as 7",
    }
    good = [entry for entry in read if isinstance(entry, Specimen)]
    assert [(entry.specimen, entry.kit) for entry in good] == [("A", "Kit A"), ("H", "Kit A")]


def test_the_rapid_variant_is_read() -> None:
    head = "<HEADER><MESSAGEVERSION>1.0</MESSAGEVERSION><MESSAGETYPE>Rapid Import</MESSAGETYPE></HEADER>"
    root = "CODISRapidImportFile"
    body = f'<{root} xmlns="urn:{root}-schema">{head}{specimen("R", locus("vWA", "16", "17"))}</{root}>'
    (read,) = read_cmf(body.encode())
    assert isinstance(read, Specimen) and read.loci == {"VWA": ("16", "17")}


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (document(specimen("A", locus("vWA", "16")))[:-9], "dna.xml"),
        (b"<a><b></a>", "dna.cmf-namespace"),
        (document(namespace="urn:other"), "dna.cmf-namespace"),
        (document(version="2.0"), "dna.cmf-version"),
        (document(), "dna.cmf"),
        (BOMB + document(), "dna.xml-doctype"),
        (OUTSIDE + document(), "dna.xml-doctype"),
        (document(specimen("&nbsp;")), "dna.xml"),
        (document(specimen("\xe9")).decode().encode("latin-1"), "dna.xml"),
        (b'<?xml version="1.0" encoding="klingon"?>' + document(), "dna.xml"),
        (document("<x>" * 40 + "</x>" * 40), "dna.cmf"),
        (document(specimen("A" * 10_000)), "dna.cmf"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        list(read_cmf(data))
    assert caught.value.code == code
    assert caught.value.where.startswith("line ") and caught.value.todo


def test_an_entity_bomb_in_the_text_never_grows() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a0 "' + b"x" * 1000 + b'">'
    bomb += b"".join(b'<!ENTITY a%d "&a%d;&a%d;">' % (n, n - 1, n - 1) for n in range(1, 60)) + b"]>"
    with pytest.raises(BadInput, match="document type"):
        list(read_cmf(bomb + document(specimen("&a59;"))))


def test_utf_16_as_declared_is_read() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?>' + document(specimen("Ä-1", locus("vWA", "16"))).decode()
    (read,) = read_cmf(text.encode("utf-16"))
    assert isinstance(read, Specimen) and read.specimen == "Ä-1"


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 20))
def test_damage_is_refused_or_read_but_never_crashes(noise: bytes, place: int, gone: int) -> None:
    good = document(specimen("A", locus("vWA", "16", "17")), specimen("B", locus("FGA", "22")))
    try:
        for entry in read_cmf(good[:place] + noise + good[place + gone :]):
            assert isinstance(entry, Specimen | Refusal)
    except BadInput as error:
        assert error.todo


def test_a_long_document_is_read_piece_by_piece() -> None:
    many = document(*(specimen(f"S{n}", locus("vWA", "16", "17")) for n in range(2000)))
    assert len(many) > 3 * (1 << 16)
    assert [entry.specimen for entry in read_cmf(many)] == [f"S{n}" for n in range(2000)]
