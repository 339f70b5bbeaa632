"""A line between two nodes that misbehaves as a test says, while it runs. It carries TLS as bytes and reads nothing.

A *fate* decides about each piece that passes, in either direction: carried, changed, swallowed, held back, or the end
of the connection. Nothing of TLS can be replayed by a line, so a message comes twice, as in life, when its answer is
lost (`lose_answers`) and the sender sends again; and messages overtake each other when one direction is held (`Hold`).
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

HANDSHAKE: Final = 1_200
"""Bytes from the side that connects after which its TLS handshake is over, and a request has begun."""


class End(Enum):
    """How a connection ends: orderly, or reset."""

    FIN = "fin"
    RST = "rst"


@dataclass(frozen=True)
class Piece:
    """Bytes on their way; `forth` towards the node that listens. What passed before is counted by direction."""

    connection: int
    forth: bool
    sent: int
    returned: int
    data: bytes

    @property
    def before(self) -> int:
        """Bytes that went the same way before."""
        return self.sent if self.forth else self.returned


@dataclass(frozen=True)
class Last:
    """The last bytes that get through, and how the connection ends then."""

    data: bytes
    end: End


Fate = Callable[[Piece], bytes | Last]


def honest(piece: Piece) -> bytes:
    """Carries everything."""
    return piece.data


def swallow(_: Piece) -> bytes:
    """A black hole: connections are taken, and nobody ever answers."""
    return b""


def cut(at: int, connections: int, *, forth: bool = True, end: End = End.RST) -> Fate:
    """Carries exactly `at` bytes in one direction, then ends the connection; the next `connections` from now on."""
    left = _Turns(connections)

    def fate(piece: Piece) -> bytes | Last:
        if piece.forth is not forth or piece.before + len(piece.data) <= at or not left.has(piece.connection):
            return piece.data
        return Last(piece.data[: at - piece.before], end)

    return fate


def garble(at: int, connections: int, *, forth: bool = True) -> Fate:
    """Changes one byte in the next `connections`, after `at` bytes have passed in that direction."""
    left = _Turns(connections)

    def fate(piece: Piece) -> bytes:
        i = at - piece.before
        if piece.forth is not forth or not 0 <= i < len(piece.data) or not left.has(piece.connection):
            return piece.data
        return piece.data[:i] + bytes([piece.data[i] ^ 1]) + piece.data[i + 1 :]

    return fate


def lose_answers(connections: int) -> Fate:
    """Requests arrive, and the connection is reset in place of the answer; the next `connections` from now on."""
    left = _Turns(connections)

    def fate(piece: Piece) -> bytes | Last:
        lost = not piece.forth and piece.sent > HANDSHAKE and left.has(piece.connection)
        return Last(b"", End.RST) if lost else piece.data

    return fate


def trickle(size: int, seconds: float) -> Fate:
    """A slow line: a pause after every so many bytes."""
    rest = threading.Event()

    def fate(piece: Piece) -> bytes:
        rest.wait(seconds * (len(piece.data) // size))
        return piece.data

    return fate


class Hold:
    """Holds one direction back until `release`; what was held goes on then, in its order."""

    def __init__(self, *, forth: bool) -> None:
        self._forth = forth
        self._open = threading.Event()

    def __call__(self, piece: Piece) -> bytes:
        """The piece, later."""
        if piece.forth is self._forth and piece.sent > HANDSHAKE:
            self._open.wait()
        return piece.data

    def release(self) -> None:
        """Let everything go on."""
        self._open.set()


class _Turns:
    """Which connections are concerned: the first so many that ask."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: set[int] = set()
        self._turn = threading.Lock()

    def has(self, connection: int) -> bool:
        with self._turn:
            if len(self._seen) < self._most:
                self._seen.add(connection)
            return connection in self._seen


class Proxy:
    """Listens at `port` of loopback and carries to `to`; `fate` may be changed at any moment."""

    def __init__(self, port: int, to: int, fate: Fate = honest) -> None:
        self.fate = fate
        self.connections = 0
        self.spoilt = 0
        """How many pieces did not pass as they were."""
        self._to = to
        self._open: set[socket.socket] = set()
        self._turn = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def becomes(self, fate: Fate) -> None:
        """From now on the line is like that; what is connected is reset."""
        self.fate = fate
        self.hang_up()

    def hang_up(self) -> None:
        """Reset all connections."""
        with self._turn:
            ends = list(self._open)
        for one in ends:
            _end(one, End.RST)

    def close(self) -> None:
        """Hang up, for good."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.hang_up()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                number, self.connections = self.connections, self.connections + 1
                self._connect(near, number)

    def _connect(self, near: socket.socket, number: int) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._to))
        except OSError:
            near.close()
            return
        with self._turn:
            self._open |= {near, far}
        passed = [0, 0]
        for one, other, forth in ((near, far, True), (far, near, False)):
            carried = _Carried(one, other, forth, number, passed)
            threading.Thread(target=self._carry, args=(carried,), daemon=True).start()

    def _carry(self, way: "_Carried") -> None:
        end = End.FIN
        with contextlib.suppress(OSError):
            while data := way.one.recv(65_536):
                fate = self.fate(Piece(way.number, way.forth, way.passed[True], way.passed[False], data))
                way.passed[way.forth] += len(data)
                self.spoilt += fate != data
                if isinstance(fate, Last):
                    way.other.sendall(fate.data)
                    end = fate.end
                    break
                way.other.sendall(fate)
        for one in (way.one, way.other):
            _end(one, end)
            with self._turn:
                self._open.discard(one)


@dataclass(frozen=True)
class _Carried:
    """One direction of one connection; both share what has passed: bytes back, bytes forth."""

    one: socket.socket
    other: socket.socket
    forth: bool
    number: int
    passed: list[int]


def _end(one: socket.socket, how: End) -> None:
    """End a connection, whose reading thread is woken; Linux resets one that is closed and may not linger."""
    with contextlib.suppress(OSError):
        if how is End.RST:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RD if how is End.RST else socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        one.close()
