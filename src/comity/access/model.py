"""Nouns of access: a person, who is to become one, and an act with its proof."""

from dataclasses import dataclass, field
from datetime import date

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

    def as_dict(self) -> JsonObject:
        """The person as JSON for lists."""
        until = self.qualified_until.isoformat() if self.qualified_until else None
        return {
            "id": self.id, "unit": self.unit, "roles": [*sorted(self.roles)], "key_id": self.key_id,
            "qualified_until": until, "active": self.active,
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
