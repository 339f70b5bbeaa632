"""What travels between nodes, and the files kept about it: requests, releases (sender's) and parcels (receiver's).

Times are aware UTC here; documents that are signed carry them as RFC 3339 text.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from comity.base.clock import rfc3339
from comity.base.model import Json, JsonObject
from comity.evidence.model.package import Contents, Digest, EvidenceItem, Head

Standing = Literal["held", "offered", "given", "destroyed"]
"""Where an item stands for this node: `held` here; `offered` to a partner, still held here; `given`: custody moved to
the partner; `destroyed` with its case."""


@dataclass(frozen=True)
class Ask:
    """What an officer asks a partner for."""

    case: str
    to: str
    """The partner's code; empty: the partner of the query in `about`."""
    wanted: str
    """In words: which exhibit or report."""
    category: str = "exhibit"
    """The legal data category: ``exhibit`` or ``laboratory_report``."""
    about: str = ""
    """The query whose confirmed hit this follows; empty: none."""
    purpose: str = "criminal_investigation"
    instrument: str | None = None
    facts: JsonObject = field(default_factory=dict)
    id: str = ""
    """The request's id, a UUID that whoever asks has made, so that asking twice is one request; empty: a new one."""


@dataclass(frozen=True)
class EvidenceRequest:
    """A request for evidence, on either side. `case` is empty on the asked side until an item of a case is offered.

    `state`: open, refused (by the law or by a person, on either side: `reason` says which), answered.
    """

    id: str
    side: Literal["asking", "asked"]
    partner: str
    case: str
    about: str
    wanted: str
    category: str
    purpose: str
    conversation: str
    message: str
    state: str
    reason: JsonObject
    basis: JsonObject
    """This node's decision: instrument, article, measure, rules hash, decision id, and its facts."""
    at: datetime

    def as_dict(self) -> JsonObject:
        """The request as JSON for people who may see it; without the facts of the decision."""
        return {
            "request": self.id, "side": self.side, "partner": self.partner, "case": self.case, "about": self.about,
            "wanted": self.wanted, "category": self.category, "purpose": self.purpose, "state": self.state,
            "reason": self.reason, "instrument": self.basis.get("instrument"), "article": self.basis.get("article"),
            "decision": self.basis.get("decision"), "at": rfc3339(self.at),
        }  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """What the first of two persons proposes to release."""

    request: str
    items: tuple[str, ...]
    use: str = "information_only"
    expires: datetime | None = None
    """Until when the recipient may accept; None: the rules' lifetime of an offer."""
    id: str = ""
    """The release's id, a UUID that whoever offers has made, so that offering twice is one act; empty: a new one."""


@dataclass(frozen=True)
class Release:
    """The sender's file about one package. `state`: see `rules.RELEASE_STEPS`."""

    id: str
    request: str
    recipient: str
    case: str
    items: tuple[str, ...]
    use: str
    purpose: str
    expires: datetime
    state: str
    target: str
    """Hash of what both persons approve: request, recipient, items with their chains' heads, use, expiry."""
    proposal: JsonObject
    """The first person's part: {slot, unit, act_hash, auth_hash}."""
    package: Digest | None
    message: str
    conversation: str
    receipt: bytes = field(repr=False)
    """The receipt in its fullest form so far; empty: none yet."""
    at: datetime

    @property
    def custody_moved(self) -> bool:
        return self.state == "accepted"

    def as_dict(self) -> JsonObject:
        items: list[Json] = list(self.items)
        return {
            "release": self.id, "request": self.request, "recipient": self.recipient, "case": self.case, "items": items,
            "use": self.use, "purpose": self.purpose, "expires": rfc3339(self.expires), "state": self.state,
            "package": self.package.as_dict() if self.package else None, "custody_moved": self.custody_moved,
            "receipt": bool(self.receipt), "at": rfc3339(self.at),
        }  # fmt: skip


@dataclass(frozen=True)
class Parcel:
    """The receiver's file about one package. `state`: see `rules.PARCEL_STEPS`. Its id is the sender's release id."""

    id: str
    request: str
    sender: str
    case: str
    state: str
    package: Digest
    use: str
    problem: str
    """Why the package does not verify; empty: it does."""
    message: str
    conversation: str
    receipt: bytes = field(repr=False)
    at: datetime

    @property
    def custody_moved(self) -> bool:
        """Whether both sides have signed the transfer."""
        return self.state == "held"

    def as_dict(self) -> JsonObject:
        return {
            "release": self.id, "request": self.request, "sender": self.sender, "case": self.case, "state": self.state,
            "package": self.package.as_dict(), "use": self.use, "problem": self.problem,
            "custody_moved": self.custody_moved, "receipt": bool(self.receipt), "at": rfc3339(self.at),
        }  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """An item as this node keeps it."""

    item: EvidenceItem
    origin: str
    """The agency that took it in."""
    standing: Standing
    head: Head
    at: datetime

    def as_dict(self) -> JsonObject:
        return self.item.as_dict() | {
            "case": self.item.case, "origin": self.origin, "standing": self.standing, "custody": self.head.as_dict(),
            "empty": self.item.container.size == 0, "at": rfc3339(self.at),
        }  # fmt: skip


@dataclass(frozen=True)
class Exported:
    """A package and the fullest receipt about it (empty: none yet), as files for a verifier."""

    release: str
    package: Contents = field(repr=False)
    sha256: str
    """Of the package, in hex."""
    receipt: bytes = field(repr=False)
