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
_READING: Final = (
    _maybe(_element(b"READINGBY")) + _maybe(_element(b"READINGDATETIME")) + _maybe(_element(b"KIT", _KEPT))
    + _maybe(_element(b"BATCHID"))
)  # fmt: skip
_FIRST: Final = re.compile(
    b"<LOCUS>" + _SPACE + b"<LOCUSNAME>" + _TEXT + b"(</LOCUSNAME>" + _SPACE + _READING + b"<ALLELE>" + _SPACE
    + b"<ALLELEVALUE>)"
)  # fmt: skip
"""The beginning of a locus: what stands between its name and its first value, and the kit in there."""
_SHORT: Final = re.compile(
    _SPACE + b"<LOCUSNAME>" + _KEPT + b"\0(" + _TEXT + b"</ALLELEVALUE>" + _SPACE + b"</ALLELE>" + _SPACE
    + _maybe(_ALLELE) + _maybe(_ALLELE) + b")</LOCUS>" + _SPACE
)  # fmt: skip
"""A locus behind its tag, with a NUL for what stands between its name and its first value."""
_LOCUS: Final = re.compile(
    b"<LOCUS>" + _SPACE + _element(b"LOCUSNAME", _KEPT) + _READING
    + b"(" + _ALLELE + _maybe(_ALLELE) + _maybe(_ALLELE) + b")</LOCUS>" + _SPACE + b"|(?s:.+)"
)  # fmt: skip
"""One locus: its name, its kit and up to three alleles; else all that follows, so that nothing is passed over."""
_MARK: Final = 40
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
    found = opening and (_alike(data, opening.end(), end) or _each(data, opening.end(), end))
    if opening is None or found is None:
        return None
    loci, named = found
    try:
        said = _kits(named, kit)
        id, category = label(opening[2].decode(), "SPECIMENID"), _category(opening[3])
    except BadInput:
        return None
    at = line + data.count(b"\n", start, data.find(b"<", start))
    return Specimen(at, id, category, said, loci)


_Read = tuple[dict[str, Alleles], tuple[bytes, ...]]
"""Loci, and the kits that they name."""


def _each(data: bytes, start: int, end: int) -> _Read | None:
    """The loci in there, read one by one; None where they are not of the plain shape or would be refused."""
    found = _LOCUS.findall(data, start, end)
    try:
        loci = dict([_KNOWN[name + alleles] for name, _, alleles in found])
    except BadInput:
        return None
    return (loci, tuple(dict.fromkeys([kit for _, kit, _ in found]))) if 0 < len(loci) == len(found) <= 128 else None


def _alike(data: bytes, start: int, end: int) -> _Read | None:
    """As `_each`, several times as fast, where who read a locus, when and by which kit is the same text in all of them;
    None where it is not, too."""
    first = _FIRST.match(data, start, end)
    if first is None:
        return None
    whole, reading = data[start:end], first[1]
    before, mark = reading[:-_MARK], reading[-_MARK:]  # a short text is found sooner than a long one
    *named, last = whole.split(mark)
    short = b"\0".join([*[one.removesuffix(before) for one in named], last])
    if len(whole) - len(short) != len(named) * (len(reading) - 1) or short.count(b"\0") != len(named):
        return None
    try:
        loci = dict([_KNOWN_SHORT[one] for one in short.split(b"<LOCUS>")[1:]])
    except BadInput:
        return None
    return (loci, (first[2] or b"",)) if len(loci) == len(named) <= 128 else None


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
        found = self[text] = self.read(text)
        return found

    def read(self, text: bytes) -> tuple[str, Alleles]:
        """What a text says that is not known."""
        name = text.partition(b"<")[0].decode().strip()
        alleles = tuple([one.decode().strip() for one in _VALUES.findall(text)])
        if not name or not all(alleles):
            raise _not_plain()
        return genotype(name, alleles)


class _KnownShort(_Known):
    """The same by a text of the shape `_SHORT`."""

    def read(self, text: bytes) -> tuple[str, Alleles]:
        """What a text says that is not known."""
        found = _SHORT.fullmatch(text)
        if found is None:
            raise _not_plain()
        return _KNOWN[found[1] + b"<ALLELE><ALLELEVALUE>" + found[2]]


def _not_plain() -> BadInput:
    return BadInput("dna.cmf-allele", "A locus is not of the plain shape", todo="Let the parser say where.")


_KNOWN: Final = _Known()
_KNOWN_SHORT: Final = _KnownShort()


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
