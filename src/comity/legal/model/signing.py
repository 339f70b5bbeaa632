"""The nouns of signing: a row that a lawyer reviewed, the set of tables that a lawyer signed, a difference."""

from dataclasses import dataclass
from datetime import date, datetime

from comity.base.model import Json, JsonObject


@dataclass(frozen=True)
class Review:
    """A lawyer of this agency has read one row of one instrument as it stood."""

    id: str
    instrument: str
    measure: str
    article: str
    row_hash: str
    """Lower-case hex SHA-256 of the row's canonical form; a row with another hash is not the one that was reviewed."""
    note: str
    by: str
    at: datetime

    def as_dict(self) -> JsonObject:
        """The review as it stands in a signed set and is shown."""
        return {
            "id": self.id, "instrument": self.instrument, "measure": self.measure, "article": self.article,
            "row": self.row_hash, "note": self.note, "by": self.by, "at": self.at.isoformat(),
        }  # fmt: skip


@dataclass(frozen=True)
class SignedSet:
    """Everything that this agency decides by, under one lawyer's signature: tables, reviews, what the package ships."""

    number: int
    """1 for the first; a set replaces the one before it."""
    at: datetime
    by: str
    digest: str
    """Lower-case hex SHA-256 of `manifest`; the signed act names it."""
    manifest: bytes
    """JCS of ``{v, shipped, tables, reviews, rows}``; rows: what a row is and the hash of what it says."""
    act: JsonObject
    auth_hash: str

    def as_dict(self) -> JsonObject:
        """The set for lists, without its manifest."""
        return {"set": self.number, "at": self.at.isoformat(), "by": self.by, "digest": self.digest}


@dataclass(frozen=True)
class Change:
    """One row that two sets do not have alike; `before` or `after` is None where there is none, or only its hash."""

    kind: str
    """``added``, ``removed`` or ``changed``."""
    row: str
    before: Json
    after: Json

    def as_dict(self) -> JsonObject:
        """The change as JSON."""
        return {"change": self.kind, "row": self.row, "before": self.before, "after": self.after}


@dataclass(frozen=True)
class Depositary:
    """What a depositary's list does not say and whoever imports it must: which treaty, and from when it binds."""

    instrument: str
    days_after: int
    """Days from the deposit of an instrument of ratification until it takes effect."""
    in_force: date
    """The first day of the treaty itself."""
