"""CODIS Common Message Format, import files 3.2 and 3.3 and the Rapid DNA variant, read as a stream.

The root is `CODISImportFile` in `urn:CODISImportFile-schema` (HEADERVERSION 3.2 or 3.3) or `CODISRapidImportFile` in
`urn:CODISRapidImportFile-schema` (MESSAGEVERSION 1.0). Of a specimen its id, category, kits and loci are read;
readings, comments and lineage to other specimens stay in the laboratory's file. Line numbers are the XML parser's.

A document type is refused before anything in it is read, which shuts out entity bombs and external entities alike. One
bad specimen is reported and left out; a document that is not well-formed, or of another vocabulary, is refused whole.
"""

from collections.abc import Generator, Iterator
from typing import Final
from xml.parsers import expat

from comity.base.errors import BadInput
from comity.dna.model import Alleles, Refusal, Specimen
from comity.dna.wire import plain
from comity.dna.wire.genotypes import add, kits, label, refusal

ROOTS: Final = {
    "urn:CODISImportFile-schema CODISImportFile": ("HEADERVERSION", frozenset({"3.2", "3.3"})),
    "urn:CODISRapidImportFile-schema CODISRapidImportFile": ("MESSAGEVERSION", frozenset({"1.0"})),
}
MAX_DEPTH: Final = 12
MAX_VALUE: Final = 4_096
MAX_LOCI: Final = 128
_PIECE: Final = 1 << 16


def read_cmf(data: bytes) -> Iterator[Specimen | Refusal]:
    """Every specimen of the document in its order, or why it was refused; BadInput for the document as a whole.

    Plain specimens are read by patterns; the parser reads what stands before, behind and between them, and everything
    from the first comment, section or instruction on.
    """
    reader = _Reader()
    place = plain.head(data)
    if place:
        reader.feed(data[:place], last=False)
        yield from reader.taken()  # what looks like a beginning may hold specimens
        place = yield from _plainly(data, place, reader)
    for start in range(place, max(len(data), place + 1), _PIECE):  # at least once: the parser is told of the end
        reader.feed(data[start : start + _PIECE], last=start + _PIECE >= len(data))
        yield from reader.taken()
    reader.finish()


def _plainly(data: bytes, place: int, reader: "_Reader") -> Generator[Specimen | Refusal, None, int]:
    """The specimens from `place` on as long as patterns and parser can take turns; then where the parser goes on."""
    while reader.between and (end := data.find(plain.END, place)) >= 0:
        after = end + len(plain.END)
        found = plain.read_plain(data, place, end, reader.line, reader.kit)
        if found:
            yield found
            reader.skipped(data.count(b"\n", place, after))
            place = after
            continue
        piece = data[place:after]
        reader.feed(piece, last=False)
        yield from reader.taken()
        place = after
        if b"<!" in piece or b"<?" in piece:
            break
    return place


def names(data: bytes) -> Iterator[str]:
    """The specimen of each place of the document, and perhaps names of none; BadInput as for `read_cmf`."""
    found = plain.names(data)
    return (entry.specimen for entry in read_cmf(data)) if found is None else iter(found)


def _said(error: Exception) -> str:
    """What the parser says, without its own count of lines, which leaves out what it was spared."""
    return expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else str(error)


def _whole(code: str, what: str, line: int, todo: str) -> BadInput:
    return BadInput(code, what, where=f"line {line}", todo=todo)


class _Reader:
    """The parser's handlers and what they have read so far."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._space = ""
        self._version: tuple[str, frozenset[str]] | None = None
        self._version_seen = False
        self._depth = 0
        self._text: list[str] = []
        self._length = 0
        self._kit: str | None = None
        self._draft: _Draft | None = None
        self._done: list[Specimen | Refusal] = []
        self._specimens = 0
        self._skipped = 0

    @property
    def line(self) -> int:
        """The line of the document that the parser has come to, those that it was spared counted."""
        return self._parser.CurrentLineNumber + self._skipped

    @property
    def between(self) -> bool:
        """Whether the parser stands inside the root and outside every specimen and other element."""
        return self._depth == 1 and self._draft is None

    @property
    def kit(self) -> str | None:
        """The kit that the document names for all its specimens."""
        return self._kit

    def skipped(self, lines: int) -> None:
        """A specimen of so many lines was read without the parser."""
        self._skipped += lines
        self._specimens += 1

    def feed(self, piece: bytes, *, last: bool) -> None:
        """Parse one piece; BadInput with the line where the document is not well-formed XML."""
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise _whole(
                "dna.xml", f"The file is no well-formed XML: {_said(error)}", self.line,
                "Export it again; it may have been cut short or changed by an editor.",
            ) from error  # fmt: skip

    def taken(self) -> list[Specimen | Refusal]:
        """What has become complete since the last call."""
        done, self._done = self._done, []
        return done

    def finish(self) -> None:
        """Check what only the whole document can show."""
        if not self._version_seen or not self._specimens:
            missing = "version" if not self._version_seen else "specimen"
            raise _whole("dna.cmf", f"The file names no {missing}", self.line, "Export it again from CODIS.")

    def _doctype(self, *_: object) -> None:
        raise _whole(
            "dna.xml-doctype", "The file declares a document type, which no CODIS export does", self.line,
            "Do not trust this file; ask its sender for a fresh export.",
        )  # fmt: skip

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self._root(name)
        elif self._depth > MAX_DEPTH:
            raise _whole("dna.cmf", "The file nests its elements too deeply", self.line, "Export it again from CODIS.")
        self._text, self._length = [], 0
        local = name.removeprefix(self._space)
        if local == "SPECIMEN" and self._depth == 2:
            self._draft = _Draft(self.line, self._kit)
            self._specimens += 1
        elif local == "LOCUS" and self._draft:
            self._draft.open_locus(self.line)

    def _root(self, name: str) -> None:
        if name not in ROOTS:
            raise _whole(
                "dna.cmf-namespace", f"The file is of another vocabulary: its root is {name[:120]!r}", self.line,
                "Import files are CODISImportFile (urn:CODISImportFile-schema) or its Rapid variant.",
            )  # fmt: skip
        self._space, self._version = name.partition(" ")[0] + " ", ROOTS[name]

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_VALUE:
            raise _whole("dna.cmf", "A value of the file is too long", self.line, "Export it again from CODIS.")
        self._text.append(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        local = name.removeprefix(self._space)
        text, self._text, self._length = "".join(self._text).strip(), [], 0
        if self._version and local == self._version[0]:
            self._check_version(text, self._version[1])
        elif local == "SPECIMEN" and self._draft and self._depth == 1:
            self._done.append(self._draft.finished())
            self._draft = None
        elif self._draft:
            self._draft.value(local, text)
        elif local == "KIT":
            self._kit = text or None

    def _check_version(self, text: str, known: frozenset[str]) -> None:
        self._version_seen = True
        if text not in known:
            raise _whole(
                "dna.cmf-version", f"The file is of version {text[:20]!r}; this node reads {', '.join(sorted(known))}",
                self.line, "Export it again in one of these versions.",
            )  # fmt: skip


class _Draft:
    """A specimen while it is read. The first fault is kept; what follows in the specimen cannot heal it."""

    def __init__(self, line: int, kit: str | None) -> None:
        self._line, self._kit = line, kit
        self._kits: dict[str, None] = {}
        self._id = self._category = ""
        self._loci: dict[str, Alleles] = {}
        self._count = 0
        self._fault: tuple[int, BadInput] | None = None
        self._locus, self._locus_line = "", line
        self._alleles: list[str] = []
        self._allele_elements = 0

    def open_locus(self, line: int) -> None:
        """A new locus begins at `line`."""
        self._locus, self._locus_line, self._alleles, self._allele_elements = "", line, [], 0
        self._count += 1

    def value(self, name: str, text: str) -> None:
        """One element of the specimen has ended with `text` inside."""
        if name == "ALLELEVALUE":
            self._alleles.append(text)
        elif name == "ALLELE":
            self._allele_elements += 1
        elif name == "LOCUSNAME":
            self._locus = text
        elif name == "LOCUS":
            self._close_locus()
        elif name == "SPECIMENID":
            self._id = text
        elif name == "SPECIMENCATEGORY":
            self._category = text
        elif name == "KIT":
            self._kits.update({text: None} if text else {})

    def _close_locus(self) -> None:
        try:
            self._check_locus()
            if self._alleles:
                add(self._loci, self._locus, tuple(self._alleles))
        except BadInput as error:
            self._fault = self._fault or (self._locus_line, error)

    def _check_locus(self) -> None:
        again = "Export the specimen again, or correct it in the laboratory."
        if not self._locus:
            raise BadInput("dna.cmf-locus", "A LOCUS has no LOCUSNAME", todo=again)
        if self._allele_elements != len(self._alleles) or not all(self._alleles):
            raise BadInput("dna.cmf-allele", f"{self._locus[:40]} has an ALLELE without its ALLELEVALUE", todo=again)
        if self._count > MAX_LOCI:
            raise BadInput("dna.cmf-loci", f"The specimen has more than {MAX_LOCI} loci", todo=again)

    def finished(self) -> Specimen | Refusal:
        """The specimen, or its first fault."""
        if self._fault:
            return refusal(self._fault[0], self._id, self._fault[1])
        try:
            specimen, category = label(self._id, "SPECIMENID"), label(self._category, "SPECIMENCATEGORY")
            kit = kits(self._kits or ([self._kit] if self._kit else []))
            if not self._loci:
                raise BadInput("dna.no-loci", "The specimen has no typed locus", todo="Leave it out, or type it.")
        except BadInput as error:
            return refusal(self._line, self._id, error)
        return Specimen(self._line, specimen, category, kit, self._loci)
