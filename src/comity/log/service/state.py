"""Where the log stands in this unit: its frontier and the note signed over it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from comity.base.errors import Conflict, Tampered
from comity.kit.codec.notes import Checkpoint, VerifierKey, sign_note
from comity.kit.crypto.signing import Signer
from comity.kit.database.unit import Unit
from comity.log import rules, store
from comity.log.model import Frontier, Head
from comity.log.rules import origin

_STATE: Final = "log.state"
_WRITTEN: Final = "log.written"


@dataclass(frozen=True)
class State:
    """The frontier, and the checkpoint over exactly that many entries."""

    frontier: Frontier
    note: str
    epoch: int = 1
    key: str | None = None
    """The epoch's key in C2SP form; None for the log key at hand, in the first epoch."""
    signer: Signer | None = field(default=None, repr=False)
    """What signs in the unit that began the epoch; None: the log key at hand."""


@dataclass(frozen=True)
class Fresh:
    """An entry that this unit has written: what proves it without reading it back."""

    data: bytes = field(repr=False)
    leaf: bytes
    key_id: str
    plain: Mapping[str, bytes] = field(repr=False)
    """What was sealed, by field: see `openings.Sealed`."""


@dataclass(frozen=True)
class Written:
    """The entries that this unit has written, and the frontier that it found."""

    before: Frontier = field(default_factory=Frontier)
    entries: tuple[Fresh, ...] = ()

    def at(self, index: int) -> Fresh | None:
        """The entry with this index, if this unit wrote it."""
        return self.entries[index - self.before.size] if self.before.size <= index < self.end else None

    @property
    def end(self) -> int:
        """The log's size after the last of them."""
        return self.before.size + len(self.entries)


def verifier(unit: Unit) -> VerifierKey:
    """The public key of this node's log in its present epoch, as partners list it."""
    now = state(unit)
    return VerifierKey.parse(now.key) if now.key else VerifierKey(origin(unit.node), unit.keys.log.public)


def head(unit: Unit) -> Head:
    """This log's size and root, without entries that still wait for their commit."""
    now = state(unit)
    return Head(origin(unit.node, now.epoch), now.frontier.size, rules.root(now.frontier))


def checkpoint(unit: Unit) -> str:
    """The signed note over `head`. In a write unit it is not to be published before the commit."""
    return state(unit).note


def state(unit: Unit) -> State:
    """The present state, read once a unit. Tampered when the stored head is not the one last signed."""
    known = unit.scratch.get(_STATE)
    if not isinstance(known, State):
        known = _load(unit)
        unit.scratch[_STATE] = known
    return known


def advance(unit: Unit, frontier: Frontier) -> State:
    """The state after appending: signs `frontier` and remembers it for this unit."""
    now = state(unit)
    known = replace(now, frontier=frontier, note=_sign(unit, frontier, now))
    unit.scratch[_STATE] = known
    return known


def turn(unit: Unit, epoch: int, key: str, signer: Signer) -> None:
    """From now on heads are signed in that epoch by `signer`, whose key is `key`; what is signed next says so."""
    unit.scratch[_STATE] = replace(state(unit), epoch=epoch, key=key, signer=signer)


def written(unit: Unit) -> Written:
    """What this unit has written so far."""
    known = unit.scratch.get(_WRITTEN)
    return known if isinstance(known, Written) else Written()


def remember(unit: Unit, before: Frontier, entries: tuple[Fresh, ...]) -> None:
    """These entries were appended to `before`."""
    earlier = written(unit)
    start = earlier.before if earlier.entries else before
    unit.scratch[_WRITTEN] = Written(start, earlier.entries + entries)


def forget(unit: Unit) -> None:
    """What this unit wrote is to be read back: some of it was changed."""
    unit.scratch.pop(_WRITTEN, None)


def unpack(size: int, packed: bytes) -> Frontier | None:
    """The frontier in a row of log_head; None when size and hashes do not belong together."""
    if size < 0 or len(packed) != 32 * size.bit_count():
        return None
    return Frontier(size, tuple(packed[at : at + 32] for at in range(0, len(packed), 32)))


def _load(unit: Unit) -> State:
    row = store.head(unit.connection)
    if row is None:
        return State(Frontier(), _sign(unit, Frontier(), State(Frontier(), "")))
    frontier = unpack(row.size, row.frontier)
    # Corruption or a partial restore must not be signed over; whether the note's signature holds, `verify` says.
    named = row.epoch == 1 or (row.key is not None and row.key.startswith(origin(unit.node, row.epoch) + "+"))
    text = "" if frontier is None else _text(unit, frontier, row.epoch)
    if frontier is None or row.note is None or not row.note.startswith(text + "\n") or not named:
        raise Tampered("log.head", "The log's head is not the one that was last signed", where="log_head",
                       todo="Run `comity log verify`, and restore the database from a backup.")  # fmt: skip
    return State(frontier, row.note, row.epoch, row.key)


def _sign(unit: Unit, frontier: Frontier, now: State) -> str:
    """The signed note; Conflict where the log key at hand is not that of the epoch, as in the moment of its change."""
    name, signer = origin(unit.node, now.epoch), now.signer or unit.keys.log
    if now.key and VerifierKey(name, signer.public).format() != now.key:
        raise Conflict("log.epoch-key", f"The log key of this process is not that of epoch {now.epoch}", where="log",
                       todo="Take the change of epoch to its end with `comity log epoch`; then start the node anew.",
                       )  # fmt: skip
    return sign_note(_text(unit, frontier, now.epoch), name, signer)


def _text(unit: Unit, frontier: Frontier, epoch: int) -> str:
    return Checkpoint(origin(unit.node, epoch), frontier.size, rules.root(frontier)).text()
