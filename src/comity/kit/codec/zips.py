"""ZIP archives with exactly one spelling (PKWARE APPNOTE 6.3.10): what is sealed must have one reading.

Every entry is stored uncompressed, named in UTF-8, sorted by name, dated 1980-01-01, mode 0644, without comments, and
without extra fields but those of the 64-bit form, which is used for exactly the numbers that need it. `read_stored_zip`
rebuilds every header and compares, so no byte can hide between, before or after entries and no two programs can read
different contents from one archive.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.errors import BadInput
from comity.kit.codec.parts import Part, part_of

_LOCAL: Final = struct.Struct("<IHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<IHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<IHHHHIIH")
_WIDE_END: Final = struct.Struct("<IQHHIIQQQQ")
_LOCATOR: Final = struct.Struct("<IIQI")
_EXTRA: Final = struct.Struct("<HH")
_LOCAL_MAGIC: Final = 0x04034B50
_CENTRAL_MAGIC: Final = 0x02014B50
_END_MAGIC: Final = 0x06054B50
_WIDE_END_MAGIC: Final = 0x06064B50
_LOCATOR_MAGIC: Final = 0x07064B50
_WIDE: Final = 1
"""The extra field that holds 64-bit numbers (APPNOTE 4.5.3)."""
_VERSION: Final = 20
_WIDE_VERSION: Final = 45
_UNIX: Final = 3 << 8
"""Who made it, so that the mode below is read as one."""
_UTF8: Final = 0x0800
_DATE: Final = 1 << 5 | 1
_MODE: Final = 0o100644 << 16
_MAX_32: Final = 0xFFFF_FFFF
_MAX_ENTRIES: Final = 0xFFFF


@dataclass(frozen=True)
class Limits:
    """The most that a reader takes: entries, bytes of all of them together, bytes of one name."""

    entries: int = 10_000
    total: int = 1 << 30
    name: int = 512


def write_stored_zip(files: Mapping[str, bytes]) -> bytes:
    """The archive of `files` (name to contents): the same bytes for the same files, always. BadInput for a bad name."""
    return b"".join(stored_zip(files))


def stored_zip(files: Mapping[str, bytes | Part]) -> Iterator[bytes]:
    """The archive of `files` as `write_stored_zip` makes it, piece by piece; each content is read twice."""
    _check_names(list(files))
    directory, offset = bytearray(), 0
    for name, data in sorted(((name.encode(), part_of(data)) for name, data in files.items()), key=lambda one: one[0]):
        header = _local(name, data.crc, data.size)
        directory += _central(name, data.crc, data.size, offset)
        offset += len(header) + data.size
        yield header
        yield from data.pieces()
    yield bytes(directory + _end(len(files), len(directory), offset))


def read_stored_zip(data: bytes, *, limits: Limits = Limits()) -> dict[str, bytes]:
    """The files of an archive that `write_stored_zip` could have written, in order of name; BadInput for any other."""
    return {name: found.read(0, found.size) for name, found in read_stored_parts(part_of(data), limits=limits).items()}


def read_stored_parts(data: Part, *, limits: Limits = Limits()) -> dict[str, Part]:
    """As `read_stored_zip`, for an archive of any size: contents are checked, and stay where they are."""
    files: dict[str, Part] = {}
    directory = bytearray()
    offset = total = 0
    while data.read(offset, offset + 4) == _LOCAL_MAGIC.to_bytes(4, "little"):
        name, contents, following = _read_entry(data, offset, limits)
        total += contents.size
        if len(files) >= limits.entries or total > limits.total:
            raise _refused("it is larger than allowed")
        text = _text(name)
        if files and text.encode() <= next(reversed(files)).encode():
            raise _refused("its entries are not sorted, or one occurs twice")
        files[text] = contents
        directory += _central(name, contents.crc, contents.size, offset)
        offset = following
    _check_names(list(files))
    expected = bytes(directory + _end(len(files), len(directory), offset))
    if data.size - offset != len(expected) or data.read(offset, data.size) != expected:
        raise _refused("its directory does not say exactly what its entries say")
    return files


def _read_entry(data: Part, offset: int, limits: Limits) -> tuple[bytes, Part, int]:
    """Name, contents and the offset behind the entry at `offset`, whose header must be ours to the byte."""
    start = offset + _LOCAL.size
    if start > data.size:
        raise _refused("it is cut off")
    size, name_size, extra = _LOCAL.unpack(data.read(offset, start))[8:11]
    body = start + name_size + extra
    if size == _MAX_32 and extra == _EXTRA.size + 16:
        size = int.from_bytes(data.read(body - 8, body), "little")
    end = body + size
    if name_size > limits.name or size > limits.total or end > data.size:
        raise _refused("an entry is larger than allowed, or cut off")
    name, contents = data.read(start, start + name_size), data.part(body, end)
    if extra > _EXTRA.size + 16 or data.read(offset, body) != _local(name, contents.crc, size):
        raise _refused("an entry is compressed, damaged, or carries more than a name and stored contents")
    return name, contents, end


def _local(name: bytes, crc: int, size: int) -> bytes:
    """A local file header (APPNOTE 4.3.7) with its name."""
    shown, extra = _narrow(size), _extra(*([size] * 2 if size >= _MAX_32 else []))
    head = (_LOCAL_MAGIC, _version(extra), _UTF8, 0, 0, _DATE, crc, shown, shown, len(name), len(extra))
    return _LOCAL.pack(*head) + name + extra


def _central(name: bytes, crc: int, size: int, offset: int) -> bytes:
    """A central directory header (APPNOTE 4.3.12) with its name."""
    extra = _extra(*([size] * 2 if size >= _MAX_32 else []), *([offset] if offset >= _MAX_32 else []))
    needs, shown = _version(extra), _narrow(size)
    return _CENTRAL.pack(_CENTRAL_MAGIC, _UNIX | needs, needs, _UTF8, 0, 0, _DATE, crc, shown, shown, len(name),
                         len(extra), 0, 0, 0, _MODE, _narrow(offset)) + name + extra  # fmt: skip


def _end(count: int, size: int, offset: int) -> bytes:
    """The end of central directory record (APPNOTE 4.3.16), behind its 64-bit form (4.3.14, 4.3.15) where needed."""
    shown = min(count, _MAX_ENTRIES)
    end = _END.pack(_END_MAGIC, 0, 0, shown, shown, _narrow(size), _narrow(offset), 0)
    if count < _MAX_ENTRIES and max(size, offset) < _MAX_32:
        return end
    rest = _WIDE_END.size - 12  # of the record, behind the field that says so
    by = (_UNIX | _WIDE_VERSION, _WIDE_VERSION)
    wide = _WIDE_END.pack(_WIDE_END_MAGIC, rest, *by, 0, 0, count, count, size, offset)
    return wide + _LOCATOR.pack(_LOCATOR_MAGIC, 0, offset + size, 1) + end


def _narrow(number: int) -> int:
    """A number in 32 bits; all ones where it stands in 64 elsewhere."""
    return min(number, _MAX_32)


def _extra(*numbers: int) -> bytes:
    """The extra field with these 64-bit numbers; nothing where there are none."""
    body = b"".join(number.to_bytes(8, "little") for number in numbers)
    return _EXTRA.pack(_WIDE, len(body)) + body if body else b""


def _version(extra: bytes) -> int:
    """The version of the format that an entry needs."""
    return _WIDE_VERSION if extra else _VERSION


def _text(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError as error:
        raise _refused("a name is not UTF-8") from error


def _check_names(names: list[str]) -> None:
    """BadInput unless every name is a plain relative path and none is another's folder."""
    folders = set()
    for name in names:
        parts = name.split("/")
        if not name.isprintable() or set("\\:") & set(name) or any(part in {"", ".", ".."} for part in parts):
            raise _refused(f"{name[:80]!r} is not a plain relative path")
        folders |= {"/".join(parts[:depth]) for depth in range(1, len(parts))}
    if folders & set(names):
        raise _refused("a name is both a file and a folder")


def _refused(reason: str) -> BadInput:
    return BadInput("codec.zip", f"Not a sealed archive: {reason}", todo="Ask its maker for an untouched copy.")
