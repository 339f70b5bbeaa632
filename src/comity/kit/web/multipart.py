"""A form with one large file, as a browser without scripts sends it (``multipart/form-data``, RFC 7578), as it comes.

1. The fields come first, bounded as other forms are; then the one file, which is given out piece by piece and never
held whole. 2. What ends before its last boundary was cut: nothing of it counts. 3. Nothing is believed about the file
but its bytes; the name that the browser tells is thrown away.
"""

from collections.abc import AsyncIterator, Iterator
from email.message import Message
from typing import Final

from anyio import from_thread
from starlette.requests import ClientDisconnect, Request

from comity.base.errors import BadInput
from comity.kit.web.forms import MOST_BYTES, MOST_FIELDS, Form

PIECE: Final = 256 * 1024
"""Bytes that are given out at once, or a little more."""
_KIND: Final = "multipart/form-data"
_HEAD: Final = 4096
_BOUNDARY: Final = 70
_LINE: Final = b"\r\n"


class Upload:
    """The form and the file of one request, for a handler in a worker thread; each is read once, in this order."""

    def __init__(self, request: Request) -> None:
        self._parts = _Parts(request)

    def fields(self) -> Form:
        """The fields before the file; BadInput ``web.form`` for what no form of these pages sends."""
        return from_thread.run(self._parts.fields)

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the file; BadInput where they end before the form does, or the browser leaves meanwhile."""
        while piece := from_thread.run(self._parts.piece):
            yield piece


class _Parts:
    """What `Upload` does, in the event loop: the body is searched for its boundary and forgotten as it is given out."""

    def __init__(self, request: Request) -> None:
        self._mark = _LINE + b"--" + _boundary(request)
        self._stream: AsyncIterator[bytes] = request.stream()
        self._held = bytearray(_LINE)  # so that the first boundary looks like every other
        self._over = False

    async def fields(self) -> Form:
        if await self._until(self._mark, len(_LINE)):
            raise _bad("The form cannot be read")
        found: dict[str, tuple[str, ...]] = {}
        size = 0
        while not await self._ends():
            name, is_file = _named(await self._until(_LINE + _LINE, _HEAD))
            if is_file:
                return Form(found)
            value = await self._until(self._mark, MOST_BYTES)
            size += len(value)
            if size > MOST_BYTES or len(found) >= MOST_FIELDS:
                raise _bad("The form is too large")
            found[name] = (*found.get(name, ()), _text(value))
        raise _bad("The form holds no file")

    async def piece(self) -> bytes:
        while not self._over:
            end = self._held.find(self._mark)
            if end >= 0:
                last = self._take(end, len(self._mark))
                self._over = True
                if not await self._ends():
                    raise _bad("The form holds more than one file, or fields behind it")
                return last
            safe = len(self._held) - len(self._mark)
            if safe >= PIECE:
                return self._take(safe, 0)
            await self._more()
        return b""

    async def _until(self, mark: bytes, most: int) -> bytes:
        """What stands before `mark`, which is passed over."""
        while (end := self._held.find(mark)) < 0:
            if len(self._held) > most + len(mark):
                raise _bad("The form is too large")
            await self._more()
        return self._take(end, len(mark))

    async def _ends(self) -> bool:
        """Whether the boundary that was just passed is the last one."""
        while len(self._held) < len(_LINE):
            await self._more()
        signs = self._take(len(_LINE), 0)
        if signs not in (_LINE, b"--"):
            raise _bad("The form cannot be read")
        return signs == b"--"

    def _take(self, count: int, behind: int) -> bytes:
        taken = bytes(self._held[:count])
        del self._held[: count + behind]
        return taken

    async def _more(self) -> None:
        try:
            piece = await anext(self._stream, b"")
        except ClientDisconnect:
            piece = b""
        if not piece:
            raise _bad("The form was cut off on its way")
        self._held += piece


def _boundary(request: Request) -> bytes:
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", "")
    boundary = kind.get_param("boundary")
    if kind.get_content_type() != _KIND or not isinstance(boundary, str) or not 0 < len(boundary) <= _BOUNDARY:
        raise _bad("This is not what a form with a file sends")
    if not boundary.isascii():
        raise _bad("This is not what a form with a file sends")
    return boundary.encode()


def _named(head: bytes) -> tuple[str, bool]:
    """The name of a part, and whether it is a file, by its head."""
    lines = _text(head).split("\r\n")
    said = next((line for line in lines if line.lower().startswith("content-disposition:")), "")
    told = Message()
    told["content-disposition"] = said.partition(":")[2].strip()
    name = told.get_param("name", header="content-disposition")
    if told.get_content_disposition() != "form-data" or not isinstance(name, str):
        raise _bad("The form cannot be read")
    return name, told.get_param("filename", header="content-disposition") is not None


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise _bad("The form cannot be read") from error


def _bad(what: str) -> BadInput:
    return BadInput("web.form", what, todo="Load the page again and fill it in anew; nothing was kept.")
