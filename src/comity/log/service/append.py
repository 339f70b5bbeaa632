"""Appending: an entry waits in its unit and is written with one signed checkpoint just before the commit.

So the act, its entry and the checkpoint are one transaction; an act whose savepoint is rolled back takes its entries
with it; and the leaf hashes that are signed are those of the very bytes that go into the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict, NotFound, Tampered
from comity.base.ids import uuid7
from comity.base.model import Json
from comity.kit.database.unit import Unit
from comity.log import rules, store, wire
from comity.log.model import EPOCH, ERASURE, FIELDS, Record
from comity.log.service.openings import own_key, seal
from comity.log.service.state import Fresh, advance, forget, remember, state

_PENDING: Final = "log.pending"

HEAD: Final = "log.head"
"""Signals that the log has grown; with it come size, root (hex) and, from the second on, epoch, divided by spaces."""


@dataclass(frozen=True)
class Pending:
    """Two rows to be written before the commit, but for their index, and what opens the second; nobody changes them."""

    entry: dict[str, Any]
    opening: dict[str, Any]
    plain: Mapping[str, bytes] = field(repr=False)


def append(unit: Unit, record: Record) -> int:
    """Log one act; answers the entry's index, which holds once the unit commits.

    BadInput when the clear fields break `rules.check_record` or the entry would pass 65,535 bytes; Conflict in a read
    unit; Tampered when the stored head is not the one last signed.
    """
    rules.check_record(record)
    return enqueue(unit, prepare(unit, record))


def enqueue(unit: Unit, *prepared: Pending) -> int:
    """Have entries that were prepared in this unit written before its commit; the index of the last of them."""
    pending = (*_pending(unit), *prepared)
    index = state(unit).frontier.size + len(pending) - 1
    unit.before_commit("log", _flush)
    unit.scratch[_PENDING] = pending
    return index


def latest(unit: Unit, *kinds: str) -> int | None:
    """The index of the newest entry of one of these `LANDMARKS`, this unit's own too; None where there is none."""
    waiting = enumerate(_pending(unit), state(unit).frontier.size)
    own = [index for index, pending in waiting if pending.entry["type"] in kinds]
    return own[-1] if own else store.newest(unit.connection, kinds)


def erase(unit: Unit, index: int, fields: Sequence[str], record: Record) -> int:
    """Destroy the openings of `fields` of entry `index` and log it; answers the index of the new entry.

    `record` says who and why; its type and subject are set here. The tree stays whole: only what opens the
    commitments goes. Destroying the case's data key as well is up to the caller.
    """
    row = store.entry_with_opening(unit.connection, index)
    if row is None:
        raise NotFound("log.entry-unknown", f"There is no entry {index}", todo="List entries with `comity log show`.")
    if row.type in (ERASURE, EPOCH):
        raise Conflict("log.erasure-stays", "The record of an erasure, or of an epoch, cannot itself be erased",
                       where=f"log entry {index}", todo="Choose another entry.")  # fmt: skip
    if not fields or not set(fields) <= set(FIELDS):
        raise BadInput("log.field-unknown", f"An entry has the fields {', '.join(FIELDS)}", todo="Name some of them.")
    forget(unit)
    store.erase(unit.connection, index, [store.COLUMNS[name] for name in fields])
    subject: Json = {"entry": index, "id": row.id, "fields": [*sorted(set(fields))]}
    return append(unit, Record(
        type=ERASURE, actor=record.actor, subject=subject, payload=record.payload, legal_basis=record.legal_basis,
        policy_hash=record.policy_hash, retention=record.retention, auth_hash=record.auth_hash,
    ))  # fmt: skip


def erase_under(unit: Unit, key_id: str, record: Record) -> int:
    """Destroy every opening sealed under the key of that name and log it, as one erasure; the new entry's index.

    `record` as for `erase`; it is sealed under the node's own key, for the other is about to be destroyed. What this
    unit itself has yet to write under the key stays: log nothing more under it.
    """
    gone = store.openings_under(unit.connection, key_id)
    forget(unit)
    store.erase_under(unit.connection, key_id)
    subject: Json = {"key": key_id, "entries": list[Json](gone), "fields": [*sorted(FIELDS)]}
    return append(unit, replace(record, type=ERASURE, subject=subject, case=None, key=None))


def waits(unit: Unit) -> bool:
    """Whether entries of this unit wait to be written."""
    return bool(_pending(unit))


def _pending(unit: Unit) -> tuple[Pending, ...]:
    known = unit.scratch.get(_PENDING, ())
    return known if isinstance(known, tuple) else ()


def prepare(unit: Unit, record: Record) -> Pending:
    """Both rows of one entry, sealed and encoded, save its index and leaf hash."""
    entry_id, moment = uuid7(unit.now), _millis(unit.now)
    sealed = seal(record, record.key or own_key(unit), entry_id)
    data = wire.encode(record, id=entry_id, at=rfc3339(moment), node=unit.node, commits=sealed.commits)
    entry = {"id": entry_id, "type": record.type, "at": moment, "peer": record.peer, "bytes": data}
    return Pending(entry, dict(sealed.row), sealed.plain)


def _flush(unit: Unit) -> None:
    """Write every waiting entry with one checkpoint over all of them."""
    pending = _pending(unit)
    if not pending:
        return
    now = state(unit)
    before = now.frontier
    places = range(before.size, before.size + len(pending))
    entries = [
        {"seq": at, "leaf_hash": rules.leaf_hash(p.entry["bytes"]), **p.entry}
        for at, p in zip(places, pending, strict=True)
    ]
    growth = rules.append(before, [row["leaf_hash"] for row in entries])
    store.add(unit.connection, entries, [{"seq": at, **p.opening} for at, p in zip(places, pending, strict=True)])
    store.add_nodes(unit.connection, growth.nodes)
    if not store.move_head(unit.connection, before.size, growth.frontier, now.epoch):
        raise Tampered("log.head", "The log's head moved while this unit held the write lock", where="log_head",
                       todo="Stop whatever else writes to this database, then run `comity log verify`.")  # fmt: skip
    note = advance(unit, growth.frontier).note
    later = f" {now.epoch}" if now.epoch > 1 else ""
    unit.signal(HEAD, f"{growth.frontier.size} {rules.root(growth.frontier).hex()}{later}")
    store.add_checkpoint(unit.connection, {"size": growth.frontier.size, "note": note, "at": _millis(unit.now)})
    remember(unit, before, tuple(map(_fresh, entries, pending)))
    del unit.scratch[_PENDING]


def _fresh(row: dict[str, Any], pending: Pending) -> Fresh:
    return Fresh(row["bytes"], row["leaf_hash"], pending.opening["key_id"], pending.plain)


def _millis(moment: datetime) -> datetime:
    """`moment` to the millisecond, as entries write it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
