"""Where the log stands in this unit: its frontier and the note signed over it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from comity.base.errors import Tampered
from comity.kit.codec.notes import Checkpoint, VerifierKey, sign_note
from comity.kit.database.unit import Unit
from comity.log import rules, store
from comity.log.model import Frontier, Head

_STATE: Final = "log.state"
_WRITTEN: Final = "log.written"


@dataclass(frozen=True)
class State:
    """The frontier, and the checkpoint over exactly that many entries."""

    frontier: Frontier
    note: str


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


def origin(node: str) -> str:
    """The name of a node's log: ``comity.invalid/XA/log``, which is also the name of its key (C2SP tlog-checkpoint)."""
    return f"comity.invalid/{node}/log"


def verifier(unit: Unit) -> VerifierKey:
    """The public key of this node's log, as partners list it."""
    return VerifierKey(origin(unit.node), unit.keys.log.public)


def head(unit: Unit) -> Head:
    """This log's size and root, without entries that still wait for their commit."""
    frontier = state(unit).frontier
    return Head(origin(unit.node), frontier.size, rules.root(frontier))


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
    known = State(frontier, _sign(unit, frontier))
    unit.scratch[_STATE] = known
    return known


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
        return State(Frontier(), _sign(unit, Frontier()))
    size, packed, note = row
    frontier = unpack(size, packed)
    # Corruption or a partial restore must not be signed over; whether the note's signature holds, `verify` says.
    if frontier is None or note is None or not note.startswith(_text(unit, frontier) + "\n"):
        raise Tampered("log.head", "The log's head is not the one that was last signed", where="log_head",
                       todo="Run `comity log verify`, and restore the database from a backup.")  # fmt: skip
    return State(frontier, note)


def _sign(unit: Unit, frontier: Frontier) -> str:
    return sign_note(_text(unit, frontier), origin(unit.node), unit.keys.log)


def _text(unit: Unit, frontier: Frontier) -> str:
    return Checkpoint(origin(unit.node), frontier.size, rules.root(frontier)).text()
