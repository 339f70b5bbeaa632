"""Messages: what is said, sealed, received, receipted and delivered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from comity.base.model import Actor, JsonObject
from comity.exchange.model.files import FileManifest, Outgoing

Urgency = Literal["immediate", "urgent", "normal"]
"""How long delivery is tried: `rules.DEADLINES` names the span of each."""


ReceiptKind = Literal["ACCEPTED", "DELIVERED", "HANDLED", "REJECTED", "NON_DELIVERY", "HELD"]
"""What a signed receipt says. The first four are the recipient's words, NON_DELIVERY the sender's own; HELD is a
relay's, about a request that it keeps for the recipient, and says nothing of acceptance."""


DeliveryState = Literal["queued", "waiting", "held", "accepted", "delivered", "handled", "rejected", "non_delivery"]
"""`queued`: about to be tried. `waiting`: the partner is unavailable and is tried again until the deadline.
`held`: its relay keeps it; no word of the recipient yet.
`accepted`, `delivered`, `handled`: the recipient's receipts. `rejected`: the recipient refused it, with a code.
`non_delivery`: the deadline passed without a receipt. A late receipt still moves it on."""


def _no_attachments() -> Mapping[str, bytes]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Handling:
    """Four separate codes, each in its own scheme, never converted: Europol handling code, TLP, PAP, classification."""

    code: str = "H0"
    tlp: str = "AMBER"
    pap: str = "AMBER"
    classification: str = "UNCLASSIFIED"

    @classmethod
    def of(cls, facts: JsonObject) -> "Handling":
        """The codes among the facts of a decision; what is not given stays at the default."""
        given = facts.get("handling")
        codes = {k: v for k, v in given.items() if isinstance(v, str)} if isinstance(given, dict) else {}
        return cls(**{k: v for k, v in codes.items() if k in cls.__dataclass_fields__})

    @property
    def line(self) -> str:
        """The codes side by side, as a banner shows them."""
        return f"{self.code} · TLP:{self.tlp} · PAP:{self.pap} · {self.classification}"

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
class MessageReport:
    """The outcome of proving again that every message exchanged with one partner stands in both logs."""

    partner: str
    received: int
    sent: int
    """Messages that the partner has accepted; those still on their way are not counted."""
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """Messages of a conversation, from the `first` number to the `last`, that have not come from its sender (yet)."""

    conversation: str
    sender: str
    first: int
    last: int
