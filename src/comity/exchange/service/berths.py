"""The files on their way to a node: a berth for each, and the dock that knows them all and finds them again after a
crash, in the database and on the disk.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Final
from weakref import WeakKeyDictionary

from comity.base.errors import NotFound
from comity.exchange.model import FileManifest
from comity.exchange.rules import CHUNK
from comity.exchange.service.envelope import open_at_rest
from comity.exchange.service.station import Station
from comity.exchange.store import files as store
from comity.exchange.store import inbox
from comity.kit.database.unit import Database
from comity.kit.vault.arriving import Arriving
from comity.kit.vault.pieces import Room

_ROOMS: Final = 4


class Berth:
    """One file on its way here."""

    def __init__(self, row: store.Row, file: FileManifest, arriving: Arriving) -> None:
        self.row = row
        self.file = file
        self.arriving = arriving
        self.looked = threading.Event()
        self.ending = threading.Lock()
        self.over = False
        self.noted = 0.0
        self.dated = row.since is not None

    def look(self) -> None:
        """Find out what is on the disk already; chunks wait for it."""
        self.arriving.look()
        self.looked.set()

    def have(self) -> bytes:
        """A byte for each chunk: 1 where it is there."""
        return bytes(self.arriving.has(*self.file.span(number)) for number in range(self.file.count))


class Dock:
    """The files on their way to one station."""

    def __init__(self) -> None:
        self._berths: dict[tuple[str, str, int], Berth] = {}
        self._chunks: dict[tuple[str, bytes], tuple[Berth, int]] = {}
        self._loading = threading.Lock()
        self._rooms: list[Room] = []

    @contextlib.contextmanager
    def room(self) -> Iterator[Room]:
        """Memory for a chunk; a few are kept for the next while files are on their way."""
        try:
            room = self._rooms.pop()
        except IndexError:
            room = Room(CHUNK)
        yield room
        if self._berths and len(self._rooms) < _ROOMS:
            self._rooms.append(room)

    def chunk(self, station: Station, sender: str, id: bytes) -> tuple[Berth, int]:
        """Whose chunk that is, and which one; NotFound when this partner has announced none of that id."""
        found = self._chunks.get((sender, id))
        if found is None:
            self._load(station, sender)
            found = self._chunks.get((sender, id))
        if found is None:
            raise NotFound("exchange.chunk-unknown", f"{sender} has announced no file with this chunk that is open",
                           todo="Ask which chunks of the file are missing.")  # fmt: skip
        return found

    def berth(self, station: Station, sender: str, message: str, n: int) -> Berth | None:
        """The open file number `n` of a message."""
        if (sender, message, n) not in self._berths:
            self._load(station, sender)
        return self._berths.get((sender, message, n))

    def leave(self, berth: Berth) -> None:
        """The file is whole, or not wanted any more."""
        sender = berth.row.sender
        with self._loading:
            if self._berths.pop((sender, berth.row.message, berth.row.n), None) is not None:
                for number in range(berth.file.count):
                    self._chunks.pop((sender, berth.file.id(number)), None)
                berth.over = True
            if not self._berths:
                self._rooms.clear()

    def _load(self, station: Station, sender: str) -> None:
        """Berths for what the database says is open."""
        with self._loading, station.database.read("exchange.dock") as unit:
            for row in store.open_arrivals(unit, sender):
                if (sender, row.message, row.n) in self._berths or station.vault is None:
                    continue
                message, key = inbox.find(unit, sender, row.message), station.data_key(unit, row.key_id)
                if message is None or key is None:
                    continue
                file = open_at_rest(unit.keys, message.payload, sender, row.message).files[row.n]
                berth = Berth(row, file, Arriving.begin(station.vault.arriving / row.place, file.size, key))
                threading.Thread(target=berth.look, name=f"look-{row.place}", daemon=True).start()
                self._berths[sender, row.message, row.n] = berth
                for number in range(file.count):
                    self._chunks.setdefault((sender, file.id(number)), (berth, number))


_docks: Final[WeakKeyDictionary[Database, Dock]] = WeakKeyDictionary()


def dock_of(station: Station) -> Dock:
    """The dock of a station's database; the same one as long as that is open."""
    return _docks.setdefault(station.database, Dock())
