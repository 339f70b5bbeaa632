"""The nouns of evidence: items, acquisitions, custody events, seals, authorisations, packages, receipts, verifications.

Two hashes are two things: the *container* is the file as it was taken in (an E01 image has another hash for every
compression level), the *media* is what the container holds. Digests are lower-case hex SHA-256 (FIPS 180-4); times
are RFC 3339 text in UTC as `base.clock.rfc3339` writes them; sizes are bytes.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from comity.base.model import Json, JsonObject

MEASURE: Final = "evidence_information"
"""The legal measure under which a package travels before assistance stands behind it."""

INFORMATION_ONLY: Final = "information_only"
"""The use mark of such a package: it may guide an inquiry and is not evidence before a court."""

USES: Final = (INFORMATION_ONLY, "evidence")

EVENT_TYPES: Final = (
    "collected", "sealed", "accessed", "copied", "derived", "offered", "accepted", "refused", "returned", "destroyed",
)  # fmt: skip

CONTAINER_KINDS: Final = ("raw", "ewf")
"""`raw`: the container is the media itself; `ewf`: an Expert Witness (E01) image, whose media has its own hash."""

SENSITIVITIES: Final = ("normal", "sensitive", "highly_sensitive")


@dataclass(frozen=True)
class Digest:
    """The SHA-256 and the size of one sequence of bytes."""

    sha256: str
    size: int

    def as_dict(self) -> JsonObject:
        return {"sha256": self.sha256, "size": self.size}


@dataclass(frozen=True)
class Acquisition:
    """How, by whom and with what an item was acquired. Empty text: not known; nothing is made up."""

    method: str
    operator: str = ""
    tool: str = ""
    version: str = ""
    configuration_sha256: str = ""
    device_serial: str = ""
    start: str = ""
    end: str = ""
    clock_offset_ms: int = 0
    """Clock of the acquiring machine minus the reference clock, in milliseconds."""
    reference_clock: str = ""
    bad_ranges: tuple[tuple[int, int], ...] = ()
    """Unreadable parts of the source: (first byte, length)."""
    legal_basis: str = ""

    def as_dict(self) -> JsonObject:
        return {
            "method": self.method, "operator": self.operator, "tool": self.tool, "version": self.version,
            "configuration_sha256": self.configuration_sha256, "device_serial": self.device_serial,
            "start": self.start, "end": self.end, "clock_offset_ms": self.clock_offset_ms,
            "reference_clock": self.reference_clock, "legal_basis": self.legal_basis,
            "bad_ranges": [[first, length] for first, length in self.bad_ranges],
        }  # fmt: skip


@dataclass(frozen=True)
class Details:
    """What the person who takes an item in says about it."""

    kind: str
    source: str
    acquisition: Acquisition
    exhibit: str = ""
    """The exhibit number; empty: the node numbers it within the case."""
    root_exhibit: str = ""
    container_kind: str = "raw"
    media: Digest | None = None
    """The media's digest as the acquiring tool stated it; for a raw container it must equal the container's."""
    time_zone_basis: str = "UTC"
    sensitivity: str = "normal"


@dataclass(frozen=True)
class EvidenceItem:
    """One exhibit, its container sealed in the vault of the agency that holds it."""

    id: str
    case: str
    exhibit: str
    root_exhibit: str
    kind: str
    container_kind: str
    container: Digest
    media: Digest | None
    source: str
    time_zone_basis: str
    sensitivity: str
    acquisition: Acquisition

    def as_dict(self) -> JsonObject:
        """The item as packages carry it; the case stays at home."""
        return {
            "id": self.id, "exhibit": self.exhibit, "root_exhibit": self.root_exhibit, "kind": self.kind,
            "container_kind": self.container_kind, "container": self.container.as_dict(),
            "media": self.media.as_dict() if self.media else None, "source": self.source,
            "time_zone_basis": self.time_zone_basis, "sensitivity": self.sensitivity,
            "acquisition": self.acquisition.as_dict(),
        }  # fmt: skip


@dataclass(frozen=True)
class CustodyEvent:
    """One link of an item's custody chain, signed by the acting person's agency."""

    seq: int
    prev: str
    """Hash of the event before it; empty for the first."""
    item: str
    type: str
    person: str
    """The acting person's id at `agency`; empty: the node itself, by rule."""
    agency: str
    to: str
    """The agency that an `offered` event offers to; empty otherwise."""
    claimed: str
    """When the acting person says it happened."""
    recorded: str
    """When the node recorded it."""
    purpose: str
    authorisation: str
    """SHA-256 of the authorisation that covers the event; empty where none is needed."""
    before: str
    """SHA-256 of the container before the event; empty for the first."""
    after: str
    auth: str
    """Hash of the acting person's assertion, as the log entry carries it; empty for the node itself."""
    key: str
    """Fingerprint of the agency key that signed."""
    signature: str = ""
    """Base64 Ed25519 over the event's bytes without this field; which, `wire.custody` says."""


@dataclass(frozen=True)
class Link:
    """A custody event as it stands in the chain: with its exact line and that line's SHA-256."""

    event: CustodyEvent
    line: bytes
    hash: str


@dataclass(frozen=True)
class Head:
    """The end of one item's chain. A chain cannot show a missing tail, so receipts, entries and manifests pin this."""

    item: str
    seq: int
    hash: str

    def as_dict(self) -> JsonObject:
        return {"item": self.item, "seq": self.seq, "hash": self.hash}


@dataclass(frozen=True)
class Seal:
    """An object set bound into one hash: RFC 6962 Merkle root over the sorted container hashes."""

    root: str
    count: int


@dataclass(frozen=True)
class Authorisation:
    """What a release rests on: who decided, under which law, for whom, for which items, for what, until when."""

    release: str
    request: str
    """The receiver's request id; empty for a spontaneous release."""
    about: str
    """The query whose confirmed hit the request follows; empty: none."""
    releasing: str
    recipient: str
    items: tuple[str, ...]
    purpose: str
    use: str
    handling: JsonObject
    expires: str
    decision: JsonObject
    """The releasing side's legal decision: id, measure, instrument, article, outcome, rules hash."""
    approvals: tuple[JsonObject, ...]
    """Two different persons: {slot, unit, act_hash, auth_hash} each."""

    def as_dict(self) -> JsonObject:
        items: list[Json] = list(self.items)
        approvals: list[Json] = list(self.approvals)
        return {
            "v": 1, "release": self.release, "request": self.request, "about": self.about, "releasing": self.releasing,
            "recipient": self.recipient, "items": items, "purpose": self.purpose, "use": self.use,
            "handling": self.handling, "expires": self.expires, "decision": self.decision, "approvals": approvals,
        }  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    """The signed statement of a package: everything in it by name, hash and size."""

    release: str
    releasing: str
    recipient: str
    released: str
    use: str
    key: str
    """Fingerprint of the releasing agency's signing key."""
    items: tuple[EvidenceItem, ...]
    heads: tuple[Head, ...]
    seal: Seal
    authorisation: str
    files: dict[str, Digest]
    timestamped: bool = False


class Contents(Protocol):
    """The bytes of a container, read where they lie."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """All of them, by the MiB."""
        ...


@dataclass(frozen=True)
class Package:
    """A package taken apart and found whole: its bytes agree with each other. Says nothing about who made it."""

    digest: str
    manifest: Manifest
    authorisation: Authorisation
    chains: dict[str, tuple[Link, ...]]
    objects: Mapping[str, Contents] = field(repr=False)


Outcome = Literal["accepted", "refused"]


@dataclass(frozen=True)
class Receipt:
    """The receiver's signed word about one package, after its own re-hash."""

    release: str
    package: str
    sender: str
    receiver: str
    outcome: Outcome
    reason: str
    at: str
    rehash: bool
    """Whether every object re-hashed to its listed digest at the receiver."""
    objects: tuple[Digest, ...]
    """The digests that the receiver itself computed."""
    custody: tuple[Head, ...]
    """The heads of the chains as received."""
    events: tuple[Link, ...]
    """The receiver's own custody event for each item (`accepted` or `refused`), which both sides append."""
    auth: str


@dataclass(frozen=True)
class AgencyKey:
    """One member's signing key as a verified directory states it."""

    code: str
    raw: bytes
    since: str = ""
    until: str = ""
    """Valid up to this moment (RFC 3339); empty: open."""
    revoked: bool = False

    @property
    def fingerprint(self) -> str:
        """Lower-case hex SHA-256 of `raw`."""
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True)
class Trust:
    """What a verifier takes on trust: a directory whose own signature has been checked."""

    federation: str
    version: int
    root: str
    pinned: bool
    """Whether the root's fingerprint was given by the verifier rather than read from the file."""
    expires: str
    keys: tuple[AgencyKey, ...]

    def key(self, code: str, fingerprint: str) -> AgencyKey | None:
        """The listed key of `code` with this fingerprint, or None."""
        return next((key for key in self.keys if key.code == code and key.fingerprint == fingerprint), None)


@dataclass(frozen=True)
class Check:
    """One step of a verification."""

    name: str
    ok: bool
    file: str
    """The file of the package that the finding is about; ``container`` for the ZIP itself."""
    detail: str

    def as_dict(self) -> JsonObject:
        return {"name": self.name, "ok": self.ok, "file": self.file, "detail": self.detail}


@dataclass(frozen=True)
class Verification:
    """All steps, in order. `authenticated`: a directory was given and the signatures were checked against it."""

    checks: tuple[Check, ...]
    authenticated: bool
    digest: str
    release: str = ""
    use: str = ""

    @property
    def ok(self) -> bool:
        """Whether no step failed."""
        return all(check.ok for check in self.checks)

    @property
    def exit_code(self) -> int:
        """0 whole and authentic; 1 tampered; 2 whole, authenticity not checked."""
        if not self.ok:
            return 1
        return 0 if self.authenticated else 2

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.ok)

    def as_dict(self) -> JsonObject:
        checks: list[Json] = [check.as_dict() for check in self.checks]
        return {
            "ok": self.ok, "authenticated": self.authenticated, "exit_code": self.exit_code, "package": self.digest,
            "release": self.release, "use": self.use, "checks": checks,
        }  # fmt: skip
