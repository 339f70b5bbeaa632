"""What a profile is screened for when it comes in: signs of a typing error, contamination, doubles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from comity.base.clock import rfc3339
from comity.base.model import JsonObject

SignKind = Literal["off_ladder", "out_of_range", "rare_allele", "three_alleles", "homozygous", "sex"]
"""A value off the ladder; one beyond all that a population lists at its locus; one that no population lists; three
values at one locus; more homozygous loci than chance gives; a sex marker that contradicts the rest."""

FlagKind = Literal["contamination", "duplicate"]
"""The profile fits somebody who may have touched the evidence; or another specimen shows the very same."""

Finding = Literal["", "contamination", "cleared", "same_person", "twins", "error"]
"""What an examiner found about a flag; nothing yet while it is open."""

FINDINGS: Mapping[FlagKind, tuple[Finding, ...]] = {
    "contamination": ("contamination", "cleared"), "duplicate": ("same_person", "twins", "error"),
}  # fmt: skip


@dataclass(frozen=True)
class Sign:
    """A sign of a typing error or of a rarity, for the laboratory to look at; nothing is refused for it.

    `locus` is empty where the sign is about the whole profile; `value` is what was seen.
    """

    kind: SignKind
    locus: str
    value: str

    def as_dict(self) -> JsonObject:
        """The sign as JSON."""
        return {"sign": self.kind, "locus": self.locus, "value": self.value}


@dataclass(frozen=True)
class Noted:
    """The signs of one specimen of a file."""

    line: int
    specimen: str
    signs: tuple[Sign, ...]

    def as_dict(self) -> JsonObject:
        """The specimen's signs as JSON."""
        return {"line": self.line, "specimen": self.specimen, "signs": [sign.as_dict() for sign in self.signs]}


@dataclass(frozen=True)
class Raised:
    """A specimen of a file about which a flag was raised: held back, or a double of `other`."""

    line: int
    specimen: str
    flag: str
    other: str

    def as_dict(self) -> JsonObject:
        """The entry as JSON."""
        return {"line": self.line, "specimen": self.specimen, "flag": self.flag, "other": self.other}


@dataclass(frozen=True)
class Flag:
    """What has to be looked at by an examiner, and what was found.

    `profile` is the flagged one, empty for a specimen that is held back; `other` the profile it doubles, or the number
    of the first one of the elimination database that it fits. `result` is the profile that a cleared specimen became.
    """

    id: str
    kind: FlagKind
    specimen: str
    category: str
    profile: str
    other: str
    told: JsonObject
    by: str
    at: datetime
    finding: Finding = ""
    person: str = ""
    reason: str = ""
    decided_at: datetime | None = None
    result: str = ""

    @property
    def fits(self) -> list[JsonObject]:
        """The profiles of the elimination database that it is about."""
        found = self.told.get("fits")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def as_dict(self) -> JsonObject:
        """The flag as JSON, without any allele."""
        return {
            "flag": self.id, "kind": self.kind, "specimen": self.specimen, "category": self.category,
            "profile": self.profile or None, "other": self.other, "told": self.told, "imported_by": self.by,
            "at": rfc3339(self.at), "finding": self.finding or None, "person": self.person or None,
            "reason": self.reason, "decided_at": rfc3339(self.decided_at) if self.decided_at else None,
            "result": self.result or None,
        }  # fmt: skip


@dataclass(frozen=True)
class Worker:
    """One profile of the elimination database as people see it: a number and what is typed, no name and no allele."""

    number: str
    loci: int
    kit: str | None
    at: datetime

    def as_dict(self) -> JsonObject:
        """The profile as JSON."""
        return {"number": self.number, "loci": self.loci, "kit": self.kit, "since": rfc3339(self.at)}
