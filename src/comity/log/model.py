"""Nouns of the log: what a verb hands in, what is stored, and what is handed out as proof.

Sizes, indexes and levels are whole numbers from zero; hashes are 32 raw bytes (SHA-256); times are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from comity.base.clock import rfc3339
from comity.base.model import Actor, DataKey, Json, JsonObject

FIELDS: Final = ("actor", "subject", "case", "payload")
"""The four committed fields of every entry; a field without a value commits to JSON null, so absence does not show."""

MAX_ENTRY: Final = 65_535
"""Most bytes of one entry (C2SP tlog-tiles, entry bundles: a 16-bit length)."""

ERASURE: Final = "erasure.done"
"""Type of the entry that records an erasure; such an entry cannot itself be erased."""

EPOCH: Final = "epoch.begun"
"""Type of the entry with which an epoch of the log begins; what it says stays, for it names the keys before."""

LANDMARKS: Final = (ERASURE, "legal.imported", "legal.reviewed", "legal.signed")
"""Types whose newest entry is asked for, such as which law was put in force last. They are few, and an index holds them
alone, so that a long log answers at once and appending another type touches no index; a room that
must ask for others adds them here.
"""


@dataclass(frozen=True)
class Head:
    """A log's state: its origin, how many entries, and their Merkle tree hash."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True)
class Epoch:
    """One epoch of a log: the entries from `start` on are in checkpoints under its own origin.

    The tree goes on through all of them; only the name, and perhaps the key, under which its heads are signed changes.
    """

    number: int
    """From 1."""
    start: int
    """The index of its first entry: 0 for the first epoch, else that of the entry ``epoch.begun``."""
    key: str
    """The public key in C2SP form (``name+hash+key``), whose name is the epoch's origin."""


@dataclass(frozen=True)
class Record:
    """What one act wants logged. `type`, `peer` and the codes stay in the clear: they must not identify a person."""

    type: str
    actor: Actor
    subject: Json
    payload: Json
    case: str | None = None
    peer: str | None = None
    legal_basis: str | None = None
    policy_hash: str | None = None
    retention: str = "P10Y"
    """ISO 8601 duration after which the opened values are reviewed for erasure."""
    auth_hash: str | None = None
    """Lower-case hex SHA-256 of the person's assertion; None when the node acted by rule."""
    peer_head: Head | None = None
    """The partner's head that this act relied on."""
    key: DataKey | None = field(default=None, repr=False)
    """Key under which the values are sealed (a case's); None: the node's own key for openings."""


@dataclass(frozen=True)
class Entry:
    """One stored entry: its exact bytes, and what they say in the clear."""

    index: int
    id: str
    type: str
    at: datetime
    node: str
    peer: str | None
    data: bytes = field(repr=False)
    """The bytes as stored and hashed; never re-encoded."""
    leaf_hash: bytes = field(repr=False)
    clear: JsonObject = field(repr=False)
    """The parsed entry; `clear["commits"]` holds the four commitments."""

    def as_dict(self) -> JsonObject:
        """The entry for `--json` and the officer API."""
        return {"index": self.index, "leaf_hash": self.leaf_hash.hex(), **self.clear}


@dataclass(frozen=True)
class Opening:
    """What opens one commitment: 32 random bytes and the value."""

    r: bytes = field(repr=False)
    value: Json


@dataclass(frozen=True)
class Gone:
    """A value that cannot be opened: erased, or `sealed` under a key that is not at hand."""

    erasure: int | None = None
    """Index of the entry that records the erasure; None: there is none, or the value is sealed."""
    sealed: bool = False


@dataclass(frozen=True)
class Line:
    """One entry as somebody reads it who holds the key of its values: what was done, when, by whom, about what."""

    index: int
    type: str
    at: datetime
    peer: str | None
    person: str
    """Empty: the node, by rule; or the value was erased."""
    subject: Json


@dataclass(frozen=True)
class Sought:
    """What an auditor looks for in the log; empty: whatever there is. All of it holds at once."""

    person: str = ""
    """Who did it, by the exact id."""
    type: str = ""
    """The entry's exact type, such as ``search.asked``."""
    key_id: str = ""
    """The key of the case that it belongs to."""
    record: str = ""
    """An id that stands anywhere in what the act was about."""
    peer: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    """Only entries below this index: where the last look ended."""


@dataclass(frozen=True)
class Looked:
    """What one look found, newest first. A look opens only so many entries: the next one goes on below `before`."""

    lines: tuple[Line, ...]
    first: int
    """The entries from this index to before `end` were looked through."""
    end: int
    before: int | None
    """None: nothing is left to look through."""
    closed: int
    """Entries whose values are gone, or sealed under keys that are not at hand: nobody knows whether they would fit."""


@dataclass(frozen=True)
class Inclusion:
    """Proof that one entry is in a signed log, with the openings of chosen fields. It needs no database to check."""

    index: int
    entry: bytes = field(repr=False)
    proof: str = field(repr=False)
    """C2SP tlog-proof: the index, the hashes and a signed checkpoint."""
    opening: Mapping[str, Opening]

    def as_dict(self) -> JsonObject:
        """The proof as JSON: `entry` as text (it is UTF-8 JSON), `opening` as ``{field: {r: hex, value}}``."""
        return {
            "entry": self.entry.decode(),
            "tlog_proof": self.proof,
            "opening": {name: {"r": o.r.hex(), "value": o.value} for name, o in self.opening.items()},
        }


@dataclass(frozen=True)
class Frontier:
    """The right edge of a tree: its size and the roots of its largest complete subtrees, largest first.

    Guarantee: as many `peaks` as `size` has one-bits. It suffices to append and to know the root.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()


@dataclass(frozen=True, order=True)
class Subtree:
    """A complete subtree: the leaves from ``index << level`` up to ``(index + 1) << level``, exclusive."""

    level: int
    index: int


@dataclass(frozen=True)
class SealedPaper:
    """A paper that this node issued: its id, kind and record, the hash of its file, and the entry that says so."""

    id: str
    kind: str
    about: str
    sha256: str
    entry: int
    at: datetime

    def as_dict(self) -> JsonObject:
        """The same as JSON."""
        return {
            "paper": self.id, "kind": self.kind, "about": self.about, "sha256": self.sha256, "entry": self.entry,
            "at": rfc3339(self.at),
        }  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """A piece of a log as hashes: the peaks of the tree before it, and the leaf hashes of its entries."""

    peaks: tuple[bytes, ...]
    leaves: tuple[bytes, ...]


@dataclass(frozen=True)
class Growth:
    """What appending leaves made: the new frontier and the complete subtrees worth storing."""

    frontier: Frontier
    nodes: tuple[tuple[Subtree, bytes], ...]


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold, with the row that says so: ``log_entry 12``."""

    row: str
    what: str


@dataclass(frozen=True)
class Report:
    """What recomputing the whole log showed. Counts are of rows read, not of rows believed."""

    head: Head
    entries: int
    checkpoints: int
    opened: int
    """Values whose commitment was recomputed and agreed."""
    erased: int
    """Values gone, each covered by an erasure entry."""
    unread: int
    """Values sealed under keys that this check was not given: their commitments stand unchecked."""
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.findings

    def as_dict(self) -> JsonObject:
        """The report as JSON for `--json`."""
        return {
            "ok": self.ok, "origin": self.head.origin, "size": self.head.size, "root": self.head.root.hex(),
            "entries": self.entries, "checkpoints": self.checkpoints, "opened": self.opened, "erased": self.erased,
            "unread": self.unread, "findings": [{"row": f.row, "what": f.what} for f in self.findings],
        }  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What an export is to hold: either `entries` (numbers or ids), or those of a `case`, of a time, or of both."""

    reason: str
    entries: tuple[str, ...] = ()
    case: str | None = None
    """A case's id."""
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that is too late."""
    fields: tuple[str, ...] = ()
    """The committed fields to be opened."""
    stamped: tuple[str, bytes] | None = None
    """A checkpoint of this log, as its signed note, and the RFC 3161 time stamp (TimeStampResp) over its bytes."""


@dataclass(frozen=True)
class Surroundings:
    """What others say about this log, for an export: all of it signed by others, and checked by whoever reads it."""

    directories: Mapping[int, bytes] = field(default_factory=dict)
    """The federation's signed directories that this node has used, by version."""
    partners: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """Signed checkpoints of partners' logs, by the partner's code and the size."""
    heads: tuple[str, ...] = ()
    """Checkpoints of this node's log that witnesses cosigned, as signed notes."""
    policy: str | None = None
    """The policy (C2SP tlog-policy) by which witnesses count; None: this node asks none."""


@dataclass(frozen=True)
class Draft:
    """What an export holds but for its proofs, which need the checkpoint over the export's own entry."""

    files: Mapping[str, bytes] = field(repr=False)
    entries: tuple[int, ...]
    heads: tuple[int, ...]
    """Sizes of the earlier checkpoints in it: the first is in ``heads/1``."""
    erasure: int | None
    """Index of the newest erasure at that moment: nothing erased later may leave."""
