"""A line between two nodes that misbehaves: it is cut, it garbles, or it never answers. It carries TLS as bytes."""

import contextlib
import socket
import threading
from collections.abc import Callable

Fate = Callable[[int, int, bytes], bytes | None]
"""(connection from 0, bytes carried before, piece) to what goes on instead; None cuts the connection."""


def honest(_connection: int, _before: int, piece: bytes) -> bytes:
    """Carries everything."""
    return piece


def cut_after(size: int, connections: int) -> Fate:
    """Cuts each of the first connections once it has carried that many bytes to the partner."""
    return lambda connection, before, piece: None if connection < connections and before + len(piece) > size else piece


def garble_after(size: int, connections: int) -> Fate:
    """Changes one byte of each of the first connections, after that many have passed to the partner."""

    def fate(connection: int, before: int, piece: bytes) -> bytes:
        at = size - before
        if connection >= connections or not 0 <= at < len(piece):
            return piece
        return piece[:at] + bytes([piece[at] ^ 1]) + piece[at + 1 :]

    return fate


class Line:
    """Listens at `port` of loopback and carries to `to`; with `silent` it takes connections and says nothing."""

    def __init__(self, port: int, to: int, fate: Fate = honest, *, silent: bool = False) -> None:
        self.connections = 0
        self._to, self._fate, self._silent = to, fate, silent
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Hang up everything."""
        for one in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self._open.append(near)
                number, self.connections = self.connections, self.connections + 1
                if not self._silent:
                    self._connect(near, number)

    def _connect(self, near: socket.socket, number: int) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._to))
        except OSError:
            near.close()
            return
        self._open.append(far)
        fate = self._fate
        threading.Thread(target=self._carry, args=(near, far, lambda b, p: fate(number, b, p)), daemon=True).start()
        threading.Thread(target=self._carry, args=(far, near, lambda _, piece: piece), daemon=True).start()

    @staticmethod
    def _carry(one: socket.socket, other: socket.socket, fate: Callable[[int, bytes], bytes | None]) -> None:
        before = 0
        with contextlib.suppress(OSError):
            while piece := one.recv(65_536):
                passed = fate(before, piece)
                if passed is None:
                    break
                other.sendall(passed)
                before += len(piece)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
