"""Forms with a file: fields first, then the bytes as they come, however the network cuts them."""

from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from comity.base.errors import BadInput
from comity.kit.web.multipart import PIECE, _Parts

KIND = 'multipart/form-data; boundary="--b"'


def part(name: str, value: bytes, more: str = "") -> bytes:
    return (
        b'----b\r\nContent-Disposition: form-data; name="'
        + name.encode()
        + f'"{more}\r\n\r\n'.encode()
        + value
        + b"\r\n"
    )


FILE = '; filename="a.bin"\r\nContent-Type: text/plain'
END = b"----b--\r\n"


def read(body: bytes, cuts: Sequence[int] = (), kind: str = KIND) -> tuple[dict[str, tuple[str, ...]], bytes, int]:
    """The fields, the file, and the most bytes that were given out at once."""
    edges = sorted({0, *(cut % (len(body) + 1) for cut in cuts), len(body)})
    pieces = [body[start:end] for start, end in pairwise(edges)]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": pieces.pop(0) if pieces else b"", "more_body": bool(pieces)}

    async def run() -> tuple[dict[str, tuple[str, ...]], bytes, int]:
        scope = {"type": "http", "headers": [(b"content-type", kind.encode())]}
        parts = _Parts(Request(scope, receive))
        fields = dict((await parts.fields()).fields)
        found = [piece async for piece in _all(parts)]
        return fields, b"".join(found), max(map(len, found), default=0)

    return anyio.run(run)


async def _all(parts: _Parts) -> AsyncIterator[bytes]:
    while piece := await parts.piece():
        yield piece


@given(
    st.binary(max_size=400), st.lists(st.integers(0, 2000), max_size=8), st.sampled_from([b"", b"\r\n----", b"----b"])
)
def test_whatever_the_bytes_and_wherever_they_are_cut(content: bytes, cuts: list[int], tail: bytes) -> None:
    content += tail
    if b"\r\n----b" in b"\r\n" + content + b"\r\n----b"[:-1]:
        return
    fields, file, _ = read(part("a", "é".encode()) + part("a", b"2") + part("file", content, FILE) + END, cuts)
    assert fields == {"a": ("é", "2")} and file == content


def test_a_large_file_is_never_held_whole() -> None:
    content = bytes(8 * PIECE)
    _, file, most = read(part("file", content, FILE) + END, range(0, len(content), 65_536))
    assert file == content and most <= 2 * PIECE


@pytest.mark.parametrize(
    "body",
    [
        b"", b"----b", b"----b--\r\n", b"x" + part("file", b"x", FILE) + END, part("a", b"x") + END,
        part("file", b"x", FILE), part("file", b"x", FILE) + part("a", b"x") + END, part("a", b"\xff") + END,
        part("a", bytes(300_000)) + part("file", b"x", FILE) + END, b"----b\r\n\r\nx\r\n" + END,
        b"----b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n" + END,
        b"----b\r\n" + b"A: b\r\n" * 2000 + b"\r\n\r\nx\r\n" + END, part("file", b"x", FILE)[:-2] + b"\r\n----bx",
    ],
)  # fmt: skip
def test_what_no_form_of_ours_sends_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput) as error:
        read(body)
    assert error.value.code == "web.form"


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=" + "b" * 71,
                                  "multipart/form-data; boundary=é"])  # fmt: skip
def test_another_kind_of_body_is_refused(kind: str) -> None:
    with pytest.raises(BadInput):
        read(part("file", b"x", FILE) + END, kind=kind)
