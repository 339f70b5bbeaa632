"""Take in a laboratory's file, as one act.

Either the file as a whole is refused, or every good specimen is stored with a report on the bad ones, and one log entry
carries the file's hash and the counts. A person's fields are sealed under the node's own key before they reach the
database, and leave it only through `DnaMatcher.core_data`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.access import service as access
from comity.access.model import Acted
from comity.base.errors import NotAllowed
from comity.base.model import Issuer, JsonObject
from comity.dna import kernel, store
from comity.dna.model import ImportReport, Profile, Refusal, Repeat, Specimen
from comity.dna.service.screening import Screen
from comity.dna.service.storing import Storing
from comity.dna.wire import files
from comity.dna.wire.formats import FORMATS as FORMATS
from comity.dna.wire.formats import READ as READ
from comity.dna.wire.reports import as_table as as_table
from comity.kit.crypto import symmetric
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

VERB: Final = "dna.import"
IMPORTERS: Final = frozenset({"examiner", "officer"})
CHANGED: Final = "dna.changed"
"""Note in a unit's scratch: the unit itself has changed the table."""

_PORTION: Final = 2_000
_DIGEST: Final = "dna.digest"
"""Note in a unit's scratch: the file that was hashed last."""


@dataclass(frozen=True)
class Options:
    """How a file is read. `corrected`: a specimen already held with other alleles comes in as its next version."""

    format: str = "auto"
    corrected: bool = False
    category: str = ""
    """The category of specimens of which the file says none."""
    progress: Callable[[int], None] = field(default=lambda _steps: None, repr=False)
    """Told, now and then, how many more specimens have been read."""


USUAL: Final = Options()


@dataclass(frozen=True)
class _Digest:
    data: bytes = field(repr=False)
    sha256: str


def sign_import(unit: Unit, issuer: Issuer, data: bytes, name: str) -> Acted:
    """The act of importing exactly this file, asserted by a signed-in examiner or officer; NotAllowed for others."""
    subject: JsonObject = {"file": name, "sha256": _digest(unit, data)}
    return access.act(unit, issuer, VERB, subject, IMPORTERS)


def import_file(unit: Unit, acted: Acted, data: bytes, name: str, options: Options = USUAL) -> ImportReport:
    """Store every good specimen of a laboratory's file and report every other with its reason.

    BadInput where the file as a whole cannot be used (nothing is stored then); NotAllowed where the act that was
    asserted is not the import of this file.
    """
    digest = _digest(unit, data)
    subject = acted.act.get("subject")
    if acted.act.get("verb") != VERB or not isinstance(subject, dict) or subject.get("sha256") != digest:
        raise NotAllowed("dna.act", f"{name} is not the file of this act", todo="Sign the import of this very file.")
    kind = files.format_of(data, options.format)
    with unit.act():
        intake = _Intake(unit, acted, digest, options)
        intake.take(files.read(data, kind, options.category))
        screen = intake.screen
        report = ImportReport(
            name, digest, kind.name, len(intake.ids), tuple(intake.refused), tuple(intake.ids), tuple(intake.repeats),
            tuple(intake.specimens), tuple(screen.held), tuple(screen.doubles), tuple(screen.noted),
            tuple(intake.corrected),
        )  # fmt: skip
        payload: JsonObject = {
            "file": name, "sha256": digest, "format": kind.name, "accepted": report.accepted,
            "refused": len(report.refused), "retired": len(intake.corrected), "held_back": len(report.held),
            "doubles": len(report.doubles),
        }  # fmt: skip
        record = Record(VERB, acted.actor, {"sha256": digest}, payload, auth_hash=acted.auth_hash)
        log.append(unit, record)
    return report


def take_in(unit: Unit, issuer: Issuer, data: bytes, name: str, options: Options = USUAL) -> ImportReport:
    """`sign_import` and `import_file` in one."""
    return import_file(unit, sign_import(unit, issuer, data, name), data, name, options)


def _digest(unit: Unit, data: bytes) -> str:
    """The SHA-256 of a file, worked out once in a unit: half a gigabyte takes half a second."""
    known = unit.scratch.get(_DIGEST)
    if not isinstance(known, _Digest) or known.data is not data:
        known = unit.scratch[_DIGEST] = _Digest(data, symmetric.sha256(data).hex())
    return known.sha256


class _Intake:
    """One file on its way into the table, portion by portion."""

    def __init__(self, unit: Unit, acted: Acted, source: str, options: Options) -> None:
        self._unit, self._source, self._options = unit, source, options
        self._storing = Storing(unit)
        self.screen = Screen(unit, self._storing, acted.actor.person, source)
        self.ids: list[str] = []
        self.specimens: list[str] = []
        self.refused: list[Refusal] = []
        self.repeats: list[Repeat] = []
        self.corrected: list[str] = []

    def take(self, read: Iterable[Specimen | Refusal | Repeat]) -> None:
        """Store all specimens of `read`; the others are only noted."""
        for portion in portions(read):
            self._store([entry for entry in portion if isinstance(entry, Specimen)])
            self.refused += [entry for entry in portion if isinstance(entry, Refusal)]
            self.repeats += [entry for entry in portion if isinstance(entry, Repeat)]
            self._options.progress(len(portion))
        self.refused.sort(key=lambda refusal: refusal.line)
        if self.ids:
            store.count_change(self._unit, len(self.corrected))
            self._unit.scratch[CHANGED] = True

    def _store(self, specimens: Sequence[Specimen]) -> None:
        held = store.held(self._unit, [specimen.specimen for specimen in specimens])
        coming = self._unobjected(specimens, held)
        kept = self.screen.hold_back(coming)
        coming = [one for one in coming if one.specimen not in kept]
        loci = kernel.genotypes_of([one.loci for one in coming])
        new = self._storing.many(list(zip(coming, self._versions(coming, held), strict=True)), loci)
        outdated = [held[one.specimen].id for one in coming if one.specimen in held]
        store.retire(self._unit, outdated)
        self.screen.double(new, {one.specimen: one.line for one in coming})
        self.screen.note(coming, loci)
        store.add(self._unit, new, self._source)
        self.corrected += [one.specimen for one in coming if one.specimen in held]
        self.ids += [entry.profile.id for entry in new]
        self.specimens += [entry.profile.specimen for entry in new]

    def _unobjected(self, specimens: Sequence[Specimen], held: Mapping[str, Profile]) -> list[Specimen]:
        objected = self.screen.objections(specimens)
        coming = []
        for one in specimens:
            refusal = objected.get(one.specimen)
            if refusal is None and one.specimen in held:
                refusal = self._objection(one, held[one.specimen])
            if refusal is None:
                coming.append(one)
            else:
                self.refused.append(refusal)
        return coming

    def _versions(self, coming: Sequence[Specimen], held: Mapping[str, Profile]) -> list[int]:
        """The next version of each; of one that was taken out, after those that there were."""
        names = [one.specimen for one in coming if one.specimen not in held] if self.screen.any_held else []
        last = store.versions(self._unit, names) | {name: before.version for name, before in held.items()}
        return [last.get(one.specimen, 0) + 1 for one in coming]

    def _objection(self, specimen: Specimen, before: Profile) -> Refusal | None:
        def refused(reason: str, todo: str) -> Refusal:
            return Refusal(specimen.line, specimen.specimen, reason, todo)

        if dict(before.loci) == dict(specimen.loci):
            return refused(f"already held as {before.id} with the same alleles", "Nothing needs to be done.")
        if not self._options.corrected:
            what = f"already held as {before.id} with other alleles"
            return refused(what, "If the laboratory corrected it, import the file with --corrected.")
        return None


def portions(read: Iterable[Specimen | Refusal | Repeat]) -> Iterator[list[Specimen | Refusal | Repeat]]:
    """What was read, in lists of at most so many entries as are stored together."""
    portion: list[Specimen | Refusal | Repeat] = []
    for entry in read:
        portion.append(entry)
        if len(portion) == _PORTION:
            yield portion
            portion = []
    if portion:
        yield portion


def read_file(data: bytes, format: str = "auto") -> tuple[list[Specimen], list[Refusal]]:
    """The specimens of a laboratory's file without storing them, and the refused ones; BadInput as in `import_file`."""
    entries = list(files.read(data, files.format_of(data, format)))
    good = [entry for entry in entries if isinstance(entry, Specimen)]
    return good, [entry for entry in entries if isinstance(entry, Refusal)]
