"""Bodies of bytes that are neither parsed nor kept: read into memory that is used again, a few at a time for a peer.

A peer that sends more at once than its share waits, and holds up nobody else.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import Request

_EACH: Final = 3
_KEPT: Final = 4


class Uploads:
    """Room for bodies of at most `most` bytes each."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._turns: dict[bytes, asyncio.Semaphore] = {}
        self._free: list[memoryview] = []

    @contextlib.asynccontextmanager
    async def body(self, request: Request, peer: bytes) -> AsyncIterator[memoryview | None]:
        """The request's body, until the context is left; None, with nothing of it read, when it declares no length or
        a longer one.

        A body that ends before its declared length is what came of it: whoever checks it finds it too short.
        """
        declared = request.headers.get("content-length", "")
        if not declared.isdigit() or len(declared) > 12 or int(declared) > self._most:
            yield None
            return
        async with self._turns.setdefault(peer, asyncio.Semaphore(_EACH)):
            room = self._free.pop() if self._free else memoryview(bytearray(self._most))
            try:
                yield await _read(request, room)
            finally:
                if len(self._free) < _KEPT:
                    self._free.append(room)


async def _read(request: Request, room: memoryview) -> memoryview:
    filled = 0
    async for piece in request.stream():
        room[filled : filled + len(piece)] = piece
        filled += len(piece)
    return room[:filled]
