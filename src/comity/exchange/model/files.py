"""Files that follow a message in chunks, and how far they are."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from comity.base.clock import rfc3339
from comity.base.model import JsonObject


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
