"""Which format a file is of, and its specimens one after another."""

from collections.abc import Iterator
from typing import Final, Literal

from comity.base.errors import BadInput
from comity.dna.model import Refusal, Repeat, Specimen
from comity.dna.wire import tables
from comity.dna.wire.cmf import read_cmf
from comity.dna.wire.own import read_own
from comity.dna.wire.repeats import repeated, settled

Format = Literal["cmf", "csv", "json"]

MAX_BYTES: Final = 512 * 1024 * 1024


def format_of(data: bytes, asked: str = "auto") -> Format:
    """The format asked for, or the one that the first characters show; BadInput for an unknown or empty one."""
    start = data[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1]
    if not start:
        raise BadInput("dna.empty", "The file is empty", todo="Export it again and check its size.")
    if asked == "auto":
        return "cmf" if start == b"<" else "json" if start == b"{" else "csv"
    if asked not in ("cmf", "csv", "json"):
        raise BadInput("dna.format", f"{asked!r} is no known format", todo="Use cmf, csv, json or auto.")
    return "cmf" if asked == "cmf" else "json" if asked == "json" else "csv"


def read(data: bytes, kind: Format, limit: int = MAX_BYTES) -> Iterator[Specimen | Refusal | Repeat]:
    """Every specimen of the file once, or why it was refused; BadInput where the file as a whole cannot be used.

    A specimen that stands in the file several times comes last: once where all say the same, else as refusals.
    """
    if len(data) > limit:
        raise BadInput(
            "dna.too-large", f"The file has {len(data)} bytes, and {limit} are the most",
            todo="Split it and import the parts one after another.",
        )  # fmt: skip
    names = tables.names(data) if kind == "csv" else (entry.specimen for entry in _entries(data, kind, limit))
    return settled(_entries(data, kind, limit), repeated(names))


def _entries(data: bytes, kind: Format, limit: int) -> Iterator[Specimen | Refusal]:
    if kind == "cmf":
        return read_cmf(data)
    return tables.read_table(data) if kind == "csv" else read_own(data, limit)
