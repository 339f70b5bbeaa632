"""Chunks as they come: checked against the manifest, sealed into their place, counted; at the last one the whole file
is hashed as it lies on the disk, kept in the vault, and its message goes on to its handler.

A chunk is taken only from the partner in whose accepted message it was announced. Nothing is kept in memory but which
pieces are there, and that is found again on the disk after a crash.
"""

from typing import Final

from comity.base.clock import monotonic
from comity.base.errors import NotFound, Tampered
from comity.base.ids import is_uuid
from comity.exchange.rules import refused
from comity.exchange.service.berths import Berth, dock_of
from comity.exchange.service.fetching import reject
from comity.exchange.service.filing import open_chunk
from comity.exchange.service.heads import not_frozen
from comity.exchange.service.peers import Reply, guarded, identify
from comity.exchange.service.station import PENDING, Station
from comity.exchange.store import files as store
from comity.exchange.store import inbox
from comity.exchange.wire.files import standing_body
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import TAG_BYTES, Bytes, sha256
from comity.kit.vault.pieces import Room

_NOTE_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 1.0
"""How long a partner's question waits for the first look at what is on the disk."""


# --- what partners ask --------------------------------------------------------------------------------------------


def put_chunk(station: Station, id: str, body: Bytes | None, certificate: bytes) -> Reply:
    """Take one chunk; `body` is None when it was longer than any chunk, and was not read. Never raises ComityError.

    1. The peer is a listed, unrevoked, unfrozen member. 2. It has announced this chunk, in a message of its own whose
    file is still open. 3. Length and SHA-256 are the chunk's. 4. It opens at its place. Taken again it changes nothing.
    """
    return guarded(station, b"" if body is None else body, certificate, lambda: _put(station, id, body, certificate))


def _put(station: Station, id: str, body: Bytes | None, certificate: bytes) -> Reply:
    with station.database.read("exchange.chunk") as unit:
        peer = not_frozen(unit, identify(unit, certificate)).code
    berth, number = dock_of(station).chunk(station, peer, _id(id))
    start, end = berth.file.span(number)
    if body is None or len(body) != end - start + TAG_BYTES:
        raise refused("chunk-length", f"the chunk has {end - start + TAG_BYTES} bytes, and other many came")
    if sha256(body).hex() != id:
        raise Tampered("exchange.chunk-hash", "The chunk has not the hash that its id says", todo="Send it again.")
    berth.looked.wait()
    _still_open(station, berth)
    if not berth.arriving.has(start, end):
        _take(station, berth, number, body)
    if berth.arriving.whole:
        _finish(station, berth)
    return Reply(canonical({"state": "done" if berth.over else "open"}), type="chunk")


def show_file(station: Station, message: str, n: str, certificate: bytes) -> Reply:
    """A partner asks which chunks of file `n` of its message are missing. What is said to be here survives a crash."""
    return guarded(station, b"", certificate, lambda: _show(station, message, n, certificate))


def _show(station: Station, message: str, n: str, certificate: bytes) -> Reply:
    number = int(n) if n.isascii() and n.isdigit() and len(n) < 4 else -1
    with station.database.read("exchange.file") as unit:
        peer = not_frozen(unit, identify(unit, certificate)).code
        row = inbox.find(unit, peer, message) if is_uuid(message) else None
        if row is None:
            raise NotFound("exchange.message", f"This node received no message {message[:36]} from {peer}",
                           todo="Send the message first.")  # fmt: skip
        known = [one for one in store.arrivals(unit, peer, message) if one.n == number]
    if not known:
        return _standing("preparing" if row.state == "accepted" else "ended")
    if known[0].state != "open":
        return _standing(known[0].state)
    return _show_open(station, dock_of(station).berth(station, peer, message, number))


def _show_open(station: Station, berth: Berth | None) -> Reply:
    if berth is None or not berth.looked.wait(_LOOK_SECONDS):
        return _standing("preparing")
    if berth.arriving.whole:
        _finish(station, berth)
        return _standing("done" if berth.over else "open", berth.have())
    have = berth.have()
    berth.arriving.sync()
    return _standing("open", have)


def _standing(state: str, have: bytes = b"") -> Reply:
    return Reply(standing_body(state, have), type="file")


def _id(text: str) -> bytes:
    """The id in a path; of anything that is none, an id that nobody announces."""
    return bytes.fromhex(text) if len(text) == 64 and set(text) <= set("0123456789abcdef") else b""


# --- a chunk, and the last one ------------------------------------------------------------------------------------


def _still_open(station: Station, berth: Berth) -> None:
    """NotFound when the file was given up meanwhile: withdrawn, or too late."""
    with station.database.read("exchange.chunk") as unit:
        rows = store.arrivals(unit, berth.row.sender, berth.row.message)
    if berth.over or all(row.n != berth.row.n or row.state != "open" for row in rows):
        dock_of(station).leave(berth)
        raise NotFound("exchange.chunk-unknown", "The file is not open any more", todo="Ask what became of it.")


def _take(station: Station, berth: Berth, number: int, body: Bytes) -> None:
    dock = dock_of(station)
    with dock.room() as room:
        size = _opened(station, berth, (number, body), room)
        berth.arriving.write(berth.file.span(number)[0], room, size)
    station.observe(f"chunk:kept:{number}")
    if monotonic() - berth.noted >= _NOTE_SECONDS:
        berth.noted = monotonic()
        _note(station, berth)


def _opened(station: Station, berth: Berth, chunk: tuple[int, Bytes], room: Room) -> int:
    try:
        return open_chunk(berth.file, *chunk, room)
    except Tampered as error:
        _refuse(station, berth, "exchange.chunk-seal")
        raise Tampered("exchange.chunk-seal", "The chunk does not open at its place in the file",
                       todo="Send the file with a new message.") from error  # fmt: skip


def _note(station: Station, berth: Berth) -> None:
    """How far it is, for the operator."""
    moved = sum(berth.have()) * berth.file.chunk
    with station.database.unit("exchange.chunk") as unit:
        change: dict[str, object] = {"moved": min(moved, berth.file.size)}
        if not berth.dated:
            change["since"] = unit.now
        store.set_arrival(unit, berth.row, change)
    berth.dated = True


def _finish(station: Station, berth: Berth) -> None:
    """Nothing is missing: hash it, keep it, and let the message go on when it was the last of its files."""
    with berth.ending:
        if berth.over or station.vault is None:
            return
        try:
            staged = berth.arriving.finish(berth.file.sha256)
        except Tampered as error:
            _refuse(station, berth, "exchange.file-hash")
            raise Tampered("exchange.file-hash", "The file has not the hash that its manifest says",
                           todo="Send the file with a new message.") from error  # fmt: skip
        row = berth.row
        with station.database.unit("exchange.file") as unit:
            fresh = not station.vault.holds(unit, staged.ref.id, staged.key)
            station.vault.keep(unit, staged)
            store.set_arrival(unit, row, {"state": "done", "moved": row.size, "fresh": fresh})
            if all(one.state == "done" for one in store.arrivals(unit, row.sender, row.message)):
                inbox.settle(unit, row.sender, row.message, "accepted")
                unit.signal(PENDING, row.sender)
        dock_of(station).leave(berth)
        berth.arriving.remove()
        berth.arriving.close()


def _refuse(station: Station, berth: Berth, code: str) -> None:
    """The manifest and the chunks do not belong together: no chunk can mend that."""
    with station.database.unit("exchange.file") as unit:
        row = inbox.find(unit, berth.row.sender, berth.row.message)
        if row is not None and row.state == "fetching":
            reject(station, unit, row, code)
    dock_of(station).leave(berth)
