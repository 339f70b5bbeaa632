"""Sealed archives: one spelling, readable by others, and every known trick refused."""

import io
import json
import os
import zipfile
import zlib
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.kit.codec import zips
from comity.kit.codec.parts import Part
from comity.kit.codec.zips import Limits, read_stored_parts, read_stored_zip, stored_zip, write_stored_zip

FILES = {"b.txt": b"second", "a/1.txt": b"first", "a/2.bin": b"", "\u00fc.txt": b"umlaut"}
GOOD = write_stored_zip(FILES)
PLAIN = write_stored_zip({"a": b"1", "b": b"2"})
NAME = st.text("ab./\u00fc\U0001f600", min_size=1, max_size=6)


def archive(
    *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED, comment: bytes = b""
) -> bytes:
    """What the standard library's writer makes of the entries, in the given order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        made.comment = comment
        for name, contents in entries:
            made.writestr(name, contents)
    return buffer.getvalue()


def entry(name: bytes, contents: bytes, offset: int) -> tuple[bytes, bytes]:
    """A local entry and its directory header, as the writer makes them, without its checks."""
    crc = zlib.crc32(contents)
    return zips._local(name, crc, len(contents)) + contents, zips._central(name, crc, len(contents), offset)


def assembled(*names: bytes) -> bytes:
    body = directory = b""
    for name in names:
        local, central = entry(name, b"x", len(body))
        body, directory = body + local, directory + central
    return body + directory + zips._end(len(names), len(directory), len(body))


@given(st.dictionaries(NAME, st.binary(max_size=20), max_size=5))
def test_what_was_written_reads_back(files: dict[str, bytes]) -> None:
    try:
        made = write_stored_zip(files)
    except BadInput:
        return
    assert read_stored_zip(made) == files
    assert write_stored_zip(dict(reversed(files.items()))) == made


def test_other_readers_agree() -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as theirs:
        assert theirs.testzip() is None
        assert {name: theirs.read(name) for name in theirs.namelist()} == FILES
        assert theirs.namelist() == sorted(FILES, key=str.encode)
        assert {info.date_time for info in theirs.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in theirs.infolist()} == {0o100644}


def test_an_empty_archive() -> None:
    assert read_stored_zip(write_stored_zip({})) == {}


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused_or_changes_a_content(position: int, change: int) -> None:
    changed = bytearray(GOOD)
    changed[position] ^= change
    with pytest.raises(BadInput):
        read_stored_zip(bytes(changed))


@given(st.integers(0, len(GOOD) - 1))
def test_a_cut_archive_is_refused(length: int) -> None:
    with pytest.raises(BadInput):
        read_stored_zip(GOOD[:length])


@pytest.mark.parametrize(
    "data",
    [
        b"", b"PK", b"hello", GOOD + b"\x00", b"\x00" + GOOD, GOOD + GOOD,
        archive(("a", b"x" * 100), method=zipfile.ZIP_DEFLATED),
        archive(("a", b"x"), comment=b"hidden"),
        archive(("a", b"x")),
        archive((zipfile.ZipInfo("a/"), b"")),
        assembled(b"b", b"a"), assembled(b"a", b"a"), assembled(b"../a"), assembled(b"/a"), assembled(b"a/../b"),
        assembled(b"a//b"), assembled(b"a/"), assembled(b"."), assembled(b"a\\b"), assembled(b"c:a"), assembled(b""),
        assembled(b"a\x00b"), assembled(b"a\nb"), assembled(b"\xff"), assembled(b"a", b"a/b"),
        assembled("a\u202eb".encode()),
    ],
    ids=map(str, count()),
)  # fmt: skip
def test_tricks_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match="Not a sealed archive"):
        read_stored_zip(data)


def test_a_directory_that_says_something_else_is_refused() -> None:
    local, _ = entry(b"a", b"x", 0)
    for central in (entry(b"b", b"x", 0)[1], entry(b"a", b"y", 0)[1], entry(b"a", b"x", 1)[1], b""):
        with pytest.raises(BadInput, match="directory"):
            read_stored_zip(local + central + zips._end(1, len(central), len(local)))
    hidden = local + entry(b"b", b"x", len(local))[0]
    central = entry(b"a", b"x", 0)[1]
    with pytest.raises(BadInput, match="directory"):
        read_stored_zip(hidden + central + zips._end(1, len(central), len(hidden)))


def test_limits() -> None:
    for limits in (Limits(entries=1), Limits(total=1), Limits(name=0)):
        with pytest.raises(BadInput, match="larger"):
            read_stored_zip(PLAIN, limits=limits)
    assert read_stored_zip(PLAIN, limits=Limits(entries=2, total=2, name=1)) == {"a": b"1", "b": b"2"}


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/..", "a\\b", "a\x00", "c:", "a/", "\ud800"])
def test_bad_names_are_not_written(name: str) -> None:
    with pytest.raises(BadInput, match="plain relative path"):
        write_stored_zip({name: b""})
    with pytest.raises(BadInput, match="both a file and a folder"):
        write_stored_zip({"a": b"", "a/b": b""})


@given(st.binary(max_size=120))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    for candidate in (data, b"PK\x03\x04" + data):
        with pytest.raises(BadInput):
            read_stored_zip(candidate)


def test_values_stay_what_they_were() -> None:
    manifest = json.dumps({"n": 1}).encode()
    assert read_stored_zip(write_stored_zip({"manifest.json": manifest}))["manifest.json"] == manifest


HOLE = bytes(1024 * 1024)


class Sparse:
    """Bytes with one large hole of zeros, of which none is kept."""

    def __init__(self, before: bytes, hole: int, behind: bytes) -> None:
        self.before, self.hole, self.behind = before, hole, behind
        self.part = Part(len(before) + hole + len(behind), self.read)

    def read(self, start: int, end: int) -> bytes:
        first, last = len(self.before), len(self.before) + self.hole
        zeros = max(0, min(end, last) - max(start, first))
        hole = HOLE if zeros == len(HOLE) else bytes(zeros)
        if zeros == end - start:
            return hole
        return self.before[start:end] + hole + self.behind[max(0, start - last) : max(0, end - last)]

    def write(self, path: Path) -> None:
        with path.open("wb") as file:
            file.write(self.before)
            file.seek(self.hole, os.SEEK_CUR)
            file.write(self.behind)


def test_what_needs_64_bits_has_them_and_other_readers_agree(tmp_path: Path) -> None:
    large = 1 << 32
    files: dict[str, bytes | Part] = {"a.img": Sparse(b"", large, b"").part, "b.txt": b"behind it"}
    pieces = list(stored_zip(files))
    made = Sparse(pieces[0], large, b"".join(piece for piece in pieces[1:] if piece is not HOLE))
    ours = read_stored_parts(made.part, limits=Limits(total=1 << 33))
    assert ours["a.img"].size == large and ours["b.txt"].whole() == b"behind it"
    with pytest.raises(BadInput):
        read_stored_parts(made.part, limits=Limits(total=1 << 32))
    made.write(tmp_path / "large.zip")
    with zipfile.ZipFile(tmp_path / "large.zip") as theirs:
        assert {info.filename: info.file_size for info in theirs.infolist()} == {"a.img": large, "b.txt": 9}
        assert theirs.read("b.txt") == b"behind it"


def test_many_entries_need_64_bits_too() -> None:
    files = {f"{number:05}": b"" for number in range(0x10000)}
    made = write_stored_zip(files)
    assert len(read_stored_zip(made, limits=Limits(entries=1 << 17))) == len(files)
    with zipfile.ZipFile(io.BytesIO(made)) as theirs:
        assert len(theirs.infolist()) == len(files)


def test_64_bits_where_32_are_enough_are_refused() -> None:
    """A second spelling: sizes in the extra field of an entry that is small."""
    name, contents = b"a", b"x"
    crc = zlib.crc32(contents)
    plain = zips._local(name, crc, 1)
    for size, extra in ((0xFFFFFFFF, zips._extra(1, 1)), (1, zips._extra(1, 1)), (1, zips._extra(1))):
        head = list(zips._LOCAL.unpack(plain[: zips._LOCAL.size]))
        head[1], head[7], head[8], head[10] = 45, size, size, len(extra)
        local = zips._LOCAL.pack(*head) + name + extra + contents
        directory = zips._central(name, crc, 1, 0)
        with pytest.raises(BadInput):
            read_stored_zip(local + directory + zips._end(1, len(directory), len(local)))
    whole = write_stored_zip({"a": contents})
    end = len(whole) - 22
    with_wide = whole[:end] + zips._end(0x10000, 0, 0)[:76] + whole[end:]
    with pytest.raises(BadInput):
        read_stored_zip(with_wide)
