"""Mixed traces in long tables: a row for each sample and locus, as GeneMapper and EuroForMix write them.

`SampleName` (or another of `tables.SPECIMEN`), `Marker`, `Allele1`, `Allele2`, ...; columns of heights and others are
left alone. Several samples of one file count as replicates of one trace only where each is named.
"""

import re
from collections.abc import Sequence
from typing import Final

from comity.base.errors import BadInput
from comity.dna.model import LOCI, WILDCARD, Alleles, Trace, check_designation, code, find_locus
from comity.dna.wire import tables
from comity.kit.crypto import symmetric

MAX_BYTES: Final = 1 << 20
MAX_VALUES: Final = 20
"""Alleles at one locus; more are no mixture of three persons."""


def read_trace(data: bytes, name: str, samples: Sequence[str] = ()) -> Trace:
    """The trace of a file; BadInput naming the line of what cannot be used, or the samples where one must be chosen."""
    if len(data) > MAX_BYTES:
        raise BadInput("dna.too-large", f"The file has {len(data)} bytes, and {MAX_BYTES} are the most",
                       todo="Give the file of one trace.")  # fmt: skip
    found = _read(data)
    wanted = tuple(dict.fromkeys(samples)) or tuple(found)
    if unknown := [sample for sample in wanted if sample not in found]:
        raise BadInput("dna.trace-sample", f"The file has no sample {unknown[0][:40]!r}",
                       todo=f"Name one of {', '.join(sorted(found)[:10])}.")  # fmt: skip
    if len(found) > 1 and not samples:
        raise BadInput("dna.trace-sample", f"The file holds {len(found)} samples: {', '.join(sorted(found)[:10])}",
                       todo="Choose with --sample; several are replicates of one trace.")  # fmt: skip
    loci = {locus: tuple(found[sample].get(locus, ()) for sample in wanted) for locus in LOCI}
    typed = {locus: seen for locus, seen in loci.items() if any(seen)}
    if not typed:
        raise BadInput("dna.no-loci", "The trace has no autosomal allele", todo="Check the file and its samples.")
    return Trace(name, wanted, typed, symmetric.sha256(data).hex())


def _read(data: bytes) -> dict[str, dict[str, Alleles]]:
    rows = tables.rows_of(data)
    _, header = next(rows, (0, []))
    names = [re.sub(r"[\s_]", "", cell).casefold() for cell in header]
    sample, marker = (
        next((at for at, n in enumerate(names) if n in known), -1) for known in (tables.SPECIMEN, tables.MARKER)
    )
    alleles = [at for at, cell in enumerate(names) if re.fullmatch(r"allele\d+", cell)]
    if sample < 0 or marker < 0 or not alleles:
        raise BadInput("dna.csv-header", "The first row names no sample, marker and allele columns", where="line 1",
                       todo="Name the columns SampleName, Marker, Allele1, Allele2, …")  # fmt: skip
    found: dict[str, dict[str, Alleles]] = {}
    for line, row in rows:
        if len(row) <= max(sample, marker, *alleles):
            raise BadInput("dna.csv-row", f"The row has {len(row)} columns, and the first row names {len(header)}",
                           where=f"line {line}", todo="Check the delimiters and quotation marks.")  # fmt: skip
        held = found.setdefault(row[sample].strip(), {})
        _take(held, row[marker].strip(), [row[at].strip() for at in alleles if row[at].strip()], line)
    return found


def _take(held: dict[str, Alleles], marker: str, values: Sequence[str], line: int) -> None:
    locus, where = find_locus(marker), f"line {line}"
    if locus is None:
        raise BadInput("dna.locus-unknown", f"{marker[:40]!r} is no known locus", where=where,
                       todo="Correct its name, or leave the locus out.")  # fmt: skip
    if locus.name in held or len(values) > MAX_VALUES:
        raise BadInput("dna.trace-locus", f"{locus.name} stands twice for a sample, or with over {MAX_VALUES} values",
                       where=where, todo="Give each sample one row a locus.")  # fmt: skip
    for text in values:
        check_designation(locus, text)
        if locus.role == "autosomal" and code(locus, text) == WILDCARD:
            raise BadInput("dna.trace-allele", f"{locus.name}: {text!r} stands for no one allele", where=where,
                           todo="Leave an off-ladder or unread value out, or designate it.")  # fmt: skip
    if locus.role == "autosomal":
        held[locus.name] = tuple(dict.fromkeys(values))
