"""A node's home: an empty folder until it is made, empty again when the making fails; and the mark that seals it."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from comity.base.errors import BadInput, Conflict

SEALED_MARK: Final = "SEALED"
"""A file in the home that keeps the node read-only, with the reason: a database that went back in time must not go on
as if nothing had happened."""


def seal(home: Path, reason: str) -> None:
    """Leave the mark; the first reason stays."""
    with contextlib.suppress(FileExistsError), (home / SEALED_MARK).open("x", encoding="utf-8") as file:
        file.write(f"{reason}\n")


def sealed_because(home: Path) -> str:
    """Why the node is read-only; empty where it is not."""
    try:
        return (home / SEALED_MARK).read_text(encoding="utf-8", errors="replace").strip() or "no reason is given"
    except FileNotFoundError:
        return ""


def unseal(home: Path) -> None:
    """Take the mark away: for who knows that the log may go on."""
    (home / SEALED_MARK).unlink(missing_ok=True)


@contextlib.contextmanager
def new_home(home: Path) -> Iterator[None]:
    """`home` as an empty folder of its owner's alone (0700), to be filled; on any exception nothing stays in it.

    Conflict when it is used already, BadInput when it cannot be made.
    """
    try:
        made = not home.exists()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(home.iterdir()):
            raise Conflict("node.home-used", "The home is not empty", where=str(home),
                           todo="Choose an empty folder with --home.")  # fmt: skip
        home.chmod(0o700)
    except OSError as error:
        raise BadInput("node.home", f"The home cannot be made: {error.strerror}", where=str(home),
                       todo="Choose a folder that this user may write to with --home.") from error  # fmt: skip
    try:
        yield
    except BaseException:
        _empty(home, made)
        raise


def _empty(home: Path, made: bool) -> None:
    for path in home.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    if made:
        home.rmdir()
