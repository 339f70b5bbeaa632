"""Signed notes (C2SP signed-note v1), log checkpoints (C2SP tlog-checkpoint v1) and their cosignatures.

Keys are Ed25519: of type 0x01 for a log's own signature, of type 0x04 for a witness that cosigns (C2SP
tlog-cosignature v1), whose signature covers the POSIX time at which it saw the checkpoint too.

Promise: a note is opened only when a known key's signature holds, and refused whole when a known key's does not;
unknown keys' lines are passed over, as the standard demands, which lets logs rotate keys and witnesses cosign.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.errors import BadInput, Tampered
from comity.kit.codec import b64
from comity.kit.crypto.signing import Signer, VerifyKey
from comity.kit.crypto.symmetric import sha256

MAX_NOTE: Final = 1_000_000
"""Characters of a note, signatures included."""
MAX_SIGNATURES: Final = 100
_ED25519: Final = b"\x01"
_COSIGNING: Final = b"\x04"
_TIME_BYTES: Final = 8
_DASH: Final = "\u2014"
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_NAME: Final = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
_LINE: Final = re.compile(rf"{_DASH} ({_NAME.pattern}) ([A-Za-z0-9+/]+={{0,2}})")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name under which it signs notes."""

    name: str
    key: VerifyKey
    cosigns: bool = False
    """Whether it is a witness's key (type 0x04), which signs a time together with the text."""

    @property
    def id(self) -> bytes:
        """The 4-byte key id: SHA-256(name, line feed, type, key) cut (signed-note, "Signatures")."""
        return sha256(self.name.encode() + b"\n" + self._typed)[:4]

    def format(self) -> str:
        """The key in one line: ``name+hex id+base64(type, key)``."""
        return f"{self.name}+{self.id.hex()}+{b64.encode(self._typed)}"

    def time_of(self, signature: bytes, text: str) -> int | None:
        """The POSIX seconds in a signature over a note's text, 0 for a key that signs none; None where it is false."""
        if not self.cosigns:
            return 0 if self.key.verify(signature, text.encode()) else None
        at = int.from_bytes(signature[:_TIME_BYTES], "big")
        return at if at < 2**63 and self.key.verify(signature[_TIME_BYTES:], _timed(text, at)) else None

    @property
    def _typed(self) -> bytes:
        return (_COSIGNING if self.cosigns else _ED25519) + self.key.raw

    @classmethod
    def parse(cls, text: str, *, cosigns: bool = False) -> "VerifierKey":
        """The key that `format` wrote, a witness's where it `cosigns`; BadInput for another type, id or form."""
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = b64.decode(encoded)
        if raw[:1] != (_COSIGNING if cosigns else _ED25519):
            raise _refused("verifier key", "its type is not the expected one of Ed25519")
        verifier = cls(_checked(name), VerifyKey.from_raw(raw[1:]), cosigns)
        if verifier.id.hex() != key_id:
            raise _refused("verifier key", "its id does not fit its name and key")
        return verifier


@dataclass(frozen=True)
class Note:
    """A verified note: its text, ending in a line feed, and who signed it."""

    text: str
    times: Mapping[str, int]
    """For each known key that signed it, by name, the POSIX seconds that it signed too; 0 for a plain signature."""

    @property
    def verified_names(self) -> tuple[str, ...]:
        """The names of the known keys that signed it."""
        return tuple(self.times)


def sign_note(text: str, name: str, key: Signer) -> str:
    """The note of `text` (ends in a line feed, holds no other control character) with one signature line by `name`."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise _refused("note text", "it must end in a line feed and hold no other control character")
    signer = VerifierKey(_checked(name), key.public)
    return f"{text}\n{_DASH} {name} {b64.encode(signer.id + key.sign(text.encode()))}\n"


def cosign(note: str, name: str, key: Signer, at: int) -> str:
    """The signature line, ending in a line feed, by which a witness called `name` says that it saw `note` at `at`.

    `note` must be verified and shown to extend what the witness saw before; `at` are POSIX seconds.
    """
    text, _ = _split(note)
    witness = VerifierKey(_checked(name), key.public, cosigns=True)
    signature = at.to_bytes(_TIME_BYTES, "big") + key.sign(_timed(text, at))
    return f"{_DASH} {name} {b64.encode(witness.id + signature)}\n"


def open_note(note: str, verifiers: Sequence[VerifierKey]) -> Note:
    """The text of `note`, verified.

    1. the note has the standard's form; 2. every signature by one of `verifiers` (same name and id) holds; 3. there is
    at least one. BadInput for 1; Tampered for 2 and 3. A key's second line is not looked at again.
    """
    text, lines = _split(note)
    known = {(verifier.name, verifier.id): verifier for verifier in verifiers}
    held: set[tuple[str, bytes]] = set()
    times: dict[str, int] = {}
    for name, blob in lines:
        who = (name, blob[:4])
        if who not in known or who in held:
            continue
        at = known[who].time_of(blob[4:], text)
        if at is None:
            raise Tampered("codec.note-signature", f"The signature of {name} does not hold over its note",
                           todo="Keep the note as evidence and ask its signer.")  # fmt: skip
        held.add(who)
        times[name] = at
    if not times:
        raise Tampered("codec.note-unsigned", "No known key signed this note",
                       todo="Check which keys are listed for its origin.")  # fmt: skip
    return Note(text, times)


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: `size` leaves under the 32-byte `root`. Extension lines are kept but mean nothing here."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The note text of tlog-checkpoint, to be signed."""
        return "\n".join([self.origin, str(self.size), b64.encode(self.root), *self.extensions]) + "\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The checkpoint in a note's text; BadInput when it does not read exactly as `text` would write it."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines) or _CONTROL.search(text):
            raise _refused("checkpoint", "three non-empty lines are needed")
        origin, size, root, *extensions = lines
        return cls(origin, parse_number(size, "checkpoint"), parse_hash(root, "checkpoint"), tuple(extensions))


def parse_number(text: str, kind: str) -> int:
    """A decimal below 2**63 without leading zeroes; BadInput, naming the `kind` of text it stood in."""
    if not _NUMBER.fullmatch(text) or int(text) >= 2**63:
        raise _refused(kind, "a number is not a plain decimal below 2**63")
    return int(text)


def parse_hash(text: str, kind: str) -> bytes:
    """A SHA-256 hash in base64; BadInput, naming the `kind` of text it stood in."""
    digest = b64.decode(text)
    if len(digest) != 32:
        raise _refused(kind, "a hash is not 32 bytes long")
    return digest


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text and each signature line's name and bytes; the last empty line divides them."""
    if len(note) > MAX_NOTE or _CONTROL.search(note):
        raise _refused("note", "it is too long or holds control characters")
    text, divided, block = note.rpartition("\n\n")
    lines = block.split("\n")
    if not divided or lines.pop() or not 0 < len(lines) <= MAX_SIGNATURES:
        raise _refused("note", "text, an empty line and signature lines are needed")
    return text + "\n", [_signature(line) for line in lines]


def _timed(text: str, at: int) -> bytes:
    """What a witness signs (tlog-cosignature, "Ed25519 signed message")."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _signature(line: str) -> tuple[str, bytes]:
    match = _LINE.fullmatch(line)
    blob = b64.decode(match[2]) if match else b""
    if not match or len(blob) <= 4:
        raise _refused("note", "a signature line is malformed")
    return match[1], blob


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise _refused("key name", "it is empty or holds a space, a plus or a control character")
    return name


def _refused(kind: str, reason: str) -> BadInput:
    return BadInput("codec.note", f"Not an acceptable {kind}: {reason}", todo="Ask its maker for a correct one.")
