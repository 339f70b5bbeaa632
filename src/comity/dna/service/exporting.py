"""Give profiles out as a file, as one act: the bytes, and one log entry with their hash, count and format.

Only alleles and the laboratory's own labels are written. The person behind a profile leaves the node by a permit on
core data alone, never by an export.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from comity.access import service as access
from comity.base.errors import BadInput, NotFound
from comity.base.model import Issuer, JsonObject
from comity.dna import store
from comity.dna.model import LOCI, ExportReport, Specimen
from comity.dna.service.importing import IMPORTERS
from comity.dna.wire.formats import written
from comity.dna.wire.genotypes import genotype
from comity.dna.wire.writing import Heading
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

VERB: Final = "dna.export"
_MOST_NAMED: Final = 10_000
_MOST_TEXT: Final = 128


@dataclass(frozen=True)
class Wanted:
    """Which profiles are given out, and how. `categories` and `specimens` narrow each other; all must be said."""

    format: str
    categories: tuple[str, ...] = ()
    specimens: tuple[str, ...] = ()
    everything: bool = False
    destination: str = ""
    """Whom a CODIS file is for, as its heading says; the node itself where nobody is named."""
    progress: Callable[[int], None] = field(default=lambda _steps: None, repr=False)
    """Told, now and then, how many more profiles have been written."""

    def subject(self) -> JsonObject:
        """What is asked for, as the act says it."""
        return {
            "format": self.format, "categories": [*self.categories], "specimens": [*self.specimens],
            "everything": self.everything, "destination": self.destination,
        }  # fmt: skip


def export(unit: Unit, issuer: Issuer, wanted: Wanted, out: Callable[[bytes], object]) -> ExportReport:
    """Write the chosen active profiles to `out`, piece by piece; an examiner's or officer's signed and logged act.

    BadInput for a format that is not written and for no or a contradictory choice, NotFound where a named specimen is
    not held or nothing is chosen, NotAllowed for others. What `out` was given counts only if this returns.
    """
    write = written(wanted.format)
    _check(wanted)
    with unit.act():
        acted = access.act(unit, issuer, VERB, wanted.subject(), IMPORTERS)
        loci = _loci(unit, wanted)
        by = acted.actor.person or unit.node
        heading = Heading(unit.node, wanted.destination or unit.node, by, unit.now, loci)
        digest, size, taken = sha256(), 0, _Taken()
        for piece in write(taken.passing(_specimens(unit, wanted), wanted.progress), heading):
            digest.update(piece)
            size += len(piece)
            out(piece)
        report = ExportReport(wanted.format, digest.hexdigest(), size, taken.count)
        payload = report.as_dict() | {"categories": [*wanted.categories], "specimens": len(wanted.specimens)}
        log.append(unit, Record(VERB, acted.actor, {"sha256": report.sha256}, payload, auth_hash=acted.auth_hash))
    return report


class _Taken:
    """Counts what passes."""

    def __init__(self) -> None:
        self.count = 0

    def passing(self, specimens: Iterator[Specimen], progress: Callable[[int], None]) -> Iterator[Specimen]:
        """The specimens as they come, counted."""
        for specimen in specimens:
            self.count += 1
            progress(1)
            yield specimen


def _check(wanted: Wanted) -> None:
    named = bool(wanted.categories or wanted.specimens)
    if named == wanted.everything:
        what = "Everything is asked for and a part named" if named else "Nothing is chosen"
        raise BadInput("dna.export-choice", what, todo="Name categories or specimens, or say --all.")
    texts = (*wanted.categories, *wanted.specimens, wanted.destination)
    if len(texts) > _MOST_NAMED or any(len(text) > _MOST_TEXT or not text.isprintable() for text in texts):
        what = f"More than {_MOST_NAMED} names, or one that is no name, was given"
        raise BadInput("dna.export-names", what, todo="Take the names from `comity dna list`; ask for less at a time.")


def _loci(unit: Unit, wanted: Wanted) -> tuple[str, ...]:
    """The loci of the chosen profiles; NotFound where a specimen is not held or nothing is chosen."""
    found: set[str] = set()
    specimens: set[str] = set()
    empty = True
    for profile in store.chosen(unit, wanted.categories, wanted.specimens):
        empty = False
        found.update(profile.loci)
        if wanted.specimens:
            specimens.add(profile.specimen)
    missing = [name for name in wanted.specimens if name not in specimens]
    if missing or empty:
        what = f"the specimen {missing[0][:60]!r}" if missing else "these categories"
        raise NotFound("dna.export-none", f"No active profile of {what} is held", todo="See `comity dna list`.")
    return tuple(name for name in LOCI if name in found)


def _specimens(unit: Unit, wanted: Wanted) -> Iterator[Specimen]:
    for profile in store.chosen(unit, wanted.categories, wanted.specimens):
        for name, alleles in profile.loci.items():
            genotype(name, alleles)  # a designation of an older release that no reader would take is not given out
        yield Specimen(0, profile.specimen, profile.category, profile.kit, profile.loci)
