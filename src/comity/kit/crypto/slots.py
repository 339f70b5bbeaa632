"""A key file and its succession: the present key, the next one, announced before it is used, and the past one.

Every step leaves a state from which the next `load` goes on, wherever a machine stops: the past is a second name of the
present file until the next one has taken its place, in one rename.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from comity.base.errors import Conflict, Misconfigured
from comity.kit.crypto.durable import sync, write_new


@dataclass(frozen=True)
class Slot:
    """The files of one kind of key, such as ``signing``, in the key folder."""

    folder: Path
    kind: str

    @property
    def present(self) -> Path:
        """The key in use."""
        return self.folder / f"{self.kind}.pem"

    @property
    def next(self) -> Path:
        """The key that follows; no such file until `prepare`."""
        return self.folder / f"{self.kind}-next.pem"

    @property
    def past(self) -> Path:
        """The key that was in use before, while anything may still need it."""
        return self.folder / f"{self.kind}-past.pem"

    def require_drained(self) -> None:
        """Conflict while a past key is still needed."""
        if self.past.exists():
            raise Conflict("keys.draining", f"The {self.kind} key before the present one is still needed",
                           where=str(self.past), todo="Wait until the node has destroyed it.")  # fmt: skip

    def prepare(self, pem: bytes) -> None:
        """Keep the next key; one that is there already stays. Conflict while a past one is still needed."""
        self.require_drained()
        if not self.next.exists():
            write_new(self.next, pem)

    def switch(self) -> None:
        """The next key becomes the present one and that the past one. Conflict where there is no next one."""
        if not self.next.exists():
            raise Conflict("keys.no-next", f"There is no next {self.kind} key", where=str(self.next),
                           todo=f"Make one with `comity keys renew --key {self.kind}`.")  # fmt: skip
        if not self.past.exists():
            os.link(self.present, self.past)
            sync(self.folder)
        self.finish()

    def finish(self) -> None:
        """Take a switch to its end that was begun: both names of the old key are there, and the next one, too."""
        if self.next.exists() and self.past.exists() and self.past.samefile(self.present):
            os.utime(self.past)  # from now on the time for which it is still needed is counted
            with contextlib.suppress(FileNotFoundError):  # another process of this node was quicker
                self.next.replace(self.present)
            sync(self.folder)

    def destroy_past(self) -> None:
        """Overwrite and remove the past key; what only it opens stays shut for good."""
        destroy(self.past)


def destroy(path: Path) -> None:
    """Overwrite a key's file and remove it; nothing happens where there is none."""
    with contextlib.suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync(path.parent)


def read_key(path: Path) -> bytes:
    """A key's file; Misconfigured when it cannot be read, or other users of the machine may read it."""
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        raise Misconfigured("keys.missing", "A key file of the node cannot be read", where=str(path),
                            todo="Restore the key folder, or set the node up first.") from error  # fmt: skip
    if mode & 0o077:
        raise Misconfigured("keys.open", "A key file is open to other users of this machine", where=str(path),
                            todo=f"Run: chmod 600 {path}")  # fmt: skip
    return data
