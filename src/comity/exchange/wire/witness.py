"""What is handed to a witness (C2SP tlog-witness, add-checkpoint): old size, proof, empty line, checkpoint."""

from typing import Final

from comity.base.errors import BadInput
from comity.exchange.model import Submission
from comity.exchange.wire.fields import bad
from comity.kit.codec import b64
from comity.kit.codec.notes import parse_hash, parse_number

MOST_HASHES: Final = 63
SUBMISSION_BYTES: Final = 65_536
SIZE_TYPE: Final = "text/x.tlog.size"
"""Media type of a size in decimal and a line feed, which a witness answers to a wrong old size."""
LINES_TYPE: Final = "text/plain; charset=utf-8"
_W: Final = "witness"


def submission_body(made: Submission) -> bytes:
    """The request's body."""
    lines = [f"old {made.old}", *map(b64.encode, made.hashes), "", made.note]
    return "\n".join(lines).encode()


def parse_submission(body: bytes) -> Submission:
    """What `submission_body` wrote; BadInput ``exchange.witness`` for anything else."""
    if len(body) > SUBMISSION_BYTES:
        raise bad(_W, "a checkpoint with its proof is short")
    try:
        head, divided, note = body.decode().partition("\n\n")
        first, *hashes = head.split("\n")
        if not divided or not first.startswith("old ") or len(hashes) > MOST_HASHES:
            raise bad(_W, f"`old SIZE`, at most {MOST_HASHES} hashes, an empty line and a checkpoint are needed")
        return Submission(parse_number(first[4:], _W), tuple(parse_hash(line, _W) for line in hashes), note)
    except UnicodeDecodeError as error:
        raise bad(_W, "it is no text") from error
    except BadInput as error:
        raise bad(_W, error.what) from error


def size_body(size: int) -> bytes:
    """A witness's answer to a wrong old size: the size that it cosigned last."""
    return f"{size}\n".encode()


def parse_size(body: bytes) -> int:
    """What `size_body` wrote; BadInput for anything else."""
    text = body[:32].decode("ascii", "replace")
    if not text.endswith("\n"):
        raise bad(_W, "a size and a line feed are expected")
    return parse_number(text[:-1], _W)
