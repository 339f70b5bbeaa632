"""CODIS specimens in the plain shape that programs write, read by patterns instead of an XML parser, much faster.

A specimen is read here only if its text, byte for byte, has one shape: printable ASCII without entities, comments or
sections, the elements of a specimen in their order, no attribute that could change a namespace. Within that shape the
parser of `cmf` reads exactly the same, and a test holds the two against each other. Everything else is the parser's.
"""

import re
from collections.abc import Sequence
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
_ALLELE: Final = b"<ALLELE>" + _SPACE + _element(b"ALLELEVALUE") + b"</ALLELE>" + _SPACE
_LOCUS: Final = re.compile(
    b"<LOCUS>" + _SPACE + _element(b"LOCUSNAME", _KEPT) + _maybe(_element(b"READINGBY"))
    + _maybe(_element(b"READINGDATETIME")) + _maybe(_element(b"KIT", _KEPT)) + _maybe(_element(b"BATCHID"))
    + b"(" + _ALLELE + _maybe(_ALLELE) + _maybe(_ALLELE) + b")</LOCUS>" + _SPACE + b"|(?s:.+)"
)  # fmt: skip
"""One locus: its name, its kit and up to three alleles; else all that follows, so that nothing is passed over."""
_VALUES: Final = re.compile(_element(b"ALLELEVALUE", _KEPT))
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
_TAG, _ID, _ID_END = b"SPECIMENID", b"<SPECIMENID>", b"</SPECIMENID>"


def head(data: bytes) -> int:
    """How long the beginning is after which plain specimens may come; 0 where the parser is to read everything."""
    lone = b"\r" in data and data.count(b"\r") != data.count(b"\r\n")
    found = None if lone else _HEAD.match(data)
    return found.end() if found else 0


def read_plain(data: bytes, start: int, end: int, line: int, kit: str | None) -> Specimen | None:
    """The specimen from `start` to its `END` at `end`; None where it is not of the plain shape or would be refused.

    `line` is that of `start`; `kit` the one that the file names for all.
    """
    opening = _START.match(data, start, end)
    found = _LOCUS.findall(data, opening.end(), end) if opening else []
    if opening is None or not 0 < len(found) <= 128:
        return None
    try:
        loci = dict([_KNOWN[name + alleles] for name, _, alleles in found])
        if len(loci) != len(found):
            return None
        said = _kits(tuple(dict.fromkeys([one for _, one, _ in found])), kit)
        id, category = label(opening[2].decode(), "SPECIMENID"), _category(opening[3])
    except BadInput:
        return None
    at = line + data.count(b"\n", start, data.find(b"<", start))
    return Specimen(at, id, category, said, loci)


@lru_cache(maxsize=1_024)
def _category(text: bytes) -> str:
    return label(text.decode(), "SPECIMENCATEGORY")


@lru_cache(maxsize=1_024)
def _kits(texts: Sequence[bytes], kit: str | None) -> str | None:
    """The kits that loci name, or else the one that the file names for all."""
    named = dict.fromkeys(text for one in texts if (text := one.decode().strip()))
    return kits(named or ([kit] if kit else []))


class _Known(dict[bytes, tuple[str, Alleles]]):
    """By the text of a locus's name and alleles, what it says; BadInput where a parser has to say what is wrong.

    Most loci of a file say what some before have said. Forgotten when there are too many.
    """

    most = 32_768

    def __missing__(self, text: bytes) -> tuple[str, Alleles]:
        """Read and checked once."""
        if len(self) >= self.most:
            self.clear()
        name, alleles = text.partition(b"<")[0].decode().strip(), _VALUES.findall(text)
        texts = tuple(one.decode().strip() for one in alleles)
        if not name or not all(texts):
            raise BadInput("dna.cmf-allele", "An ALLELE has no value", todo="Let the parser say where.")
        found = self[text] = genotype(name, texts)
        return found


_KNOWN: Final = _Known()


def names(data: bytes) -> list[str] | None:
    """Every text that is a specimen's id, or None where only the parser can tell; some may be ids of nothing."""
    if not head(data):
        return None
    found, at = [], data.find(_TAG)
    while at >= 0:
        start = at + len(_TAG) + 1
        end = data.find(b"<", start)
        if (
            data[at - 1 : start] != _ID
            or data[end : end + len(_ID_END)] != _ID_END
            or b"&" in (text := data[start:end])
        ):
            return None
        found.append(text.decode("utf-8", "replace").strip())
        at = data.find(_TAG, end + len(_ID_END))
    return found
