"""Reading entries and proving them in O(log n) rows: the frontier, stored subtrees and at most 256 leaf hashes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from comity.base.errors import BadInput, NotFound, Tampered
from comity.base.model import MOST_NUMBER, DataKey
from comity.kit.codec.tlogproof import Proof, format_proof
from comity.kit.database.unit import Unit
from comity.log import rules, store, wire
from comity.log.model import FIELDS, Entry, Frontier, Inclusion, Opening, Stretch, Subtree
from comity.log.service.check import check_checkpoint
from comity.log.service.openings import OWN_KEY, opening_of, read_plain, sealed_under
from comity.log.service.state import Fresh, state, verifier, written

MOST_LEAVES: Final = 8192
_GROWN: Final = "log.grown"


Cosigned = Callable[[Unit, int], str | None]
"""A checkpoint of this log over an entry which others have cosigned; None where there is none."""


def no_cosigned(_unit: Unit, _entry: int) -> str | None:
    """Of a log that stands alone."""
    return None


@dataclass(frozen=True)
class Grown:
    """The subtrees that prove this unit's own entries, for a log of `size` entries."""

    size: int
    subtrees: Mapping[Subtree, bytes]


def entry(unit: Unit, index: int) -> Entry:
    """The committed entry `index`; NotFound beyond the log's end."""
    return stored_entry(stored_row(unit, index))


def entries(
    unit: Unit, after: int = -1, limit: int = 100, kind: str | None = None, upto: int = MOST_NUMBER
) -> list[Entry]:
    """Up to `limit` entries with an index above `after`, oldest first; only those of type `kind` if it is given, and
    then only up to the index `upto`: no index of the database tells of types, and a rare one is far away."""
    return [stored_entry(row) for row in store.entries(unit.connection, after, limit, kind, upto)]


def read_opening(unit: Unit, index: int, field: str, key: DataKey | None = None) -> Opening:
    """What opens `field` of entry `index`. `key` is the case's, for values sealed under one.

    Whoever lets a person read it logs the reading. NotFound when erased, NotAllowed without the right key, Tampered
    when the value is not the one committed to.
    """
    row = stored_row(unit, index)
    return opening_of(unit, stored_entry(row), row, _known(field), key)


def prove(unit: Unit, index: int, fields: Sequence[str] = ("payload",), key: DataKey | None = None) -> Inclusion:
    """Proof that entry `index` is in the log as last signed, with the openings of `fields`.

    For entries already written: ask in a unit after the commit (or in a hook behind the log's own). Errors as of
    `read_opening`.
    """
    fresh = written(unit).at(index)
    if fresh is not None:
        return _prove_fresh(unit, index, fresh, {name: _known_to(fresh, _known(name), key) for name in fields})
    row = stored_row(unit, index)
    found = stored_entry(row)
    proof = format_proof(inclusion(unit, index))
    opening = {name: opening_of(unit, found, row, _known(name), key) for name in fields}
    return Inclusion(index, found.data, proof, opening)


def proof_file(unit: Unit, named: str, cosigned: Cosigned = no_cosigned) -> str:
    """A C2SP tlog-proof of the committed entry with this index or id, whose `extra` line holds the entry's exact bytes.

    So the file proves itself to whoever has the log's key; against a checkpoint that others have cosigned, where
    `cosigned` has one. NotFound when there is no such entry.
    """
    found = entry(unit, find(unit, named))
    note = cosigned(unit, found.index)
    proof = inclusion(unit, found.index) if note is None else _inclusion_in(unit, found.index, note)
    return format_proof(replace(proof, extra=found.data))


def proof_in(unit: Unit, index: int, note: str) -> str:
    """A C2SP tlog-proof of entry `index` against `note`, a checkpoint that this log signed; its other lines stay.

    Tampered for the note of another log, NotFound where it does not hold the entry.
    """
    return format_proof(_inclusion_in(unit, index, note))


def _inclusion_in(unit: Unit, index: int, note: str) -> Proof:
    size = check_checkpoint(note, verifier(unit)).size
    if not 0 <= index < size:
        raise _unknown(index)
    return Proof(index, tuple(_proof(unit, state(unit).frontier, rules.inclusion_ranges(index, size))), note)


def find(unit: Unit, named: str) -> int:
    """The index of the entry with this index (in decimals) or id; NotFound when there is none."""
    number = int(named) if named.isascii() and named.isdecimal() and len(named) < 19 else None
    index = store.index_of(unit.connection, named) if number is None else number
    if index is None:
        raise _unknown(named[:40])
    stored_row(unit, index)
    return index


def inclusion(unit: Unit, index: int) -> Proof:
    """The proof of entry `index` against the last signed checkpoint."""
    now = state(unit)
    if index >= now.frontier.size:
        raise _unknown(index)
    hashes = _proof(unit, now.frontier, rules.inclusion_ranges(index, now.frontier.size))
    return Proof(index, tuple(hashes), now.note)


def _prove_fresh(unit: Unit, index: int, fresh: Fresh, opening: dict[str, Opening]) -> Inclusion:
    """The proof of an entry of this very unit: the frontier that the unit found and its own leaves suffice."""
    now, own = state(unit), written(unit)
    known = unit.scratch.get(_GROWN)
    if not isinstance(known, Grown) or known.size != own.end:
        known = Grown(own.end, rules.grown(own.before, [one.leaf for one in own.entries]))
        unit.scratch[_GROWN] = known
    hashes = rules.proof(rules.inclusion_ranges(index, now.frontier.size), known.subtrees)
    return Inclusion(index, fresh.data, format_proof(Proof(index, tuple(hashes), now.note)), opening)


def _known_to(fresh: Fresh, name: str, key: DataKey | None) -> Opening:
    """The opening, which whoever wrote the entry knows; under a case's key only for who holds that."""
    if fresh.key_id != OWN_KEY and (key is None or key.id != fresh.key_id):
        raise sealed_under(fresh.key_id, name)
    return read_plain(fresh.plain[name])


def consistency(unit: Unit, first: int, second: int) -> list[bytes]:
    """Hashes which show that the log of `second` entries extends the one of `first`; none from the empty log.

    BadInput unless 0 <= `first` <= `second` <= the log's size.
    """
    frontier = state(unit).frontier
    if not 0 <= first <= second <= frontier.size:
        raise BadInput("log.sizes", f"Sizes {first} and {second} are not within a log of {frontier.size}",
                       todo="Ask with 0 <= first <= second <= the size of the checkpoint.")  # fmt: skip
    return _proof(unit, frontier, rules.consistency_ranges(first, second)) if first else []


def stretch(unit: Unit, first: int, second: int) -> Stretch:
    """What leads from the tree of `first` entries to that of `second`, entry by entry: for whoever knows roots between.

    BadInput unless 0 < `first` <= `second` <= the log's size, at most `MOST_LEAVES` apart.
    """
    frontier = state(unit).frontier
    if not 0 < first <= second <= min(frontier.size, first + MOST_LEAVES):
        raise BadInput("log.stretch", f"{first} to {second} is no stretch of a log of {frontier.size} entries",
                       todo=f"Ask with 0 < first <= second, at most {MOST_LEAVES:,} apart.")  # fmt: skip
    peaks = _proof(unit, frontier, rules.peak_ranges(first))
    return Stretch(tuple(peaks), tuple(store.hashes(unit.connection, 0, first, second)))


def _proof(unit: Unit, frontier: Frontier, spans: Sequence[rules.Range]) -> list[bytes]:
    """The hashes of `spans`: peaks come from the frontier, the rest from stored rows."""
    known = rules.peaks_of(frontier)
    wanted = set(chain.from_iterable(map(rules.subtrees, spans))) - known.keys()
    known.update(_fetch(unit, wanted))
    return rules.proof(spans, known)


def _fetch(unit: Unit, wanted: Iterable[Subtree]) -> dict[Subtree, bytes]:
    """Hashes of complete subtrees; one query for each group that shares a stored subtree eight levels up."""
    groups: dict[tuple[int, int], list[tuple[Subtree, int, int]]] = defaultdict(list)
    for part in wanted:
        level, first, end = rules.sources(part)
        groups[level, first >> rules.STEP].append((part, first, end))
    found: dict[Subtree, bytes] = {}
    for (level, _), members in groups.items():
        low, high = min(first for _, first, _ in members), max(end for _, _, end in members)
        row = store.hashes(unit.connection, level, low, high)
        if len(row) != high - low:
            raise Tampered("log.rows-missing", "Rows of the log are missing", where=f"level {level}, {low} to {high}",
                           todo="Run `comity log verify`, and restore the database from a backup.")  # fmt: skip
        found |= {part: rules.complete(row[first - low : end - low]) for part, first, end in members}
    return found


def stored_row(unit: Unit, index: int) -> store.Row:
    """The row of an entry joined with its opening; NotFound beyond the log's end."""
    row = store.entry_with_opening(unit.connection, index)
    if row is None:
        raise _unknown(index)
    return row


def stored_entry(row: store.Row) -> Entry:
    """The entry in a row; Tampered when its bytes are none."""
    try:
        return wire.decode(row.seq, row.bytes, row.leaf_hash)
    except BadInput as error:
        raise Tampered("log.entry", "A stored entry is damaged", where=f"log_entry {row.seq}",
                       todo="Run `comity log verify`, and restore the database from a backup.") from error  # fmt: skip


def _known(field: str) -> str:
    if field not in FIELDS:
        raise BadInput("log.field-unknown", f"An entry has no field {field}",
                       todo=f"Ask for one of {', '.join(FIELDS)}.")  # fmt: skip
    return field


def _unknown(index: int | str) -> NotFound:
    return NotFound("log.entry-unknown", f"There is no entry {index} in this log",
                    todo="List entries with `comity log show`.")  # fmt: skip
