"""The nouns of the exchange: members of the federation, messages, receipts and what has become of them.

The wire format CX/1 is described in `docs/protocol/cx1.md`; these nouns hold what it carries, already parsed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from comity.base.clock import rfc3339
from comity.base.model import Actor, JsonObject

Urgency = Literal["immediate", "urgent", "normal"]
"""How long delivery is tried: `rules.DEADLINES` names the span of each."""

ReceiptKind = Literal["ACCEPTED", "DELIVERED", "HANDLED", "REJECTED", "NON_DELIVERY", "HELD"]
"""What a signed receipt says. The first four are the recipient's words, NON_DELIVERY the sender's own; HELD is a
relay's, about a request that it keeps for the recipient, and says nothing of acceptance."""

Versions = tuple[int, int]
"""The oldest and the newest version that a node speaks, and all between them."""

DeliveryState = Literal["queued", "waiting", "held", "accepted", "delivered", "handled", "rejected", "non_delivery"]
"""`queued`: about to be tried. `waiting`: the partner is unavailable and is tried again until the deadline.
`held`: its relay keeps it; no word of the recipient yet.
`accepted`, `delivered`, `handled`: the recipient's receipts. `rejected`: the recipient refused it, with a code.
`non_delivery`: the deadline passed without a receipt. A late receipt still moves it on."""


@dataclass(frozen=True)
class FileManifest:
    """What a message says of a file that follows it in chunks: enough to fetch, open and check every byte of it."""

    name: str
    size: int
    sha256: str
    """Of the plaintext, in hex."""
    chunk: int
    """Bytes of plaintext in every chunk but the last."""
    key: bytes = field(repr=False)
    """Each chunk's own key is derived from it."""
    ids: bytes = field(repr=False)
    """The SHA-256 of each chunk's ciphertext, 32 bytes each, in order."""

    @property
    def count(self) -> int:
        """How many chunks there are: at least one."""
        return len(self.ids) // 32

    def id(self, number: int) -> bytes:
        """The id of chunk `number`, from 0."""
        return self.ids[number * 32 : number * 32 + 32]

    def span(self, number: int) -> tuple[int, int]:
        """Where chunk `number` begins and ends in the file."""
        return number * self.chunk, min((number + 1) * self.chunk, self.size)


@dataclass(frozen=True)
class Outgoing:
    """A file of this node's vault, read through once for its manifest; `key_id` names the data key that opens it."""

    manifest: FileManifest
    key_id: str


def _no_attachments() -> Mapping[str, bytes]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Handling:
    """Four separate codes, each in its own scheme, never converted: Europol handling code, TLP, PAP, classification."""

    code: str = "H0"
    tlp: str = "AMBER"
    pap: str = "AMBER"
    classification: str = "UNCLASSIFIED"

    def as_dict(self) -> JsonObject:
        """The codes as they travel in the header and stand among the facts of a decision."""
        return {"code": self.code, "tlp": self.tlp, "pap": self.pap, "classification": self.classification}


@dataclass(frozen=True)
class Message:
    """What one room of this node wants to say to partners. Everything in `body` and `attachments` travels sealed.

    `conversation` is a UUID shared by all messages of one exchange (`base.ids.uuid7`); `act_hash` is the hash of the
    person's act (or of the automatic answer's) to which the permit is bound; `supersedes` names the earlier message
    that a correction or withdrawal replaces. `legal_basis` is written by `send` from the permit when left empty.
    """

    type: str
    to: tuple[str, ...]
    conversation: str
    body: JsonObject
    act_hash: str = ""
    purpose: str = ""
    legal_basis: str = ""
    handling: Handling = field(default_factory=Handling)
    urgency: Urgency = "normal"
    case: str | None = None
    supersedes: str | None = None
    attachments: Mapping[str, bytes] = field(default_factory=_no_attachments)
    answers: int = 1
    """How many answers `body` holds: of a type that is padded, the more the larger."""
    actor: Actor | None = None
    files: tuple[Outgoing, ...] = ()
    """Large contents, sent in chunks once the recipient has the message; at most 16, each under a name of its own."""


@dataclass(frozen=True)
class Header:
    """The clear part of an envelope: signed, bound into the ciphertext and into every key wrap."""

    suite: str
    type: str
    id: str
    conversation: str
    seq: int
    prev: str | None
    sender: str
    to: tuple[str, ...]
    issued: datetime
    expires: datetime
    purpose: str
    legal_basis: str
    handling: Handling
    urgency: Urgency
    payload_hash: str
    cek_commit: str
    directory_version: int
    files: int = 0
    """How many files follow in chunks."""


@dataclass(frozen=True)
class Received:
    """A message that a partner sent and this node accepted, opened: what a handler gets.

    `entry` is the index of this node's own log entry about it; `digest` the SHA-256 of the partner's envelope in hex.
    """

    id: str
    type: str
    sender: str
    conversation: str
    seq: int
    issued: datetime
    expires: datetime
    received: datetime
    purpose: str
    legal_basis: str
    handling: Handling
    urgency: Urgency
    body: JsonObject
    digest: str
    entry: int
    supersedes: str | None = None
    attachments: Mapping[str, bytes] = field(default_factory=_no_attachments)
    files: tuple[FileManifest, ...] = ()
    """Files that came in chunks: a handler finds each in the vault by its SHA-256, under the key its keeper named."""


@dataclass(frozen=True)
class Transfer:
    """How far one file is on its way to or from one partner."""

    partner: str
    message: str
    outgoing: bool
    size: int
    moved: int
    """Bytes that are safely at the other side (outgoing) or here (incoming)."""
    state: Literal["held", "open", "done", "ended"]
    """`held`: its message has no receipt yet. `ended`: given up, for `reason`."""
    reason: str
    since: datetime | None
    """When the first chunk moved."""
    deadline: datetime

    @property
    def moving(self) -> bool:
        """Whether it is neither over nor given up."""
        return self.state in {"held", "open"}

    def as_dict(self, now: datetime) -> JsonObject:
        """The transfer as JSON; `seconds_left`, if it goes on as it went so far, is null before anything moved."""
        spent = (now - self.since).total_seconds() if self.since else 0.0
        left = round(spent * (self.size - self.moved) / self.moved) if self.moved and spent > 0 else None
        return {
            "partner": self.partner, "message": self.message, "direction": "out" if self.outgoing else "in",
            "size": self.size, "moved": self.moved, "seconds_left": left, "state": self.state, "reason": self.reason,
            "deadline": rfc3339(self.deadline),
        }  # fmt: skip


@dataclass(frozen=True)
class Receipt:
    """A signed word about one message; `jws` is the compact JWS whose payload the other fields repeat."""

    kind: ReceiptKind
    message: str
    digest: str
    issuer: str
    to: str
    at: datetime
    code: str
    """Why, for REJECTED and NON_DELIVERY; empty otherwise."""
    origin: str
    index: int | None
    """The issuer's log origin and the index of its entry, for ACCEPTED."""
    jws: str


@dataclass(frozen=True)
class Delivery:
    """What has become of one message at one recipient: what `sent` lists and a watcher is told."""

    message: str
    type: str
    conversation: str
    recipient: str
    state: DeliveryState
    attempts: int
    deadline: datetime
    reason: str
    """Why it waits or was refused: a stable code such as ``exchange.unreachable``; empty when all is well."""


@dataclass(frozen=True)
class Sent:
    """A message that this node sent, with its fate at every recipient."""

    id: str
    type: str
    conversation: str
    seq: int
    digest: str
    entry: int
    at: datetime
    supersedes: str | None
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True)
class Member:
    """One agency's node as the directory lists it. Keys are raw public keys; certificates are PEM text."""

    code: str
    name: str
    endpoint: str
    """Where partners post: ``https://host:port``."""
    officer: str
    """Address of its officer API or screens, for people; may be empty."""
    tls_certificate: str
    signing: bytes = field(repr=False)
    kem: bytes = field(repr=False)
    kem_id: str
    log: str
    """C2SP verifier key of its log: ``name+hash+key``."""
    witness: str
    """C2SP verifier key with which it cosigns others' checkpoints; empty for a member that does not."""
    services: tuple[str, ...]
    message_bytes: int
    """The largest request body it takes."""
    versions: Versions
    capabilities: tuple[str, ...]
    """What it takes beyond plain messages: `batch`, `files`, and codes that only later releases know."""
    revoked: bool
    certificate_fingerprint: str
    """Lower-case hex SHA-256 of the DER certificate."""
    next_certificate: str
    """The certificate (PEM) that it will show next, accepted already; empty when none is announced."""
    next_fingerprint: str
    signing_also: tuple[bytes, ...] = ()
    """Further keys under which it may sign: the next one, and the past one while anything under it is on its way."""
    kem_next: bytes = field(default=b"", repr=False)
    """The KEM key that will follow; empty when none is announced."""
    federation: str = ""
    """The other federation through which it is known here; empty for a member of our own."""
    relay: str = ""
    """The member that takes what is sent to this one, which accepts no connections; empty for one that does."""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The certificates (PEM) that it may show."""
        return tuple(pem.encode() for pem in (self.tls_certificate, self.next_certificate) if pem)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Their fingerprints."""
        return tuple(filter(None, (self.certificate_fingerprint, self.next_fingerprint)))


@dataclass(frozen=True)
class Freshness:
    """How old the office's last word may be: `soft` warns, `hard` refuses; set by the federation, signed by its office.

    Who is a member changes slowly; that one was revoked must be known soon.
    """

    membership_soft: timedelta = timedelta(hours=24)
    membership_hard: timedelta = timedelta(days=7)
    revocations_soft: timedelta = timedelta(hours=1)
    revocations_hard: timedelta = timedelta(hours=24)


@dataclass(frozen=True)
class Link:
    """Another federation whose members count as ours: the office delegates to its root.

    `root` is the fingerprint of a root of its chain. `depth`: through how many further links of its own we follow.
    `codes`: which of its members count; empty for all. A code of our own is never another federation's.
    """

    federation: str
    root: str
    depth: int = 0
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terms:
    """What an office decides for all, under its targets key: name, freshness, links to other federations."""

    federation: str
    freshness: Freshness
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Directory:
    """One edition of the federation's list of members, verified.

    `version` only grows: the TUF snapshot's. `issued` is when the office last said that nothing newer exists, `expires`
    until when the list itself counts. `root` is the SHA-256 (hex) of the newest root metadata that leads to it.
    """

    federation: str
    version: int
    issued: datetime
    expires: datetime
    root: str
    members: Mapping[str, Member]
    freshness: Freshness = Freshness()


@dataclass(frozen=True)
class PartnerStatus:
    """How the exchange with one partner stands: what the operator looks at first."""

    code: str
    name: str
    endpoint: str
    revoked: bool
    available: bool
    reason: str
    """Why it is unavailable or, of one that answers, why a message waits all the same; empty when all is well."""
    next_try: datetime | None
    last_seen: datetime | None
    queued: int
    waiting: int
    undelivered: int
    """Messages whose deadline passed or that the partner rejected."""
    gaps: int
    """Conversations in which its numbering shows messages that have not come (yet)."""
    frozen: datetime | None
    """Since when nothing is exchanged, because it showed two histories; None where all is well."""
    head_size: int
    """Size of the largest checkpoint of the partner's log that this node keeps; 0 for none."""
    heads_unverified: int
    """Stored checkpoints whose consistency with a later one has not been checked yet."""
    cosigned_size: int
    """Size of this node's largest checkpoint that the partner has cosigned; 0 for none."""
    versions: Versions
    version: int | None
    """The version in which both talk; None where they have none in common."""
    capabilities: tuple[str, ...]

    @property
    def barred(self) -> str:
        """Why nothing is exchanged with it, reachable or not: ``revoked``, ``frozen``, its versions, or nothing."""
        if self.revoked or self.frozen:
            return "revoked" if self.revoked else "frozen"
        low, high = self.versions
        return f"no common version: it speaks {low} to {high}" if self.version is None else ""


@dataclass(frozen=True)
class HeadReport:
    """The outcome of checking that a partner's present checkpoint extends every head kept here."""

    partner: str
    ok: bool
    size: int
    checked: int
    """Number of earlier heads checked."""
    detail: str

    def as_dict(self) -> JsonObject:
        """The report as JSON."""
        return {
            "partner": self.partner, "ok": self.ok, "size": self.size, "checked": self.checked, "detail": self.detail,
        }  # fmt: skip


@dataclass(frozen=True)
class CosignReport:
    """What a partner said, as a witness, to this node's present checkpoint."""

    partner: str
    ok: bool
    size: int
    """Size of this node's largest checkpoint that the partner has cosigned."""
    detail: str

    def as_dict(self) -> JsonObject:
        """The report as JSON."""
        return {"partner": self.partner, "ok": self.ok, "size": self.size, "detail": self.detail}


@dataclass(frozen=True)
class Outsider:
    """A witness outside the federation."""

    code: str
    """Its name in the policy; a small letter in it tells it from a node's code."""
    key: str
    """Its key in C2SP form."""
    url: str
    """Where ``/add-checkpoint`` is put behind."""


@dataclass(frozen=True)
class WitnessPolicy:
    """Who must have cosigned this node's log (C2SP tlog-policy); partners stand in it by their codes."""

    outsiders: tuple[Outsider, ...]
    groups: Mapping[str, tuple[int, tuple[str, ...]]]
    """By name: how many, of which witnesses and groups."""
    quorum: str
    """A witness's or group's name, or ``none``."""


@dataclass(frozen=True)
class QuorumStanding:
    """How far the policy's quorum vouches for this node's log."""

    covered: int
    """Entries for which it does."""
    since: datetime | None
    """When the first entry was written for which it does not; None where it vouches for all."""
    late: bool
    """Whether that entry has waited for longer than a quorum may take."""

    def as_dict(self) -> JsonObject:
        """The standing as JSON."""
        return {"covered": self.covered, "waiting_since": rfc3339(self.since) if self.since else None,
                "late": self.late}  # fmt: skip


@dataclass(frozen=True)
class Submission:
    """A checkpoint handed to a witness (C2SP tlog-witness, add-checkpoint): the note, and why it extends `old`."""

    old: int
    """Size of the checkpoint that the witness cosigned last; 0 for none."""
    hashes: tuple[bytes, ...]
    """The consistency proof from `old` to the note's size (RFC 6962, 2.1.2)."""
    note: str


@dataclass(frozen=True)
class Authority:
    """A time-stamping authority (RFC 3161): where it is asked, and by what its tokens are judged."""

    url: str
    trust: str
    """Path of a PEM file: the certificates to one of which a token must lead."""
    policy: str = ""
    """The policy that a token must name, as a dotted OID; empty for any."""
    seconds: float = 15.0
    """How long an answer may take as a whole."""


@dataclass(frozen=True)
class Stamp:
    """An authority's verified token over one signed checkpoint of this node's log."""

    size: int
    note: str = field(repr=False)
    token: bytes = field(repr=False)
    """The TimeStampResp (DER) as it came."""
    stamped_at: datetime
    """The authority's time."""
    asked_at: datetime
    """This node's own time when the token came."""
    authority: str

    @property
    def skew(self) -> float:
        """Seconds by which this node's clock was ahead of the authority's; an answer's time on the way is in it."""
        return (self.asked_at - self.stamped_at).total_seconds()

    def as_dict(self) -> JsonObject:
        """The stamp as JSON, without the token."""
        return {
            "size": self.size, "stamped_at": rfc3339(self.stamped_at), "asked_at": rfc3339(self.asked_at),
            "skew_s": round(self.skew), "authority": self.authority, "bytes": len(self.token),
        }  # fmt: skip


@dataclass(frozen=True)
class Stamping:
    """How time stamps stand: the newest, and what waits."""

    authority: str
    """Its address; empty where none is set, and none is asked."""
    newest: Stamp | None
    grown: bool
    """Whether the log holds more than the newest stamp covers, its own entry aside."""
    failures: int
    reason: str
    next_at: datetime | None
    """When it is asked again, after it was away."""

    def as_dict(self) -> JsonObject:
        """The standing as JSON."""
        return {
            "on": bool(self.authority), "authority": self.authority, "grown": self.grown, "failures": self.failures,
            "reason": self.reason, "next_try": rfc3339(self.next_at) if self.next_at else None,
            "newest": self.newest.as_dict() if self.newest else None,
        }  # fmt: skip


@dataclass(frozen=True)
class MessageReport:
    """The outcome of proving again that every message exchanged with one partner stands in both logs."""

    partner: str
    received: int
    sent: int
    """Messages that the partner has accepted; those still on their way are not counted."""
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Alarm:
    """Something that a person must look at: a contradiction that honest software cannot produce."""

    id: str
    at: datetime
    kind: str
    partner: str
    detail: JsonObject


@dataclass(frozen=True)
class Spate:
    """Refusals of one peer's requests within a minute of `began`; `missed` of them came after its last log entry."""

    began: datetime
    count: int
    missed: int


@dataclass(frozen=True)
class Gap:
    """Messages of a conversation that its sender numbered and this node has not seen."""

    conversation: str
    sender: str
    missing: tuple[int, ...]


@dataclass(frozen=True)
class Allowance:
    """What one partner may ask of this node: beyond `per_second` it is put off, beyond `at_once` it waits."""

    per_second: int = 1000
    """Messages; twice as many receipts, and as many requests about the logs as messages."""
    at_once: int = 16


@dataclass(frozen=True)
class Pace:
    """How patiently delivery is tried; seconds. Tests shorten it."""

    first_retry: float = 5.0
    longest_retry: float = 3600.0
    connect: float = 5.0
    response: float = 30.0
    connection_age: float = 600.0
    poll: float = 2.0
    """How often a member asks its relay."""
