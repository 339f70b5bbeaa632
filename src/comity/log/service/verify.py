"""Recomputing everything: the tree from the stored bytes, every checkpoint, every opening.

Nothing stored is believed: an entry is what its bytes say, the tree is what the entries hash to, and the only fixed
points are the node's own signatures and the commitments under them. Each deviation names the row it was found in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from comity.base.errors import BadInput, NotAllowed, NotFound, Tampered
from comity.base.model import DataKey, Json
from comity.kit.codec.notes import VerifierKey
from comity.kit.database.unit import Unit
from comity.log import rules, store, wire
from comity.log.model import EPOCH, ERASURE, FIELDS, Entry, Epoch, Finding, Frontier, Head, Opening, Report, Subtree
from comity.log.service.check import check_checkpoint
from comity.log.service.openings import OWN_KEY, opening_of
from comity.log.service.state import unpack

KeyFinder = Callable[[Unit, str], DataKey | None]
"""Answers the data key with a name, or None where this node does not hold it."""

Told = Callable[[int], None]
"""Told how many more entries are done."""

_CHUNK: Final = 500


def count(unit: Unit) -> int:
    """How many entries are stored, whatever the head says."""
    return store.count(unit.connection)


def verify(unit: Unit, find_key: KeyFinder | None = None, told: Told | None = None) -> Report:
    """Recompute the whole log in this snapshot; a deviation is a finding, never an error.

    1. Entries are numbered without a gap; each row's bytes are an entry of this node, its columns and leaf hash agree.
    2. Every checkpoint is signed by this node's log key, over the root recomputed for its size; where the log has
    several epochs, by the key of the one that it lies in, which the entry that began the next one repeats.
    3. The stored subtrees and the head are those recomputed, and the head has a checkpoint.
    4. Every opening that is there opens and agrees with its commitment; every one that is gone is covered by an erasure
       entry. Openings under other keys than the node's own are checked if `find_key` is given, else counted `unread`.
    5. No row belongs to an entry beyond the log's end.
    6. Every row can be read: where a database file was changed so that a column holds another kind of value, the row is
       named and counts as missing in the steps before.
    """
    work = _Verification(unit, find_key, told, store.misstored_rows(unit.connection))
    work.name_unreadable()
    work.walk()
    work.compare_edges()
    return work.report()


@dataclass
class _Verification:
    """One run of `verify`; it lives no longer than the call."""

    unit: Unit
    find_key: KeyFinder | None
    told: Told | None
    bad: store.Misstored
    frontier: Frontier = field(default_factory=Frontier)
    nodes: dict[Subtree, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    """As stored; where they begin and which keys they have, their entries must say, too."""
    begun: list[int] = field(default_factory=list)
    """The indexes of entries that begin an epoch."""
    gone: list[tuple[int, str]] = field(default_factory=list)
    erasures: set[tuple[int, str]] = field(default_factory=set)
    keys: dict[str, DataKey | None] = field(default_factory=dict)
    checkpoints: int = 0
    opened: int = 0
    unread: int = 0
    expected: int = 0
    """The index that the next row should have."""
    signed: int = 0
    """Size of the last checkpoint seen."""

    def __post_init__(self) -> None:
        found = store.epochs(self.unit.connection, self.bad[store.epoch_table.name])
        own = VerifierKey(rules.origin(self.unit.node), self.unit.keys.log.public)
        self.epochs = found or [Epoch(1, 0, own.format())]

    def name_unreadable(self) -> None:
        """Step 6. The number of a subtree's row is the database's own; elsewhere it is the row's key."""
        named = {store.head_table.name: "log_head", store.node_table.name: "log_node row {}"}
        for table, rows in self.bad.items():
            for number, columns in rows.items():
                name = named.get(table, f"{table} {{}}").format(number)
                self._find(name, f"it cannot be read: {', '.join(columns)} holds another kind of value than it should")

    def walk(self) -> None:
        """All entries in order, with the checkpoints among them."""
        last = -1
        connection = self.unit.connection
        while rows := store.entries_with_openings(connection, last, _CHUNK, self.bad):
            notes = {row.size: row for row in store.checkpoints(connection, last + 1, rows[-1].seq + 1, self.bad)}
            for row in rows:
                self._entry(row, notes.get(row.seq + 1))
            last = rows[-1].seq
            if self.told:
                self.told(len(rows))

    def _entry(self, row: store.Row, note: store.Row | None) -> None:
        """Steps 1, 2 and 4 for one row."""
        if row.seq != self.expected:
            self._find(f"log_entry {self.expected}", f"this entry is missing; the next row is {row.seq}")
        self.expected = row.seq + 1
        growth = rules.append(self.frontier, [rules.leaf_hash(row.bytes)])
        self.frontier = growth.frontier
        self.nodes.update(growth.nodes)
        try:
            entry = wire.decode(row.seq, row.bytes, row.leaf_hash)
        except BadInput as error:
            self._find(f"log_entry {row.seq}", error.what)
            return
        for name in _differing(entry, row, self.unit.node):
            self._find(f"log_entry {row.seq}", f"{name} is not what the entry's bytes say")
        self._openings(entry, row)
        if note is not None:
            self._checkpoint(note, entry.at)

    def _checkpoint(self, row: store.Row, at: datetime) -> None:
        """Step 2; the note's time is that of its last entry, for they were committed together."""
        self.checkpoints += 1
        self.signed = row.size
        name = f"log_checkpoint {row.size}"
        try:
            within = next((one for one in reversed(self.epochs) if row.size > one.start), self.epochs[0])
            head = check_checkpoint(row.note, VerifierKey.parse(within.key))
        except (BadInput, Tampered) as error:
            self._find(name, error.what)
            return
        if (head.size, head.root) != (row.size, rules.root(self.frontier)):
            self._find(name, "what was signed is not the root of the stored entries")
        if row.at != at:
            self._find(name, "its time is not that of its last entry")

    def _openings(self, entry: Entry, row: store.Row) -> None:
        """Step 4 for one entry. A row that is missing altogether counts as four values gone."""
        for name in FIELDS:
            if row.opened is None or getattr(row, store.COLUMNS[name]) is None:
                self.gone.append((entry.index, name))
                continue
            try:
                opening = opening_of(self.unit, entry, row, name, self._key(row.key_id))
            except NotAllowed:
                self._without_key(entry.index, row.key_id)
            except (BadInput, NotFound, Tampered) as error:
                self._find(f"log_opening {entry.index}", f"{name}: {error.what}")
            else:
                self.opened += 1
                if entry.type == ERASURE and name == "subject":
                    self.erasures |= erased_by(opening)
                if entry.type == EPOCH and name == "payload":
                    self._epoch(entry.index, opening)

    def _epoch(self, index: int, opening: Opening) -> None:
        """Step 2: what began here is what is stored, and so is the key of the epoch before."""
        self.begun.append(index)
        said, before = _epochs_said(opening.value)
        place = next((at for at, one in enumerate(self.epochs) if at and one.start == index), 0)
        if not place or (said, before) != (self.epochs[place], self.epochs[place - 1].key):
            self._find(f"log_epoch {said.number}", f"it is not what entry {index} says of its epoch")

    def _key(self, key_id: str) -> DataKey | None:
        if key_id == OWN_KEY or self.find_key is None:
            return None
        if key_id not in self.keys:
            self.keys[key_id] = self.find_key(self.unit, key_id)
        return self.keys[key_id]

    def _without_key(self, index: int, key_id: str) -> None:
        if self.find_key is None:
            self.unread += 1
        else:
            self._find(f"log_opening {index}", f"sealed under the key {key_id}, which this node does not hold")

    def compare_edges(self) -> None:
        """Steps 3 and 5, and the second half of 4: what the walk could not see row by row."""
        size, connection = self.frontier.size, self.unit.connection
        row = None if self.bad[store.head_table.name] else store.head(connection)
        stored = unpack(row.size, row.frontier) if row else Frontier()
        if stored != self.frontier or (row is not None and row.epoch != self.epochs[-1].number):
            self._find("log_head", f"it does not describe the {size} stored entries")
        for one in self.epochs[1:]:
            if one.start not in self.begun:
                self._find(f"log_epoch {one.number}", f"no entry {one.start} began it")
        if self.epochs[0].number != 1 or self.epochs[0].start:
            self._find("log_epoch 1", "the first epoch is not that of the first entry")
        if self.signed != size:
            self._find(f"log_checkpoint {size}", "there is no checkpoint over the last entry")
        nodes = store.all_nodes(connection, self.bad)
        for part in sorted(nodes.keys() | self.nodes.keys()):
            if nodes.get(part) != self.nodes.get(part):
                self._find(f"log_node {part.level}/{part.index}", "it is not the hash of its entries")
        for index, name in self.gone:
            if (index, name) not in self.erasures:
                self._find(f"log_opening {index}", f"{name} is gone and no entry records its erasure")
        for name in store.stray_rows(connection, size):
            self._find(name, "it belongs to no entry")

    def report(self) -> Report:
        """What was found."""
        origin = rules.origin(self.unit.node, self.epochs[-1].number)
        head = Head(origin, self.frontier.size, rules.root(self.frontier))
        return Report(
            head=head, entries=self.frontier.size, checkpoints=self.checkpoints, opened=self.opened,
            erased=len(self.erasures & set(self.gone)), unread=self.unread, findings=tuple(self.findings),
        )  # fmt: skip

    def _find(self, row: str, what: str) -> None:
        self.findings.append(Finding(row, what))


def _differing(entry: Entry, row: store.Row, node: str) -> list[str]:
    """Columns (and the writer) that disagree with the entry's bytes."""
    pairs = {
        "id": (entry.id, row.id), "type": (entry.type, row.type), "at": (entry.at, row.at),
        "peer": (entry.peer, row.peer), "leaf_hash": (rules.leaf_hash(entry.data), row.leaf_hash),
        "node": (entry.node, node),
    }  # fmt: skip
    return [name for name, (said, stored) in pairs.items() if said != stored]


def _epochs_said(value: Json) -> tuple[Epoch, str]:
    """The epoch that an entry began, by its payload, and the key of the one before; of number 0 where it says none."""
    said = value if isinstance(value, dict) else {}
    told = said.get("before")
    before = told if isinstance(told, dict) else {}
    number, size = said.get("number"), before.get("size")
    if not isinstance(number, int) or not isinstance(size, int):
        return Epoch(0, 0, ""), ""
    return Epoch(number, size, str(said.get("key"))), str(before.get("key"))


def erased_by(opening: Opening) -> set[tuple[int, str]]:
    """Which openings an erasure entry's subject covers."""
    subject: Json = opening.value
    if not isinstance(subject, dict):
        return set()
    entries, fields = subject.get("entries", [subject.get("entry")]), subject.get("fields")
    if not isinstance(entries, list) or not isinstance(fields, list):
        return set()
    return {(index, str(name)) for index in entries if isinstance(index, int) for name in fields}
