"""The file of a witness that is no node: for each log that it watches, the head cosigned last; and contradictions.

An SQLite file of its own, with none of a node's tables. What is compared is kept in the same transaction, on the disk,
before anything is signed: a witness that forgets would sign two histories.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.base.errors import Misconfigured, Unavailable

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS log (
    origin TEXT PRIMARY KEY, key TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
    at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS contradiction (
    origin TEXT PRIMARY KEY, kept TEXT NOT NULL, shown TEXT NOT NULL, what TEXT NOT NULL, at INTEGER NOT NULL);
"""
_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Watched:
    """A log that the witness watches: its key, and what was cosigned last (size 0, `at` 0 for nothing yet)."""

    origin: str
    key: str
    size: int
    root: bytes
    note: str
    at: int
    """POSIX seconds."""
    contradicted: str
    """What it showed that cannot be; empty for an honest log."""


class Book:
    """The witness's file; each call has a connection of its own, so several threads may call."""

    def __init__(self, path: Path) -> None:
        """Misconfigured when `path` holds no such file."""
        self.path = path
        if not path.exists():
            raise Misconfigured("exchange.neutral-book", "The witness has no book here", where=str(path),
                                todo="Make a witness with `comity witness init`.")  # fmt: skip

    @classmethod
    def create(cls, path: Path) -> "Book":
        """A new file, empty."""
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.executescript(f"PRAGMA journal_mode = WAL; {_SCHEMA}")
        return cls(path)

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction with which nobody else's mixes; on the disk when the block has ended."""
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=_SECONDS, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise Unavailable("exchange.neutral-storage", f"The witness's book failed: {error}", where=str(self.path),
                              todo="See to the disk; nothing was signed.") from error  # fmt: skip

    def add(self, origin: str, key: str, root: bytes) -> bool:
        """Watch a log from its beginning; False when it is watched already."""
        values = (origin, key, 0, root, "", 0)
        with self.writing() as connection:
            done = connection.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", values)
            return done.rowcount == 1

    def logs(self) -> list[Watched]:
        """Every log, by origin."""
        with self.writing() as connection:
            rows = connection.execute(f"{_WATCHED} ORDER BY log.origin").fetchall()
        return [Watched(*row) for row in rows]


_WATCHED: Final = (
    "SELECT log.origin, log.key, log.size, log.root, log.note, log.at, coalesce(contradiction.what, '')"
    " FROM log LEFT JOIN contradiction ON contradiction.origin = log.origin"
)


def watched(connection: sqlite3.Connection, origin: str) -> Watched | None:
    """The log called `origin`."""
    row = connection.execute(f"{_WATCHED} WHERE log.origin = ?", (origin,)).fetchone()
    return Watched(*row) if row else None


def keep(connection: sqlite3.Connection, origin: str, head: tuple[int, bytes], note: str, at: int) -> None:
    """`head` (size and root), in its signed `note`, is the one cosigned last."""
    connection.execute(
        "UPDATE log SET size = ?, root = ?, note = ?, at = ? WHERE origin = ?", (*head, note, at, origin)
    )


def contradict(connection: sqlite3.Connection, log: Watched, shown: str, what: str, at: int) -> None:
    """Keep both signed notes of a log that contradicts itself: the first time, which is evidence for ever."""
    values = (log.origin, log.note, shown, what, at)
    connection.execute("INSERT INTO contradiction VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", values)
