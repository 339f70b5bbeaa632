"""The nouns of agreements between agencies: versions as they are written down, who signed them, their chain."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from comity.base.model import JsonObject
from comity.legal.model.law import Instrument, Participation

AgreementKind = Literal["terms", "extension", "ending"]
"""What a version does: it sets the terms, moves the last day further, or ends the agreement."""


@dataclass(frozen=True)
class Terms:
    """What a person writes down: the title, the days, the table of rows and the full text."""

    title: str
    valid_from: date
    valid_until: date | None
    table: bytes
    """The YAML table in the schema ``comity-instrument/1``."""
    text: bytes
    """The full text, Markdown in UTF-8."""


@dataclass(frozen=True)
class Version:
    """One version of an agreement, whole: whoever signs its digest has signed text, table and days."""

    agreement: str
    """The same id at both parties."""
    number: int
    previous: str
    """Digest of the version before it; empty for the first."""
    kind: AgreementKind
    proposer: str
    """The state whose people wrote this version."""
    title: str
    parties: tuple[str, str]
    """The two states, sorted."""
    valid_from: date
    valid_until: date | None
    """The last day; None: without end."""
    reason: str
    """Why it ends; empty for other kinds."""
    table: str
    text: str
    digest: str = ""
    """Lower-case hex SHA-256 over the JCS form of everything above."""

    def partner(self, node: str) -> str:
        """The other party."""
        first, second = self.parties
        return second if node == first else first


@dataclass(frozen=True)
class Signature:
    """A person's act about one version, as the other party can check it: the act, its assertion, the person's key.

    That the person had these roles is the word of the person's node, which signs the letter that brings it.
    """

    node: str
    person: str
    roles: tuple[str, ...]
    key: bytes = field(repr=False)
    """Ed25519, 32 bytes."""
    act: JsonObject
    assertion: JsonObject

    @property
    def day(self) -> date:
        """The day of the act, in UTC."""
        return datetime.fromisoformat(str(self.act["at"])).date()


@dataclass(frozen=True)
class KeptVersion:
    """A version as this node keeps it."""

    version: Version
    instrument: Instrument
    """Its table, read."""
    signatures: tuple[Signature, ...] = ()
    """At most one of each party."""
    sent: bool = False
    """It has left this node in a letter, or has come in one."""

    def signed_by(self, node: str) -> Signature | None:
        """That party's signature, if it is held."""
        return next((signature for signature in self.signatures if signature.node == node), None)


@dataclass(frozen=True)
class Agreement:
    """An agreement as this node keeps it: the versions that count, oldest first, without those that were set aside."""

    id: str
    versions: tuple[KeptVersion, ...]

    @property
    def head(self) -> KeptVersion:
        """The newest version."""
        return self.versions[-1]


@dataclass(frozen=True)
class Letter:
    """What one party hands to the other: every version so far, and the sender's own signatures."""

    sender: str
    recipient: str
    versions: tuple[Version, ...]
    proposed: Signature
    """The sender's act of handing over the newest version."""
    signatures: tuple[tuple[str, Signature], ...]
    """Digest of a version and the sender's signature on it."""


@dataclass(frozen=True)
class Agreed:
    """A concluded agreement as law: the instrument with its days, and that both states are party."""

    instrument: Instrument
    participations: tuple[Participation, ...]
