"""Large files on the wire: their manifests in a message's payload, and what a node says of the chunks it has."""

from typing import Final

from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.exchange.model import FileManifest
from comity.exchange.rules import FILE_BYTES, MOST_FILES, manifest_problem
from comity.exchange.wire.fields import bad, binary, digest, listing, text, thing
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical, parse_object

STATES: Final = ("preparing", "open", "done", "ended")
"""Of a file at its recipient: not looked at yet; chunks are missing; whole, checked and kept; given up or refused."""
_P: Final = "payload"
_A: Final = "answer"
_KEY_BYTES: Final = 32


def manifest_dict(file: FileManifest) -> JsonObject:
    """The manifest as it stands in a payload."""
    return {
        "name": file.name, "size": file.size, "sha256": file.sha256, "chunk": file.chunk, "key": b64.encode(file.key),
        "ids": b64.encode(file.ids),
    }  # fmt: skip


def parse_manifests(value: Json) -> tuple[FileManifest, ...]:
    """The manifests of a payload; BadInput ``exchange.payload`` for what cannot be true of any file."""
    files = tuple(parse_manifest(thing(one, _P, "files")) for one in listing(value, _P, "files", MOST_FILES))
    if not files or len({file.name for file in files}) != len(files):
        raise bad(_P, "`files` is empty, or two files have the same name")
    return files


def parse_manifest(source: JsonObject) -> FileManifest:
    """One manifest, its numbers checked against each other."""
    made = FileManifest(
        name=text(source, "name", _P), size=_whole(source, "size", _P), sha256=digest(source, "sha256", _P),
        chunk=_whole(source, "chunk", _P), key=binary(source, "key", _P, _KEY_BYTES), ids=binary(source, "ids", _P),
    )  # fmt: skip
    problem = manifest_problem(made.name, made.size, made.chunk, made.ids)
    if problem or len(made.key) != _KEY_BYTES:
        raise bad(_P, problem or "a file's key has not 32 bytes")
    return made


def standing_body(state: str, have: bytes) -> bytes:
    """The answer to the question which chunks are missing; `have` has a byte for each chunk, 1 where it is there."""
    bits = bytearray(-(-len(have) // 8))
    for number, there in enumerate(have):
        bits[number // 8] |= there << (7 - number % 8)
    return canonical({"state": state, "have": b64.encode(bytes(bits))})


def parse_standing(body: bytes, count: int) -> tuple[str, list[int]]:
    """State, and the numbers of the missing chunks of a file of `count`; BadInput ``exchange.answer``."""
    try:
        source = parse_object(body, limit=1 << 20)
    except BadInput as error:
        raise bad(_A, error.what) from error
    state, bits = text(source, "state", _A), binary(source, "have", _A)
    if state not in STATES or len(bits) not in {0, -(-count // 8)}:
        raise bad(_A, "neither a state of a file nor a bit for each of its chunks")
    held = bits or bytes(-(-count // 8))
    return state, [number for number in range(count) if not held[number // 8] >> (7 - number % 8) & 1]


def _whole(source: JsonObject, name: str, where: str) -> int:
    value = source.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= FILE_BYTES:
        raise bad(where, f"`{name}` is no whole number up to {FILE_BYTES}")
    return value
