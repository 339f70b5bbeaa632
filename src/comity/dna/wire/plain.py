"""CODIS specimens in the plain shape that programs write, read by patterns instead of an XML parser, much faster.

A specimen is read here only if its text, byte for byte, has one shape: printable ASCII without entities, comments or
sections, the elements of a specimen in their order, no attribute that could change a namespace. Within that shape the
parser of `cmf` reads exactly the same, and a test holds the two against each other. Everything else is the parser's.
"""

import re
from functools import lru_cache
from typing import Final

from comity.base.errors import BadInput
from comity.dna.model import Alleles, Specimen
from comity.dna.wire.genotypes import genotype, kits, label

_TEXT: Final = rb"[ -%'-;=?-~]{0,1024}+"
_SPACE: Final = rb"[ \t\r\n]*+"


def _element(name: bytes, text: bytes = _TEXT) -> bytes:
    return b"<" + name + b">" + text + b"</" + name + b">" + _SPACE


def _maybe(pattern: bytes) -> bytes:
    return b"(?:" + pattern + b")?+"


_KEPT: Final = b"(" + _TEXT + b")"
_ALLELE: Final = b"<ALLELE>" + _SPACE + _element(b"ALLELEVALUE", _KEPT) + b"</ALLELE>" + _SPACE
_LOCUS: Final = re.compile(
    b"(<LOCUS>" + _SPACE + _element(b"LOCUSNAME", _KEPT) + _maybe(_element(b"READINGBY"))
    + _maybe(_element(b"READINGDATETIME")) + _maybe(_element(b"KIT", _KEPT)) + _maybe(_element(b"BATCHID"))
    + _ALLELE + _maybe(_ALLELE) + _maybe(_ALLELE) + b"</LOCUS>" + _SPACE + b")"
)  # fmt: skip
"""One locus: the whole of it, its name, its kit and up to three alleles."""
_START: Final = re.compile(
    _SPACE + b"<SPECIMEN" + _maybe(rb' (CASEID|SOURCEID)="[ !#-%\'-;=?-~]{0,256}+"')
    + _maybe(rb' (?!\1=)(?:CASEID|SOURCEID)="[ !#-%\'-;=?-~]{0,256}+"') + b">" + _SPACE
    + _element(b"SPECIMENID", _KEPT) + _element(b"SPECIMENCATEGORY", _KEPT) + _maybe(_element(b"SPECIMENCOMMENT"))
)  # fmt: skip
"""A specimen up to its loci, from where the one before ended."""
_HEAD: Final = re.compile(
    rb'\s*+(?:<\?xml version="1\.0"(?: encoding="(?:utf-8|UTF-8|us-ascii)")?+(?: standalone="(?:yes|no)")?+\s*+\?>)?+'
    rb'\s*+<(CODIS(?:Rapid)?+ImportFile) xmlns="urn:\1-schema"\s*+>[^!?&]*?(?=\s<SPECIMEN[ >])'
)
END: Final = b"</SPECIMEN>"
_ID, _ID_END = b"<SPECIMENID>", b"</SPECIMENID>"


def head(data: bytes) -> int:
    """How long the beginning is after which plain specimens may come; 0 where the parser is to read everything."""
    lone = b"\r" in data and data.count(b"\r") != data.count(b"\r\n")
    found = None if lone else _HEAD.match(data)
    return found.end() if found else 0


def read_plain(data: bytes, start: int, line: int, kit: str | None) -> tuple[Specimen, int] | None:
    """The specimen at `start` and where it ends; None where it is not of the plain shape or would be refused.

    `line` is that of `start`; `kit` the one that the file names for all.
    """
    opening, end = _START.match(data, start), data.find(END, start)
    if opening is None:
        return None
    found = _LOCUS.findall(data, opening.end(), end)
    if sum([len(one[0]) for one in found]) != end - opening.end() or not 0 < len(found) <= 128:
        return None
    try:
        loci = dict([_genotype(one[1], one[3:]) for one in found])
        if len(loci) != len(found):
            return None
        named = dict.fromkeys(
            text for one in dict.fromkeys([one[2] for one in found]) if (text := one.decode().strip())
        )
        said = kits(named or ([kit] if kit else []))
        id, category = label(opening[2].decode(), "SPECIMENID"), _category(opening[3])
    except BadInput:
        return None
    at = line + data.count(b"\n", start, data.find(b"<", start))
    return Specimen(at, id, category, said, loci), end + len(END)


@lru_cache(maxsize=1_024)
def _category(text: bytes) -> str:
    return label(text.decode(), "SPECIMENCATEGORY")


@lru_cache(maxsize=16_384)
def _genotype(name: bytes, alleles: tuple[bytes, ...]) -> tuple[str, Alleles]:
    texts = [text.decode().strip() for text in alleles]
    filled = tuple(text for text in texts if text)
    if texts[: len(filled)] != [*filled] or not name.strip():
        raise BadInput("dna.cmf-allele", "An ALLELE has no value", todo="Let the parser say where.")
    return genotype(name.decode().strip(), filled)


def names(data: bytes) -> list[str] | None:
    """Every text that is a specimen's id, or None where only the parser can tell; some may be ids of nothing."""
    if not head(data):
        return None
    found, at = [], data.find(_ID)
    while at >= 0:
        end = data.find(_ID_END, at)
        text = data[at + len(_ID) : end]
        if end < 0 or b"<" in text or b"&" in text:
            return None
        found.append(text.decode("utf-8", "replace").strip())
        at = data.find(_ID, end)
    return found if data.count(b"SPECIMENID") == 2 * len(found) else None
