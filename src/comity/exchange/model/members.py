"""Who is listed in the federation's directory, by whose word and how fresh that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

Versions = tuple[int, int]
"""The oldest and the newest version that a node speaks, and all between them."""


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
class Verified:
    """What a repository says, every signature checked. Entries are the members' own bytes, by code."""

    federation: str
    freshness: Freshness
    version: int
    issued: datetime
    expires: datetime
    root: str
    """SHA-256 (hex) of the newest root metadata."""
    entries: Mapping[str, bytes] = field(repr=False)
    revoked: frozenset[str] = frozenset()
    of: Mapping[str, str] = field(default_factory=dict)
    """The members of other federations, by code: the federation's name."""
