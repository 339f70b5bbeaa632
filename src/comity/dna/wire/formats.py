"""The formats of profile files, each one entry: its name, how it is read and how it is written.

A further format is one more entry with a reader, a writer or both; nothing else of the room asks which format a file
has. The XML of the Prüm exchange has no entry, nor has the record of type 18 of ANSI/NIST-ITL: the schema of one and
the list of locus numbers of the other were not at hand, and a guess would lose profiles, or swap loci, in silence.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from comity.base.errors import BadInput
from comity.dna.model import Refusal, Specimen
from comity.dna.wire import cmf, cmf_writing, tables, writing
from comity.dna.wire.genemapper import is_genemapper, read_genemapper
from comity.dna.wire.own import read_own

Entries = Iterator[Specimen | Refusal]


@dataclass(frozen=True)
class Hints:
    """What is said about a file beside its bytes."""

    limit: int
    """The most bytes that it may have."""
    category: str = ""
    """The category of specimens of which the file says none."""


@dataclass(frozen=True)
class Format:
    """One format of files. `names`: the specimen of each place of a file, so that those in it twice are known first."""

    name: str
    title: str
    ending: str
    media_type: str
    read: Callable[[bytes, Hints], Entries]
    names: Callable[[bytes, Hints], Iterator[str]]
    write: writing.Writer | None = None


def _cmf(data: bytes, _hints: Hints) -> Entries:
    return cmf.read_cmf(data)


def _table(data: bytes, hints: Hints) -> Entries:
    return tables.read_table(data, hints.category)


def _own(data: bytes, hints: Hints) -> Entries:
    return read_own(data, hints.limit)


def _genemapper(data: bytes, hints: Hints) -> Entries:
    return read_genemapper(data, hints.category)


def _read_names(read: Callable[[bytes, Hints], Entries]) -> Callable[[bytes, Hints], Iterator[str]]:
    return lambda data, hints: (entry.specimen for entry in read(data, hints))


def _none(_data: bytes, _hints: Hints) -> Iterator[str]:
    return iter(())


def _cmf_format(name: str, title: str, write: writing.Writer | None = None) -> Format:
    return Format(name, title, "xml", "application/xml", _cmf, lambda data, _hints: cmf.names(data), write)


def _csv_format(name: str, title: str, write: writing.Writer | None = None) -> Format:
    return Format(name, title, "csv", "text/csv", _table, lambda data, _hints: tables.names(data), write)


FORMATS: Final = {
    format.name: format
    for format in (
        _cmf_format("cmf", "CODIS CMF of any version"),
        _cmf_format("cmf-3.2", "CODIS CMF 3.2", cmf_writing.import_file("3.2")),
        _cmf_format("cmf-3.3", "CODIS CMF 3.3", cmf_writing.import_file("3.3")),
        _cmf_format("cmf-rapid", "CODIS CMF, Rapid variant", cmf_writing.write_rapid),
        _csv_format("csv", "CSV table, wide or long"),
        _csv_format("csv-wide", "CSV table, a specimen a row", writing.write_wide),
        _csv_format("csv-long", "CSV table, a locus a row", writing.write_long),
        Format("json", "own JSON", "json", "application/json", _own, _read_names(_own), writing.write_own),
        Format("genemapper", "GeneMapper table", "txt", "text/tab-separated-values", _genemapper, _none),
    )
}
READ: Final = ("cmf", "csv", "genemapper", "json")
"""What a file is called that is recognised by its first characters."""
WRITTEN: Final = tuple(name for name, format in FORMATS.items() if format.write)


def format_of(data: bytes, asked: str = "auto") -> Format:
    """The format asked for, or the one that the first characters show; BadInput for an unknown or empty one."""
    start = data[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1]
    if not start:
        raise BadInput("dna.empty", "The file is empty", todo="Export it again and check its size.")
    if asked == "auto":
        shown = {b"<": "cmf", b"{": "json"}.get(start) or ("genemapper" if is_genemapper(data) else "csv")
        return FORMATS[shown]
    if asked not in FORMATS:
        raise BadInput("dna.format", f"{asked!r} is no known format", todo=f"Use {', '.join(READ)} or auto.")
    return FORMATS[asked]


def written(name: str) -> writing.Writer:
    """What writes files of this format; BadInput for a format that is not written."""
    write = FORMATS[name].write if name in FORMATS else None
    if write is None:
        raise BadInput("dna.format-written", f"No file of the format {name!r} is written here",
                       todo=f"Use one of {', '.join(WRITTEN)}.")  # fmt: skip
    return write
