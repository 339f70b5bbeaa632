"""What specimens are screened for as they come in, and profiles before they are searched with.

First the elimination database: a stain that fits somebody who may have touched the evidence is held back, whole, until
an examiner has looked. Then doubles: the very alleles of another specimen. Signs of typing errors are noted beside.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from comity.base.errors import Conflict
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.dna import kernel, rules, store
from comity.dna.model import LAYOUT, Flag, Loci, Noted, Profile, Raised, Refusal, RuleSet, Specimen, kind_of
from comity.dna.service.shipped import DEFAULT_RULE_SET, rule_set
from comity.dna.service.storing import Storing, bound_to, same
from comity.dna.store import NewProfile
from comity.dna.store.screening import HeldBack
from comity.kit.database.unit import Unit

Fits = list[JsonObject]
"""The profiles of the elimination database that one fits: number, loci compared and equal, whether near."""
CHECKED_BY = "an examiner other than who imported it"


class Workers:
    """The elimination database as specimens are compared with it."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._rows = [
            (number, packed if packed[0] == LAYOUT else kernel.pack(self._loci(number)))
            for number, packed in store.screening.worker_rows(unit)
        ]  # fmt: skip

    def __len__(self) -> int:
        return len(self._rows)

    def _loci(self, number: str) -> Loci:
        return store.screening.worker_loci(self._unit, number) or {}

    def only(self, numbers: Collection[str]) -> None:
        """Compare with these alone from now on."""
        self._rows = [row for row in self._rows if row[0] in numbers]

    def candidates(self, matrix: kernel.Codes) -> dict[int, list[str]]:
        """By the column of a matrix of packed profiles, those that may fit it."""
        found: dict[int, list[str]] = {}
        for number, packed in self._rows:
            for row in kernel.scan(matrix, packed, rule_set(DEFAULT_RULE_SET).minimum_full).rows.tolist():
                found.setdefault(row, []).append(number)
        return found

    def fits(self, profiles: Sequence[Loci]) -> list[Fits]:
        """Which of the elimination database each of these fits, as a match or a near match."""
        if not self._rows or not profiles:
            return [[] for _ in profiles]
        under = rule_set(DEFAULT_RULE_SET)
        found = self.candidates(kernel.columns([kernel.pack(loci, under.loci) for loci in profiles]))
        return [[fit for number in found.get(row, []) if (fit := self._fit(number, loci, under))]
                for row, loci in enumerate(profiles)]  # fmt: skip

    def _fit(self, number: str, loci: Loci, under: RuleSet) -> JsonObject | None:
        found = rules.compare(loci, self._loci(number), under)
        if found.quality is None:
            return None
        return {"number": number, "compared": len(found.findings), "equal": found.full, "near": found.quality.near}


@dataclass
class Screen:
    """The screening of one file, or of one profile; what it raised and noted so far."""

    unit: Unit
    storing: Storing
    by: str = ""
    source: str = ""
    held: list[Raised] = field(default_factory=list)
    doubles: list[Raised] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read, once, what is compared with."""
        self.workers = Workers(self.unit)
        self._known = rules.known(store.populations(self.unit))
        self.any_held = bool(store.screening.any_held(self.unit))

    def objections(self, specimens: Sequence[Specimen]) -> dict[str, Refusal]:
        """Why specimens do not come in again: they are held back as they are, or were found to be contamination."""
        before = store.screening.held_back_of(self.unit, [s.specimen for s in specimens]) if self.any_held else {}
        found = {}
        for one in specimens:
            for flag, loci in before.get(one.specimen, []):
                if dict(loci) == dict(one.loci):
                    found[one.specimen] = _objection(one, flag)
        return found

    def hold_back(self, specimens: Sequence[Specimen]) -> set[str]:
        """Hold back the stains among these that fit the elimination database; their names."""
        stains = [one for one in specimens if kind_of(one.category) == "stain"] if len(self.workers) else []
        found = self.workers.fits([one.loci for one in stains])
        raised = [(one, self._flag(one, "", fits), one.core) for one, fits in zip(stains, found, strict=True) if fits]
        kept = [
            (flag, HeldBack(one.kit, one.loci, self.storing.sealed(core, bound_to(flag.id)), self.source))
            for one, flag, core in raised
        ]  # fmt: skip
        store.screening.raise_flags(self.unit, kept, self.source)
        self.any_held = self.any_held or bool(kept)
        self.held += [Raised(one.line, one.specimen, flag.id, flag.other) for one, flag, _ in raised]
        return {one.specimen for one, _, _ in raised}

    def note(self, specimens: Sequence[Specimen], loci: kernel.Genotypes) -> None:
        """Note the signs of typing errors in specimens, of which `loci` are the loci."""
        for one in (specimens[place] for place in rules.doubtful(loci, self._known)):
            found = rules.signs(one.loci, self._known)
            if found:
                self.noted.append(Noted(one.line, one.specimen, found))

    def double(self, new: Sequence[NewProfile], lines: Mapping[str, int]) -> None:
        """Flag those of the new profiles, before they are stored, that show the very alleles of another specimen."""
        numbers = [one.likeness for one in new if one.likeness is not None]
        alike = store.alike(self.unit, numbers)
        flags = []
        for one in new:
            if one.likeness is None:
                continue
            other = alike.setdefault(one.likeness, (one.profile.id, one.profile.specimen, one.packed))
            if other[1] != one.profile.specimen and same(one.packed, other[2]):
                flags.append(self._double(one.profile, other))
        store.screening.raise_flags(self.unit, [(flag, None) for flag in flags], self.source)
        self.doubles += [Raised(lines.get(flag.specimen, 0), flag.specimen, flag.id, flag.other) for flag in flags]

    def _double(self, profile: Profile, other: tuple[str, str, bytes]) -> Flag:
        return Flag(
            uuid7(self.unit.now), "duplicate", profile.specimen, profile.category, profile.id, other[0],
            {"other_specimen": other[1]}, self.by, self.unit.now,
        )  # fmt: skip

    def _flag(self, one: Specimen, profile: str, fits: Fits) -> Flag:
        return Flag(
            uuid7(self.unit.now), "contamination", one.specimen, one.category, profile, str(fits[0]["number"]),
            {"fits": [*fits], "to_be_checked_by": CHECKED_BY}, self.by, self.unit.now,
        )  # fmt: skip

    def stop(self, profile: Profile, identity: bytes | None) -> bool:
        """Flag a stored stain that fits, and keep it with the flag as it is; whether it does. The caller retires it."""
        one = Specimen(0, profile.specimen, profile.category, profile.kit, profile.loci)
        fits = self.workers.fits([profile.loci])[0]
        if profile.kind != "stain" or not fits:
            return False
        flag = self._flag(one, profile.id, fits)
        core = self.storing.opened(identity, bound_to(profile.id))
        kept = HeldBack(profile.kit, profile.loci, self.storing.sealed(core, bound_to(flag.id)), self.source)
        store.screening.raise_flags(self.unit, [(flag, kept)], self.source)
        self.held.append(Raised(0, profile.specimen, flag.id, flag.other))
        return True


def _objection(one: Specimen, flag: Flag) -> Refusal:
    if flag.finding:
        return Refusal(one.line, one.specimen, f"found to be contamination by {flag.person} (flag {flag.id})",
                       "Nothing needs to be done.")  # fmt: skip
    return Refusal(one.line, one.specimen, f"held back: it looks like contamination (flag {flag.id})",
                   f"To be checked by {CHECKED_BY}: `comity dna flags decide`.")  # fmt: skip


def guard(unit: Unit, profile: Profile) -> None:
    """Conflict where a stain fits the elimination database and no examiner has cleared it of exactly that."""
    if profile.kind != "stain":
        return
    found = Workers(unit).fits([profile.loci])[0]
    cleared = {
        fit["number"] for flag in store.screening.flags(unit, kind="contamination", result=profile.id)
        if flag.finding == "cleared" for fit in flag.fits
    }  # fmt: skip
    if any(fit["number"] not in cleared for fit in found):
        raise Conflict(
            "dna.contamination", f"{profile.specimen} looks like contamination: it fits the elimination database",
            todo=f"To be checked by {CHECKED_BY}: see `comity dna flags list`.",
        )  # fmt: skip
