"""Offline proofs that an entry is in a log: C2SP tlog-proof v1, text in and out; `log.rules` does the hashing.

Promise: one proof, one text. What `parse_proof` accepts, `format_proof` writes back byte for byte: at most 63 hashes of
32 bytes each, canonical base64, plain decimals.
"""

from dataclasses import dataclass
from typing import Final

from comity.base.errors import BadInput
from comity.kit.codec import b64
from comity.kit.codec.notes import MAX_NOTE, parse_hash, parse_number

MAX_HASHES: Final = 63
"""The height of a tree of 2**63 leaves."""
_HEADER: Final = "c2sp.org/tlog-proof@v1"
_MAX_EXTRA: Final = 65_536
_KIND: Final = "log proof"


@dataclass(frozen=True)
class Proof:
    """Entry `index` is in the tree of `checkpoint_note` by `hashes`, from the leaf's sibling up to the root's child.

    `extra` is opaque and authenticated by nothing.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: str
    extra: bytes | None = None


def format_proof(proof: Proof) -> str:
    """The text of `proof`; BadInput when it holds what `parse_proof` would refuse."""
    extra = [] if proof.extra is None else [f"extra {b64.encode(proof.extra)}"]
    lines = [_HEADER, *extra, f"index {proof.index}", *map(b64.encode, proof.hashes), "", proof.checkpoint_note]
    text = "\n".join(lines)
    if parse_proof(text) != proof:
        raise _refused("it cannot be written down unambiguously")
    return text


def parse_proof(text: str) -> Proof:
    """The proof in `text`; BadInput for anything else. The checkpoint note is returned verbatim, not opened."""
    if len(text) > MAX_NOTE + _MAX_EXTRA:
        raise _refused("it is too long")
    head, divided, note = text.partition("\n\n")
    lines = head.split("\n")
    if not divided or not note or lines.pop(0) != _HEADER:
        raise _refused("header, proof, an empty line and a checkpoint are needed")
    extra = _extra(lines.pop(0)) if lines and lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index "):
        raise _refused("the index is missing")
    index = parse_number(lines.pop(0).removeprefix("index "), _KIND)
    if len(lines) > MAX_HASHES:
        raise _refused(f"it holds more than {MAX_HASHES} hashes")
    return Proof(index, tuple(parse_hash(line, _KIND) for line in lines), note, extra)


def _extra(line: str) -> bytes:
    if len(line) > _MAX_EXTRA:
        raise _refused("its extra data are too long")
    return b64.decode(line.removeprefix("extra "))


def _refused(reason: str) -> BadInput:
    return BadInput("codec.tlog-proof", f"Not an acceptable log proof: {reason}",
                    todo="Ask its maker for a correct one.")  # fmt: skip
