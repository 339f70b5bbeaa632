"""Take in a laboratory's file, as one act.

Either the file as a whole is refused, or every good specimen is stored with a report on the bad ones, and one log entry
carries the file's hash and the counts. A person's fields are sealed under the node's own key before they reach the
database, and leave it only through `DnaMatcher.core_data`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.access import service as access
from comity.access.model import Acted
from comity.base.errors import NotAllowed
from comity.base.ids import uuid7
from comity.base.model import Issuer, JsonObject
from comity.dna import kernel, store
from comity.dna.model import ImportReport, Profile, Refusal, Repeat, Specimen
from comity.dna.store import NewProfile
from comity.dna.wire import files
from comity.dna.wire.formats import FORMATS as FORMATS
from comity.dna.wire.reports import as_table as as_table
from comity.kit.codec import jcs
from comity.kit.crypto import symmetric
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

VERB: Final = "dna.import"
IMPORTERS: Final = frozenset({"examiner", "officer"})
IDENTITY: Final = "dna-identity"
"""Name of the node's key under which persons are sealed."""
CHANGED: Final = "dna.changed"
"""Note in a unit's scratch: the unit itself has changed the table."""

_NUMBER: Final = "dna-number"
_PORTION: Final = 2_000


@dataclass(frozen=True)
class Options:
    """How a file is read. `corrected`: a specimen already held with other alleles comes in as its next version."""

    format: str = "auto"
    corrected: bool = False
    category: str = ""
    """The category of specimens of which the file says none."""
    progress: Callable[[int], None] = field(default=lambda _steps: None, repr=False)
    """Told, now and then, how many more specimens have been read."""


def sign_import(unit: Unit, issuer: Issuer, data: bytes, name: str) -> Acted:
    """The act of importing exactly this file, asserted by a signed-in examiner or officer; NotAllowed for others."""
    subject: JsonObject = {"file": name, "sha256": symmetric.sha256(data).hex()}
    return access.act(unit, issuer, VERB, subject, IMPORTERS)


def import_file(unit: Unit, acted: Acted, data: bytes, name: str, options: Options = Options()) -> ImportReport:
    """Store every good specimen of a laboratory's file and report every other with its reason.

    BadInput where the file as a whole cannot be used (nothing is stored then); NotAllowed where the act that was
    asserted is not the import of this file.
    """
    digest = symmetric.sha256(data).hex()
    subject = acted.act.get("subject")
    if acted.act.get("verb") != VERB or not isinstance(subject, dict) or subject.get("sha256") != digest:
        raise NotAllowed("dna.act", f"{name} is not the file of this act", todo="Sign the import of this very file.")
    kind = files.format_of(data, options.format)
    with unit.act():
        intake = _Intake(unit, digest, options)
        intake.take(files.read(data, kind, options.category))
        report = ImportReport(
            name, digest, kind.name, len(intake.ids), tuple(intake.refused), tuple(intake.ids), tuple(intake.repeats),
            tuple(intake.specimens),
        )  # fmt: skip
        payload: JsonObject = {
            "file": name, "sha256": digest, "format": kind.name, "accepted": report.accepted,
            "refused": len(report.refused), "retired": intake.retired,
        }  # fmt: skip
        record = Record(VERB, acted.actor, {"sha256": digest}, payload, auth_hash=acted.auth_hash)
        log.append(unit, record)
    return report


class _Intake:
    """One file on its way into the table, portion by portion."""

    def __init__(self, unit: Unit, source: str, options: Options) -> None:
        self._unit, self._source, self._options = unit, source, options
        self._sealing = unit.keys.data_key(IDENTITY).secret
        self._numbering = unit.keys.data_key(_NUMBER).secret
        self.ids: list[str] = []
        self.specimens: list[str] = []
        self.refused: list[Refusal] = []
        self.repeats: list[Repeat] = []
        self.retired = 0

    def take(self, read: Iterable[Specimen | Refusal | Repeat]) -> None:
        """Store all specimens of `read`; the others are only noted."""
        for portion in _portions(read):
            self._store([entry for entry in portion if isinstance(entry, Specimen)])
            self.refused += [entry for entry in portion if isinstance(entry, Refusal)]
            self.repeats += [entry for entry in portion if isinstance(entry, Repeat)]
            self._options.progress(len(portion))
        self.refused.sort(key=lambda refusal: refusal.line)
        if self.ids:
            store.count_change(self._unit, self.retired)
            self._unit.scratch[CHANGED] = True

    def _store(self, specimens: Sequence[Specimen]) -> None:
        held = store.held(self._unit, [specimen.specimen for specimen in specimens])
        new, outdated = [], []
        for specimen in specimens:
            before = held.get(specimen.specimen)
            refusal = self._objection(specimen, before) if before else None
            if refusal:
                self.refused.append(refusal)
                continue
            new.append(self._sealed(specimen, before.version + 1 if before else 1))
            outdated += [before.id] if before else []
        store.retire(self._unit, outdated)
        store.add(self._unit, new, self._source)
        self.retired += len(outdated)
        self.ids += [entry.profile.id for entry in new]
        self.specimens += [entry.profile.specimen for entry in new]

    def _objection(self, specimen: Specimen, before: Profile) -> Refusal | None:
        def refused(reason: str, todo: str) -> Refusal:
            return Refusal(specimen.line, specimen.specimen, reason, todo)

        if dict(before.loci) == dict(specimen.loci):
            return refused(f"already held as {before.id} with the same alleles", "Nothing needs to be done.")
        if not self._options.corrected:
            what = f"already held as {before.id} with other alleles"
            return refused(what, "If the laboratory corrected it, import the file with --corrected.")
        return None

    def _sealed(self, specimen: Specimen, version: int) -> NewProfile:
        id = uuid7(self._unit.now)
        number = symmetric.commit(self._numbering, id.encode())[:10].hex()
        profile = Profile(
            id, specimen.specimen, specimen.category, specimen.loci, specimen.kit, version,
            number=f"{self._unit.node}-{number}",
        )  # fmt: skip
        core = jcs.canonical(dict(specimen.core)) if specimen.core else None
        identity = symmetric.encrypt(self._sealing, core, bound_to(id)) if core else None
        return NewProfile(profile, kernel.pack(specimen.loci), identity)


def bound_to(id: str) -> bytes:
    return f"{id}|identity".encode()


def _portions(read: Iterable[Specimen | Refusal | Repeat]) -> Iterator[list[Specimen | Refusal | Repeat]]:
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
