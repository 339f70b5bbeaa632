"""What goes wrong with a database, in the node's words; the same for both."""

from typing import Final

from comity.base.errors import Conflict, Misconfigured, Unavailable

LOCK_SECONDS: Final = 30
"""How long a writer waits for its turn before it answers `Unavailable`."""


def busy() -> Unavailable:
    """Another writer kept its turn for longer than `LOCK_SECONDS`."""
    return Unavailable(
        "node.busy", f"The database was kept busy by another writer for {LOCK_SECONDS} seconds",
        todo="Nothing was changed. Try again; if it stays, look for a stuck comity process.",
    )  # fmt: skip


def storage(what: str, where: str) -> Unavailable:
    """The disk is full, failing or out of reach."""
    return Unavailable(
        "node.storage", f"The database cannot be read or written: {what}", where=where,
        todo="Nothing was changed. Check free space, the disk and the folder's permissions, then try again.",
    )  # fmt: skip


def away(what: str) -> Unavailable:
    """The database server does not answer."""
    return Unavailable(
        "node.database-away", f"The database server does not answer: {what}",
        todo="Nothing was changed. Check that PostgreSQL runs and accepts this node, then try again.",
    )  # fmt: skip


def read_only(what: str) -> Conflict:
    """A write was tried where only reading is allowed."""
    return Conflict(
        "node.read-only", f"This node, or this part of it, may only read: {what}",
        todo="A node restored from a backup reads and proves, until `comity log epoch`; otherwise give "
        "the node's user the right to write the database.",
    )  # fmt: skip


def unmigrated(what: str) -> Misconfigured:
    """The tables are older than the program."""
    return Misconfigured(
        "node.schema", f"The database lacks a table that this version needs: {what}",
        todo="Run `comity upgrade` once with the node stopped.",
    )  # fmt: skip
