"""Nouns of access: a person, who is to become one, and an act with its proof."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from comity.base.clock import rfc3339
from comity.base.model import Actor, Assertion, JsonObject


@dataclass(frozen=True)
class Person:
    """Someone who may act on this node. Persons are named by role and number, such as ``officer-1``."""

    id: str
    unit: str
    """The organisational unit; four eyes are never two of one unit."""
    roles: frozenset[str]
    key_id: str
    """Lower-case hex SHA-256 of the raw public key."""
    public_key: bytes = field(repr=False)
    """Ed25519, 32 bytes (RFC 8032)."""
    qualified_until: date | None
    """Last day on which an examiner may confirm hits; None: not qualified."""
    active: bool
    system: bool = False
    """A program of the agency: it acts by access tokens alone, and within their scopes."""

    def as_dict(self) -> JsonObject:
        """The person as JSON for lists."""
        until = self.qualified_until.isoformat() if self.qualified_until else None
        return {
            "id": self.id, "unit": self.unit, "roles": [*sorted(self.roles)], "key_id": self.key_id,
            "qualified_until": until, "active": self.active, "system": self.system,
        }  # fmt: skip


@dataclass(frozen=True)
class NewPerson:
    """A person to be added; the passphrase seals the key and is kept nowhere."""

    id: str
    unit: str
    roles: frozenset[str]
    passphrase: str = field(repr=False)
    qualified_until: date | None = None
    key_pem: bytes | None = field(default=None, repr=False)
    """An Ed25519 key that the person brings (PKCS #8 PEM); None: the node makes one."""
    system: bool = False
    """A program of the agency, to which a security administrator gives access tokens."""


@dataclass(frozen=True)
class Acted:
    """An act that a person has signed and the node has checked."""

    actor: Actor
    """The person with the roles they hold now."""
    assertion: Assertion
    act: JsonObject
    """What was done: ``{v, verb, node, person, at, subject}``."""
    act_hash: str
    """Lower-case hex SHA-256 of the act's JCS form (RFC 8785)."""
    auth_hash: str
    """Lower-case hex SHA-256 of the assertion's JCS form; what the log entry carries."""


@dataclass(frozen=True)
class Approval:
    """One person's part in a decision that needs several."""

    target_hash: str
    """Hash of what is being approved, the same for everyone who takes part."""
    slot: str
    """Which part: ``judge``, ``approver``, ..."""
    person: str
    key_id: str
    unit: str
    act_hash: str


@dataclass(frozen=True)
class Passkey:
    """A person's passkey: a key in an authenticator that shows itself to this node's site alone."""

    credential: str
    """The authenticator's id of it, base64url."""
    key_id: str
    """Lower-case hex SHA-256 of the public key's bytes."""
    person: str
    handle: bytes = field(repr=False)
    """Random; the authenticator keeps it beside the key."""
    public_key: bytes = field(repr=False)
    """COSE (RFC 9052)."""
    rp_id: str
    """The site's host name."""
    count: int
    """Signatures made, as the authenticator told last; 0 from those that do not count."""
    made_at: datetime
    ended_at: datetime | None


Purpose = Literal["first", "recovery", "visit"]
"""A first passkey; another one in the place of lost ones; on a training node, a session without any."""


@dataclass(frozen=True)
class Link:
    """A link for one person, for a day: it makes one passkey, or lets a visitor in as often as it is followed. Only the
    hash of its token is kept."""

    token_hash: str
    person: str
    purpose: Purpose
    made_at: datetime
    expires: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Ceremony:
    """A challenge that a browser was given, for two minutes and for one answer."""

    id: str
    kind: Literal["enter", "enrol", "confirm", "federated"]
    person: str
    act: JsonObject
    """What the answer will prove: the opening of a session, a new passkey, or the act that was shown."""
    nonce: bytes = field(repr=False)
    sealed: bytes | None = field(repr=False)
    """The private key of the session that is being opened, under the browser's token."""
    expires: datetime


@dataclass(frozen=True)
class Federated:
    """The agency's identity provider (OpenID Connect), as the node's settings name it."""

    issuer: str
    client: str
    claim: str
    """The claim whose value is the person's name on this node."""
    secret_file: str = ""
    acr: tuple[str, ...] = ()
    """One of these classes is demanded, where there are any."""
    amr: tuple[str, ...] = ()
    """All of these methods are demanded."""


@dataclass(frozen=True)
class Session:
    """A person at a browser. Its key signs ordinary acts; the passkey that opened it vouches for that key."""

    key_id: str
    """Lower-case hex SHA-256 of the raw public key."""
    token_hash: str
    person: str
    public_key: bytes = field(repr=False)
    """Ed25519, 32 bytes."""
    sealed: bytes | None = field(repr=False)
    opened_by: JsonObject
    """``{act, nonce, passkey, response}``; ``{act, nonce, claim, oidc: {issuer, id_token, key}}`` where an identity
    provider vouched for it; or ``{link}`` on a training node."""
    opened_at: datetime
    seen_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class TokenToIssue:
    """An access token that somebody asks for."""

    name: str
    """What it is for, in a word or two; told in lists and in the log."""
    scopes: frozenset[str]
    """Verbs, such as ``search.ask``, or groups of them, such as ``search.read``: see `access.rules.SCOPES`."""
    days: int
    holder: str = ""
    """The system that it is for; empty: the person who asks."""


@dataclass(frozen=True)
class AccessToken:
    """By which a program acts for a person or a system. Its key follows from its text, of which only a hash is kept."""

    id: str
    key_id: str
    """Lower-case hex SHA-256 of the raw public key."""
    token_hash: str
    person: str
    name: str
    public_key: bytes = field(repr=False)
    """Ed25519, 32 bytes."""
    scopes: tuple[str, ...]
    issued_by: JsonObject
    """``{act, auth_hash}``: what somebody signed with their own key or passkey, which names the token's key."""
    issued_at: datetime
    expires: datetime
    used_at: datetime | None
    """As of the last minute."""
    ended_at: datetime | None

    def as_dict(self) -> JsonObject:
        """The token as JSON for lists; nothing of it opens anything."""
        times = {name: getattr(self, name) for name in ("issued_at", "expires", "used_at", "ended_at")}
        told = {name: rfc3339(at) if at is not None else None for name, at in times.items()}
        return {"id": self.id, "person": self.person, "name": self.name, "scopes": [*self.scopes], **told}


@dataclass(frozen=True)
class Look:
    """A person's latest look at something, ``room:id``, and how it stood then."""

    thing: str
    mark: str
    at: datetime


@dataclass(frozen=True)
class SavedSearch:
    """A list with the filters and the order that a person chose: its address, under a name for that person alone."""

    id: str
    name: str
    address: str
    saved_at: datetime


@dataclass(frozen=True)
class NewShift:
    """A shift to be planned: for whom, from when until just before when."""

    person: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Shift:
    """A time for which a person answers for the unit's desk. It stays on record; one that was called off says so."""

    id: str
    unit: str
    person: str
    begins: datetime
    ends: datetime
    planned_by: str
    cancelled_by: str = ""

    def as_dict(self) -> JsonObject:
        """The shift as JSON."""
        return {
            "shift": self.id, "unit": self.unit, "person": self.person, "begins": rfc3339(self.begins),
            "ends": rfc3339(self.ends), "planned_by": self.planned_by, "cancelled_by": self.cancelled_by or None,
        }  # fmt: skip


@dataclass(frozen=True)
class HandOver:
    """What somebody who left the desk told whoever came next, and who took it over when."""

    id: str
    unit: str
    person: str
    at: datetime
    text: str = field(repr=False)
    taken_by: str = ""
    taken_at: datetime | None = None

    def as_dict(self) -> JsonObject:
        """The note as JSON."""
        return {
            "note": self.id, "unit": self.unit, "person": self.person, "at": rfc3339(self.at), "text": self.text,
            "taken_by": self.taken_by or None, "taken_at": rfc3339(self.taken_at) if self.taken_at else None,
        }  # fmt: skip
