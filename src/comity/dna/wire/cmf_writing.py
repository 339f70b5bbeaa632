"""Profiles as CODIS Common Message Format: import files 3.2 and 3.3, and the Rapid DNA variant.

Element names and their order follow published files of both kinds. The schemas themselves are not at hand, so nothing
here is checked against them [U]: which loci and categories a version lists, how long an id may be (24 characters are
reported), and what the Rapid variant asks for beside the profile. An instrument, an event, a fingerprint date and an
offence stand in Rapid files of laboratories; a node holds none of them and invents none.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import Final, Literal
from xml.sax.saxutils import escape

from comity.base.clock import rfc3339
from comity.dna.model import Alleles, Specimen
from comity.dna.wire.writing import Heading, Writer, portions

_SPELLED: Final = {
    "VWA": "vWA", "PENTA D": "Penta D", "PENTA E": "Penta E", "AMEL": "Amelogenin", "DYS389I": "DYS389 I",
    "DYS389II": "DYS389 II", "YINDEL": "Yindel",
}  # fmt: skip
"""Loci that CODIS writes in another way than this node."""
_START: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


def import_file(version: Literal["3.2", "3.3"]) -> Writer:
    """The writer of import files of this version."""
    return partial(_write_import, version=version)


def _write_import(specimens: Iterable[Specimen], heading: Heading, *, version: str) -> Iterator[bytes]:
    by, at = escape(heading.by), rfc3339(heading.at)
    yield _head("CODISImportFile", (
        ("HEADERVERSION", version), ("MESSAGETYPE", "Import"), ("DESTINATIONORI", heading.destination),
        ("SOURCELAB", heading.source), ("SUBMITBYUSERID", heading.by), ("SUBMITDATETIME", at),
    ))  # fmt: skip
    reading = f"<READINGBY>{by}</READINGBY><READINGDATETIME>{at}</READINGDATETIME>"
    for portion in portions(specimens):
        yield "".join(_specimen(one, reading + _element("KIT", one.kit)) for one in portion).encode()
    yield b"</CODISImportFile>\n"


def write_rapid(specimens: Iterable[Specimen], heading: Heading) -> Iterator[bytes]:
    """A file of the Rapid variant, which names the kit at each locus."""
    header = "".join(_element(name, text) for name, text in (
        ("MESSAGEVERSION", "1.0"), ("MESSAGETYPE", "Rapid Import"), ("MESSAGEDATETIME", rfc3339(heading.at)),
        ("MSGCREATORUSERID", heading.by), ("DESTINATIONORI", heading.destination), ("SOURCEORI", heading.source),
    ))  # fmt: skip
    yield _head("CODISRapidImportFile", ()) + f"<HEADER>{header}</HEADER>\n".encode()
    for portion in portions(specimens):
        yield "".join(_specimen(one, _element("KIT", one.kit)) for one in portion).encode()
    yield b"</CODISRapidImportFile>\n"


def _head(root: str, said: Iterable[tuple[str, str]]) -> bytes:
    lines = "".join(f"{_element(name, text)}\n" for name, text in said)
    return f'{_START}<{root} xmlns="urn:{root}-schema">\n{lines}'.encode()


def _element(name: str, text: str | None) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _specimen(specimen: Specimen, beside: str) -> str:
    labels = _element("SPECIMENID", specimen.specimen) + _element("SPECIMENCATEGORY", specimen.category)
    loci = "".join(
        f"<LOCUS><LOCUSNAME>{_spelled(name)}</LOCUSNAME>{beside}{_alleles(alleles)}</LOCUS>\n"
        for name, alleles in specimen.loci.items()
    )
    return f"<SPECIMEN>{labels}\n{loci}</SPECIMEN>\n"


def _spelled(name: str) -> str:
    return escape(_SPELLED.get(name, name))


@lru_cache(maxsize=16_384)
def _alleles(alleles: Alleles) -> str:
    return "".join(f"<ALLELE><ALLELEVALUE>{escape(text)}</ALLELEVALUE></ALLELE>" for text in alleles)
