"""The index on disk: one file for each segment, mapped into memory by every process of the node, and a list of them.

A file is a header (JSON: format, layout of packed profiles, the arrays with their places) and the arrays themselves,
each from a multiple of 64 bytes on. The list names each file's size and SHA-256, and the state of the database that it
was made from. Files are written under a name of their content and the list is replaced last, so whoever reads finds the
old or the new whole. A file that is cut short, altered or of another version is not used: the index is made anew.

Like the database beside it, the files hold alleles and no person; they are for the node's user alone (mode 0600).
"""

import contextlib
import fcntl
import json
import mmap
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from comity.dna.model import LAYOUT, WIDTH

if TYPE_CHECKING:
    from comity.dna.kernel.index.segment import Segment

FORMAT: Final = "comity-dna-index-4"
"""Raised with every change of how segments are laid out or searched."""
LIST: Final = "index.json"
_MAGIC: Final = b"comity-dna-segment-1\n\0\0\0"
_ALIGNED: Final = 64
_BEGUN: Final = ".begun-"
_CHUNK: Final = 1 << 24


class Unusable(Exception):
    """Why files on disk are not the index of this database."""


@dataclass(frozen=True)
class State:
    """Of which state of the database a snapshot holds the profiles: changes counted, the last row and its id."""

    changes: int
    last: int
    mark: str


class Snapshot(NamedTuple):
    """What was read: the segments, and the state that they hold."""

    segments: list["Segment"]
    state: State


def save(folder: Path, segments: Sequence["Segment"], state: State) -> None:
    """Write the segments that are not there yet, then the list; remove what no list names any more."""
    folder.mkdir(mode=0o700, exist_ok=True)
    files = [_written(folder, segment) for segment in segments]
    about = {"format": FORMAT, "layout": LAYOUT, "state": vars(state), "segments": files}
    with _begun(folder) as made:
        made.write(json.dumps(about).encode())
        _placed(made, folder / LIST)
    named = {file["name"] for file in files}
    for old in folder.glob("segment-*.bin"):
        if old.name not in named:
            old.unlink(missing_ok=True)
    _tidy(folder)


@contextlib.contextmanager
def _begun(folder: Path) -> Iterator["tempfile._TemporaryFileWrapper[bytes]"]:
    """A new file, locked as long as it is written to; gone where that fails, as on a full disk."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=_BEGUN, delete=False) as made:
        fcntl.flock(made, fcntl.LOCK_EX)
        try:
            yield made
        except BaseException:
            Path(made.name).unlink(missing_ok=True)
            raise


def _placed(made: "tempfile._TemporaryFileWrapper[bytes]", path: Path) -> None:
    """The whole file is on disk, and then has its name."""
    made.flush()
    os.fsync(made.fileno())
    Path(made.name).replace(path)


def _tidy(folder: Path) -> None:
    """Remove what a process that was killed had begun: nobody holds its lock any more."""
    for left in folder.glob(_BEGUN + "*"):
        with contextlib.suppress(OSError), left.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _written(folder: Path, segment: "Segment") -> dict[str, Any]:
    """Write one segment's file; its name, size and hash."""
    arrays, header = _described(segment)
    seen, size = sha256(), 0
    with _begun(folder) as made:
        for part in (header, *arrays):
            data = memoryview(part).cast("B")
            for piece in (data, bytes(-len(data) % _ALIGNED)):
                made.write(piece)
                seen.update(piece)
                size += len(piece)
        name = f"segment-{seen.hexdigest()[:32]}.bin"
        _placed(made, folder / name)
    return {"name": name, "bytes": size, "sha256": seen.hexdigest(), "profiles": len(segment)}


def _described(segment: "Segment") -> tuple[list[Any], bytes]:
    """The arrays of a segment, and the header that says where each begins behind it."""
    arrays, table, begin = [], [], 0
    for field in fields(segment):
        array = np.ascontiguousarray(getattr(segment, field.name))
        table.append({"name": field.name, "type": array.dtype.str, "shape": array.shape, "at": begin})
        begin += array.nbytes + -array.nbytes % _ALIGNED
        arrays.append(array.reshape(-1).view(np.uint8))
    text = json.dumps({"format": FORMAT, "layout": LAYOUT, "width": WIDTH, "arrays": table}).encode()
    return arrays, _MAGIC + len(text).to_bytes(8, "little") + text


def load(folder: Path) -> Snapshot:
    """The snapshot of a folder, mapped into memory; Unusable with the reason where there is none that may be used.

    Every byte is hashed first: a damaged list of rows would hide hits, and nobody would notice.
    """
    about = _listed(folder)
    from comity.dna.kernel.index.segment import Segment  # noqa: PLC0415  # the compiler, for large databases alone

    try:
        state = State(**about["state"])
        return Snapshot([Segment(**_mapped(folder, file)) for file in about["segments"]], state)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise Unusable(f"it cannot be read ({type(error).__name__})") from error


def _listed(folder: Path) -> Any:
    """The list, if it is of this version."""
    try:
        about = json.loads((folder / LIST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Unusable("there is none yet") from None
    except (OSError, ValueError):
        raise Unusable("its list cannot be read") from None
    if not isinstance(about, dict) or (about.get("format"), about.get("layout")) != (FORMAT, LAYOUT):
        raise Unusable("it was written by another version of Comity")
    return about


def _mapped(folder: Path, file: dict[str, Any]) -> dict[str, Any]:
    """The arrays of one file, by name. Pages are shared with every process that maps it, and never written back."""
    path = folder / Path(str(file["name"])).name
    with path.open("rb") as opened:
        if os.fstat(opened.fileno()).st_size != file["bytes"]:
            raise Unusable("a file of it was cut short")
        whole = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY)
    if _hashed(whole) != file["sha256"]:
        raise Unusable("a file of it was altered")
    begin = len(_MAGIC) + 8
    size = int.from_bytes(whole[len(_MAGIC) : begin], "little")
    header = json.loads(whole[begin : begin + size])
    if (whole[: len(_MAGIC)], header["format"], header["width"]) != (_MAGIC, FORMAT, WIDTH):
        raise Unusable("it was written by another version of Comity")
    start = begin + size + -(begin + size) % _ALIGNED
    return {array["name"]: _array(whole, start, array) for array in header["arrays"]}


def _array(whole: mmap.mmap, start: int, about: dict[str, Any]) -> Any:
    shape, kind = tuple(about["shape"]), np.dtype(about["type"])
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(whole, dtype=kind, count=count, offset=start + about["at"]).reshape(shape)


def _hashed(whole: mmap.mmap) -> str:
    seen, view = sha256(), memoryview(whole)
    for start in range(0, len(view), _CHUNK):
        seen.update(view[start : start + _CHUNK])
    return seen.hexdigest()


def told(folder: Path) -> dict[str, Any]:
    """What the list says, without reading the files; `problem` where there is no list of this version."""
    try:
        about = _listed(folder)
    except Unusable as error:
        return {"problem": str(error), "segments": []}
    return {"problem": None, "segments": about.get("segments", []), "state": about.get("state", {})}
