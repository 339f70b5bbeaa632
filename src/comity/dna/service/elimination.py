"""The elimination database: profiles of those who may have touched the evidence without having to do with the deed.

Kept apart: no partner's search sees it, no list of profiles and no count holds it, no export writes it. People see
numbers; whose a profile is, an approver alone opens, for a reason that is logged.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from comity.access import service as access
from comity.access.model import Acted
from comity.base.errors import BadInput, NotAllowed, NotFound
from comity.base.model import Issuer, JsonObject
from comity.dna import kernel, store
from comity.dna.model import ImportReport, Refusal, Repeat, Specimen, Worker
from comity.dna.service.held import rows_of
from comity.dna.service.importing import CHANGED, USUAL, Options
from comity.dna.service.screening import Screen
from comity.dna.service.storing import Storing, bound_to
from comity.dna.store.screening import HeldBack
from comity.dna.wire import files
from comity.kit.crypto import symmetric
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

VERB: Final = "dna.import-elimination"
KEEPERS: Final = frozenset({"examiner"})
OPENERS: Final = frozenset({"approver"})
_MAX_REASON: Final = 500


def sign_elimination(unit: Unit, issuer: Issuer, data: bytes, name: str) -> Acted:
    """The act of taking exactly this file into the elimination database, asserted by an examiner."""
    subject: JsonObject = {"file": name, "sha256": symmetric.sha256(data).hex()}
    return access.act(unit, issuer, VERB, subject, KEEPERS)


def import_elimination(unit: Unit, acted: Acted, data: bytes, name: str, options: Options = USUAL) -> ImportReport:
    """Take every good specimen of a file into the elimination database, each in the place of its earlier one.

    Stains among the profiles that fit a new one are taken out of every search and flagged. BadInput where the file as a
    whole cannot be used; NotAllowed where the act is not about this file.
    """
    digest = symmetric.sha256(data).hex()
    subject = acted.act.get("subject")
    if acted.act.get("verb") != VERB or not isinstance(subject, dict) or subject.get("sha256") != digest:
        raise NotAllowed("dna.act", f"{name} is not the file of this act", todo="Sign the import of this very file.")
    kind = files.format_of(data, options.format)
    with unit.act():
        intake = _Intake(unit, acted.actor.person, digest)
        intake.take(files.read(data, kind, options.category or "Elimination"))
        retired = intake.stop_stains()
        report = ImportReport(
            name, digest, kind.name, len(intake.numbers), tuple(intake.refused), tuple(intake.numbers),
            tuple(intake.repeats), tuple(intake.specimens), held=tuple(intake.screen.held),
        )  # fmt: skip
        payload: JsonObject = {
            "file": name, "sha256": digest, "format": kind.name, "accepted": report.accepted,
            "refused": len(report.refused), "stains_held_back": retired,
        }  # fmt: skip
        log.append(unit, Record(VERB, acted.actor, {"sha256": digest}, payload, auth_hash=acted.auth_hash))
    return report


def eliminate(unit: Unit, issuer: Issuer, data: bytes, name: str, options: Options = USUAL) -> ImportReport:
    """`sign_elimination` and `import_elimination` in one."""
    return import_elimination(unit, sign_elimination(unit, issuer, data, name), data, name, options)


class _Intake:
    def __init__(self, unit: Unit, by: str, source: str) -> None:
        self._unit, self._by, self._source, self._storing = unit, by, source, Storing(unit)
        self.screen = Screen(unit, self._storing, by, source)
        self.numbers: list[str] = []
        self.specimens: list[str] = []
        self.refused: list[Refusal] = []
        self.repeats: list[Repeat] = []

    def take(self, read: Iterable[Specimen | Refusal | Repeat]) -> None:
        """Keep every specimen; its label is sealed with the person, for a laboratory may use the name."""
        for entry in read:
            if isinstance(entry, Refusal):
                self.refused.append(entry)
            elif isinstance(entry, Repeat):
                self.repeats.append(entry)
            else:
                self._keep(entry)

    def _keep(self, one: Specimen) -> None:
        number = f"E-{self._storing.commitment(f'elimination {one.specimen}')}"
        core = {**one.core, "specimen": one.specimen, "category": one.category}
        kept = HeldBack(one.kit, one.loci, self._storing.sealed(core, bound_to(number)), self._source)
        store.screening.add_worker(self._unit, number, kept, kernel.pack(one.loci))
        self.numbers.append(number)
        self.specimens.append(one.specimen)

    def stop_stains(self) -> int:
        """Hold back the stored stains that fit a new profile; how many."""
        self.screen = Screen(self._unit, self._storing, self._by, self._source)
        self.screen.workers.only(set(self.numbers))
        stopped = []
        for portion in store.packed_after(self._unit, 0) if self.numbers else ():
            places = self.screen.workers.candidates(np.ascontiguousarray(rows_of(self._unit, portion).T))
            stopped += [portion[place][0] for place in places]
        profiles = store.by_seq(self._unit, stopped)
        out = [
            one.id for one in profiles.values()
            if self.screen.stop(one, (store.identity(self._unit, one.number) or ("", None))[1])
        ]  # fmt: skip
        store.retire(self._unit, out)
        if out:
            store.count_change(self._unit, len(out))
            self._unit.scratch[CHANGED] = True
        return len(out)


def elimination(unit: Unit, issuer: Issuer) -> list[Worker]:
    """The profiles of the elimination database, by number, for an examiner or approver: an act, and logged."""
    acted = access.act(unit, issuer, "dna.list-elimination", {}, KEEPERS | OPENERS)
    found = store.screening.workers(unit)
    log.append(unit, Record("dna.elimination-listed", acted.actor, {"profiles": len(found)}, None,
                            auth_hash=acted.auth_hash))  # fmt: skip
    return found


def open_elimination(unit: Unit, issuer: Issuer, number: str, reason: str) -> JsonObject:
    """Whose the profile of that number is, for an approver: an act with a reason, and logged."""
    check_reason(reason)
    subject: JsonObject = {"number": number, "reason": reason}
    acted = access.act(unit, issuer, "dna.open-elimination", subject, OPENERS)
    sealed = _sealed(unit, number)
    log.append(unit, Record("dna.elimination-opened", acted.actor, subject, None, auth_hash=acted.auth_hash))
    return {"number": number, **Storing(unit).opened(sealed, bound_to(number))}


def drop_elimination(unit: Unit, issuer: Issuer, number: str, reason: str) -> None:
    """Take a profile out of the elimination database for good, by an examiner: an act with a reason, and logged."""
    check_reason(reason)
    subject: JsonObject = {"number": number, "reason": reason}
    acted = access.act(unit, issuer, "dna.drop-elimination", subject, KEEPERS)
    _sealed(unit, number)
    store.screening.drop_worker(unit, number)
    log.append(unit, Record("dna.elimination-dropped", acted.actor, subject, None, auth_hash=acted.auth_hash))


def _sealed(unit: Unit, number: str) -> bytes:
    found = store.screening.worker_identity(unit, number)
    if found is None:
        raise NotFound("dna.elimination", f"No profile {number[:40]!r} is in the elimination database",
                       todo="See `comity dna elimination list`.")  # fmt: skip
    return found


def check_reason(reason: str) -> None:
    """BadInput where a reason is missing or not usable."""
    if not reason.strip() or len(reason) > _MAX_REASON or not reason.isprintable():
        raise BadInput("dna.reason", "The reason is missing or not usable",
                       todo=f"Say why in 1 to {_MAX_REASON} characters.")  # fmt: skip
