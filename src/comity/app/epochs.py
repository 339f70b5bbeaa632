"""`comity log epoch`: the way out of a sealed node, and to another log key.

Wherever it is interrupted, the node is sealed and the same command takes it to its end:

1. The node is sealed, if it was not, and a mark says which epoch is about to begin.
2. One transaction begins it. From its commit on the log's name, and its key, are the new ones.
3. The key files follow; the seal and the mark are taken away.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from comity.app import headlock
from comity.app.homes import seal, sealed_because, unseal
from comity.app.operating import write_entry
from comity.app.wiring import Node
from comity.base.errors import Conflict, Misconfigured
from comity.base.model import Issuer, JsonObject
from comity.exchange import service as exchange
from comity.exchange.model import EpochWish, Hearing
from comity.log import service as log

MARK: Final = "EPOCH"
"""A file in the home with the number of the epoch that is about to begin, until it has."""
BEGINNING: Final = "another epoch of the log was about to begin: run `comity log epoch` again"

People = Callable[[], tuple[Issuer, Issuer]]
"""Signs the two people in: who runs the node, who agrees."""


def begin(node: Node, wish: EpochWish, people: People, out: Path | None = None) -> JsonObject:
    """Begin an epoch, or take one that was begun to its end; what was done.

    Conflict (``log.epoch-healthy``) where nothing is wrong and nothing is planned. Errors of `exchange.begin_epoch`
    leave everything as it was.
    """
    hearing = exchange.hear(node.station)
    resumed = _is_begun(node, hearing)
    if not resumed:
        _seal_where_lost(node, hearing)
        _require_cause(node, wish)
        _begin(node, wish, hearing, people())
    _finish(node)
    return {"resumed": resumed, "entry": _entry_file(node, out), **_standing(node, hearing)}


def _require_cause(node: Node, wish: EpochWish) -> None:
    if not (node.database.sealed or wish.planned or wish.new_key):
        raise Conflict(
            "log.epoch-healthy", "This node is not sealed, and everybody who answers holds what its log extends",
            todo="There is nothing to mend. For another log key: comity log epoch --new-key.",
        )  # fmt: skip


def _begin(node: Node, wish: EpochWish, hearing: Hearing, people: tuple[Issuer, Issuer]) -> None:
    """Steps 1 and 2."""
    database, file = node.database, node.settings.home / headlock.FILE
    whole = not _is_lost(node)
    lock = headlock.remembered(file, node.settings.code)
    with database.read("log.epoch") as unit:
        number = wish.number or exchange.next_number(unit, hearing, lock)
    signer = database.keys.next_log() if wish.new_key else None
    incident = exchange.Incident(number, wish.reason, whole, hearing, lock, signer)
    # A refused act is logged where the log may still grow as it is, and nowhere else.
    writing = node.desk.acting("log.epoch", people[0]) if whole else database.unit("log.epoch")
    with _unsealed(node, number), writing as unit:
        exchange.begin_epoch(unit, people, incident)


def _seal_where_lost(node: Node, hearing: Hearing) -> None:
    """A partner's finding seals a node that has yet to notice: it must sign nothing more under its present name."""
    for one in hearing.beyond:
        seal(node.settings.home, f"{one.witness} holds {one.size} entries that this log does not extend: {one.beyond}")
        node.database.sealed = True


def _is_lost(node: Node) -> bool:
    """Whether the node is sealed for another reason than that an epoch was about to begin."""
    home = node.settings.home
    put_back = headlock.contradiction(node.database, home / headlock.FILE)
    return node.database.sealed and (sealed_because(home) != BEGINNING or bool(put_back))


@contextmanager
def _unsealed(node: Node, number: int) -> Iterator[None]:
    """The database may write for this one act. On an error the marks are as they were before."""
    home, sealed = node.settings.home, node.database.sealed
    (home / MARK).write_text(f"{number}\n", encoding="ascii")
    seal(home, BEGINNING)
    node.database.sealed = False
    try:
        yield
    except BaseException:
        node.database.sealed = sealed
        if not sealed:
            unseal(home)
        (home / MARK).unlink(missing_ok=True)
        raise


def _is_begun(node: Node, hearing: Hearing) -> bool:
    """Whether the marked epoch has begun, and only step 3 is missing."""
    try:
        marked = int((node.settings.home / MARK).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return False
    with node.database.read("log.epoch") as unit:
        present, size = log.epochs(unit)[-1], log.head(unit).size
    alone = size == present.start + 1 or sealed_because(node.settings.home) == BEGINNING
    return marked == present.number and alone and not hearing.beyond


def _finish(node: Node) -> None:
    """Step 3."""
    home = node.settings.home
    with node.database.read("log.epoch") as unit:
        key = log.verifier(unit).key
    node.database.keys.settle_log(key)
    node.database.keys = node.database.keys.reloaded()
    unseal(home)
    node.database.sealed = False
    (home / MARK).unlink(missing_ok=True)


def _entry_file(node: Node, out: Path | None) -> str | None:
    """The file for the federation's office, which lists the new name and key; None for a node without one."""
    with suppress(Misconfigured):
        return str(write_entry(node, out))
    return None


def _standing(node: Node, hearing: Hearing) -> JsonObject:
    with node.database.read("log.epoch") as unit:
        present = log.epochs(unit)[-1]
        seen = max((one.size for one in hearing.beyond), default=0)
        return {
            "epoch": present.number, "origin": log.head(unit).origin, "key": present.key, "first_entry": present.start,
            "seen": seen, "lost": max(0, seen - present.start),
            "holdings": [
                {"witness": one.witness, "size": one.size, "epoch": one.epoch, "beyond": bool(one.beyond)}
                for one in hearing.holdings
            ],
            "silent": [code for code, _ in hearing.silent],
        }  # fmt: skip
