"""Large files that leave: read through once for the manifest, owed beside their message, released by its receipt.

Chunk `i` of `n` is sealed under a key of its own, HKDF(file key, "cx1-chunk i/n"), and bound to its number, the count
and the file's size: no chunk can be dropped, moved or cut without the rest refusing to open. Sealing again gives the
same bytes, so what is on its way exists nowhere but in the vault.
"""

import hashlib
from typing import Final

from comity.base.errors import BadInput
from comity.base.model import DataKey, JsonObject
from comity.exchange.model import FileManifest, Header, Message, Outgoing, Transfer
from comity.exchange.rules import CHUNK, CHUNK_BYTES, MOST_FILES, manifest_problem
from comity.exchange.store import files as store
from comity.exchange.wire.files import manifest_dict, parse_manifest
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.symmetric import (
    KEY_BYTES,
    TAG_BYTES,
    Bytes,
    decrypt,
    derive,
    encrypt,
    open_once,
    random_bytes,
    seal_once,
    sha256,
)
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import BlobRef, Vault
from comity.kit.vault.pieces import Pieces, Room

FILES: Final = "exchange.files"
"""Signals that a file may be pushed to a partner, whose code comes with it."""

_DATA_KEY: Final = "exchange-files"


def prepare(
    database: Database, vault: Vault, content: tuple[str, BlobRef], key: DataKey, chunk: int = CHUNK
) -> Outgoing:
    """The file `content` (its name for the recipient, and what it is in the vault) made ready for `Message.files`.

    Reads and seals all of it once, before any unit that writes is open. Tampered when the vault's copy is damaged.
    """
    with database.read("exchange.prepare") as unit:
        return prepare_in(unit, vault, content, key, chunk)


def prepare_in(unit: Unit, vault: Vault, content: tuple[str, BlobRef], key: DataKey, chunk: int = CHUNK) -> Outgoing:
    """As `prepare`, for a content that this unit has stored."""
    name, ref = content
    path = vault.place(unit, ref.id, key)
    pieces, secret, room = Pieces(path, ref.size, key), random_bytes(KEY_BYTES), ChunkRoom()
    count, digest, ids = max(1, -(-ref.size // chunk)), hashlib.sha256(), bytearray()
    made = FileManifest(name, ref.size, ref.id, chunk, secret, bytes(32 * count))
    try:
        for number in range(count):
            data = pieces.read(*made.span(number), room)
            digest.update(data)
            ids += sha256(seal_chunk(made, number, data, room))
    finally:
        pieces.close()
    problem = manifest_problem(name, ref.size, chunk, bytes(ids))
    if digest.hexdigest() != ref.id or problem:
        raise BadInput("exchange.file", f"The file cannot be sent: {problem or 'it is not what it was'}", where=name,
                       todo="Send it under a plain name; restore it from a backup if it is damaged.")  # fmt: skip
    return Outgoing(FileManifest(name, ref.size, ref.id, chunk, secret, bytes(ids)), key.id)


class ChunkRoom(Room):
    """Memory for one chunk: as it is, as the vault keeps it, and as it travels."""

    def __init__(self) -> None:
        super().__init__(CHUNK)
        self.wire = memoryview(bytearray(CHUNK_BYTES))


def seal_chunk(file: FileManifest, number: int, data: Bytes, room: ChunkRoom) -> memoryview:
    """Chunk `number` as it travels; it stays until `room` is used again."""
    out = room.wire[: len(data) + TAG_BYTES]
    seal_once(_chunk_key(file, number), data, _bound(file, number), out)
    return out


def open_chunk(file: FileManifest, number: int, sealed: Bytes, room: Room) -> int:
    """The length of chunk `number`, opened into `room.plain`; Tampered when it is none of this file at this place."""
    start, end = file.span(number)
    open_once(_chunk_key(file, number), sealed, _bound(file, number), room.plain[: end - start])
    return end - start


def _chunk_key(file: FileManifest, number: int) -> bytes:
    return derive(file.key, f"cx1-chunk {number}/{file.count}")


def _bound(file: FileManifest, number: int) -> bytes:
    return f"cx1-chunk {number}/{file.count} {file.size}".encode()


# --- owed beside a message ----------------------------------------------------------------------------------------


def check_files(message: Message) -> None:
    """BadInput for more files than a message takes, or two of one name."""
    names = {one.manifest.name for one in message.files}
    if len(message.files) > MOST_FILES or len(names) != len(message.files):
        raise BadInput("exchange.files", f"A message takes at most {MOST_FILES} files, each under its own name",
                       todo="Send the others with another message.")  # fmt: skip


def owe_files(unit: Unit, message: Message, header: Header) -> None:
    """Each file for each recipient, held back until that recipient's receipt; what the message supersedes stops."""
    if message.supersedes is not None:
        stop_files(unit, message.supersedes, "exchange.superseded")
    for n, one in enumerate(message.files):
        for code in message.to:
            store.add_push(unit, {
                "message": header.id, "recipient": code, "n": n, "size": one.manifest.size, "moved": 0,
                "sealed": _sealed(unit.keys, one, header.id, n), "state": "held", "failures": 0, "next_at": unit.now,
                "deadline": header.expires, "since": None, "reason": "",
            })  # fmt: skip


def has_files(envelope: bytes) -> bool:
    """Whether files follow this envelope of our own: its canonical header says so, and base64 has no quotes."""
    return b'"crit":["files"]' in envelope


def release_files(unit: Unit, message: str, recipient: str) -> None:
    """The recipient's receipt is here: the message's files may go to it."""
    if store.set_pushes(unit, message, recipient, ("held",), {"state": "open", "next_at": unit.now}):
        unit.signal(FILES, recipient)


def hurry_files(unit: Unit, recipient: str) -> None:
    """The partner is back: what waits for it is due now."""
    store.hurry(unit, recipient)
    unit.signal(FILES, recipient)


def stop_files(unit: Unit, message: str, reason: str) -> int:
    """Send no more of a message's files, to nobody: it was withdrawn, or has lapsed. How many were on their way."""
    return store.set_pushes(unit, message, None, store.MOVING, {"state": "ended", "reason": reason})


def opened_push(keys: KeyRing, row: store.Row) -> Outgoing:
    """The file of a row."""
    plain = decrypt(keys.data_key(_DATA_KEY).secret, row.sealed, _row(row.message, row.n))
    source = parse_object(plain)
    return Outgoing(parse_manifest(source), str(source.get("key_id")))


def _sealed(keys: KeyRing, one: Outgoing, message: str, n: int) -> bytes:
    inside: JsonObject = manifest_dict(one.manifest) | {"key_id": one.key_id}
    return encrypt(keys.data_key(_DATA_KEY).secret, canonical(inside), _row(message, n))


def _row(message: str, n: int) -> bytes:
    return f"exchange_push|sealed|{message}|{n}".encode()


def transfers(unit: Unit) -> list[Transfer]:
    """Every file on its way to a partner, then every one on its way from a partner."""
    out, into = store.moving(unit)
    return [
        *(Transfer(r.recipient, r.message, True, r.size, r.moved, r.state, r.reason, r.since, r.deadline) for r in out),
        *(Transfer(r.sender, r.message, False, r.size, r.moved, r.state, r.reason, r.since, r.deadline) for r in into),
    ]
