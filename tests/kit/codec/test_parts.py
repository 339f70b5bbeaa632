"""Bytes that are read where they lie."""

import hashlib
import io
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.kit.codec.parts import WHOLE, Part, PartFile, file_part, part_of


@given(st.binary(max_size=200), st.integers(0, 250), st.integers(0, 250))
def test_a_part_reads_as_a_slice_does(data: bytes, start: int, end: int) -> None:
    assert part_of(data).read(start, end) == data[start:end]
    low, high = sorted((min(start, len(data)), min(end, len(data))))
    inner = part_of(data).part(low, high)
    assert inner.whole() == data[low:high]
    assert b"".join(inner.pieces()) == data[low:high]
    assert (inner.sha256, inner.crc) == (hashlib.sha256(data[low:high]).hexdigest(), zlib.crc32(data[low:high]))
    assert inner.digest("sha512") == hashlib.sha512(data[low:high]).hexdigest()


def test_a_file_is_read_by_ranges_and_tells(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    told: list[int] = []
    part = file_part(tmp_path / "file", told.append)
    assert (part.size, part.read(2, 5), part.read(8, 99), told) == (10, b"234", b"89", [3, 2])
    reader = io.BufferedReader(PartFile(part))
    assert reader.seek(-3, io.SEEK_END) == 7
    assert (reader.read(), reader.seek(1), reader.read(2)) == (b"789", 1, b"12")


def test_nothing_large_is_read_at_once() -> None:
    with pytest.raises(BadInput):
        Part(WHOLE + 1, lambda start, end: bytes(end - start)).whole()
