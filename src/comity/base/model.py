"""Who acts, and by what right an act can be attributed to them later."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, Protocol

Json = dict[str, "Json"] | list["Json"] | str | int | bool | None
"""A JSON value without floats: RFC 8785 fixes floats, but nothing that is signed here needs one."""

JsonObject = dict[str, Json]

MOST_NUMBER: Final = 2**53 - 1
"""The largest whole number that every reader of JSON keeps as it is (RFC 7493, 2.2)."""


@dataclass(frozen=True)
class Actor:
    """A person of this node, or the node itself (`person` empty) acting by rule."""

    node: str
    person: str
    unit: str
    roles: frozenset[str]

    @classmethod
    def system(cls, node: str) -> "Actor":
        """The node itself: automatic answers, deliveries, timers."""
        return cls(node=node, person="", unit="", roles=frozenset())


@dataclass(frozen=True)
class Assertion:
    """A person's proof of having done exactly one act: a signature over the act's hash."""

    kind: Literal["key", "session", "passkey", "token"]
    person: str
    key_id: str
    act_hash: str
    """Lower-case hex SHA-256 over the JCS form of the act."""
    at: str
    """RFC 3339, UTC."""
    signature: str
    """Base64 (standard alphabet) over the assertion's own bytes; which, `access.rules` says."""

    def as_dict(self) -> JsonObject:
        """The assertion as the JSON whose hash the log entry carries."""
        return {
            "kind": self.kind, "person": self.person, "key_id": self.key_id,
            "act_hash": self.act_hash, "at": self.at, "signature": self.signature,
        }  # fmt: skip


class Issuer(Protocol):
    """Makes assertions for one signed-in person.

    Three exist: an unsealed person key (command line, officer API), a session at a browser, whose key signs ordinary
    acts and whose passkey confirms the others, and an access token of a program. Guarantee: `assertion` never answers
    for another person than `actor.person`.
    """

    @property
    def actor(self) -> Actor: ...

    def moment(self, now: datetime) -> datetime:
        """When the act is done: `now`, or when it was shown to be confirmed."""

    def require(self, verb: str) -> None:
        """NotAllowed where this sign-in is not for that verb; only access tokens are for some alone."""

    def assertion(self, act: JsonObject, act_hash: str) -> Assertion:
        """The proof of this act, whose hash that is; Unconfirmed where the person must first confirm it."""


@dataclass(frozen=True)
class DataKey:
    """A 32-byte AES-256-GCM key with the name under which its wrapped form is kept."""

    id: str
    secret: bytes = field(repr=False)
