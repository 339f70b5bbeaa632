"""Sealing and opening the values behind an entry's commitments.

A sealed value is AES-256-GCM over r (32 bytes) followed by the value's canonical JSON, bound to entry, field and key.
So an opening that was moved to another row, or whose key name was changed, does not open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from comity.base.errors import NotAllowed, NotFound, Tampered
from comity.base.model import Actor, DataKey, Json
from comity.kit.codec import jcs
from comity.kit.crypto.symmetric import commit, constant_equal, decrypt, encrypt, random_bytes
from comity.kit.database.unit import Unit
from comity.log import store, wire
from comity.log.model import FIELDS, Entry, Opening, Record

OWN_KEY: Final = store.OWN
_R: Final = 32


def own_key(unit: Unit) -> DataKey:
    """The node's own key for values that belong to no case; derived once a unit."""
    known = unit.scratch.get("log.key")
    if not isinstance(known, DataKey):
        known = unit.keys.data_key(OWN_KEY)
        unit.scratch["log.key"] = known
    return known


@dataclass(frozen=True)
class Sealed:
    """What `seal` made: an entry's four commitments (hex), its row of log_opening without seq, and what was sealed."""

    commits: Mapping[str, str]
    row: Mapping[str, bytes | str]
    plain: Mapping[str, bytes] = field(repr=False)
    """For each field r (32 bytes) and the value's canonical JSON."""


def seal(record: Record, key: DataKey, entry_id: str) -> Sealed:
    """The four values of an entry, committed to and sealed."""
    commits: dict[str, str] = {}
    row: dict[str, bytes | str] = {"key_id": key.id}
    plain: dict[str, bytes] = {}
    values: tuple[Json, ...] = (_actor(record.actor), record.subject, record.case, record.payload)
    randoms = random_bytes(_R * len(FIELDS))
    for at, (name, value) in enumerate(zip(FIELDS, values, strict=True)):
        r, text = randoms[_R * at : _R * at + _R], jcs.canonical(value)
        commits[name] = commit(r, wire.committed(name, text)).hex()
        plain[name] = r + text
        row[store.COLUMNS[name]] = encrypt(key.secret, plain[name], _bound(entry_id, name, key.id))
    return Sealed(commits, row, plain)


def unseal(entry: Entry, field: str, blob: bytes, key: DataKey) -> Opening:
    """The opening in `blob`; Tampered unless it opens and agrees with the entry's commitment."""
    opening = read_plain(decrypt(key.secret, blob, _bound(entry.id, field, key.id)))
    check(entry, field, opening)
    return opening


def read_plain(plain: bytes) -> Opening:
    """The opening in what was sealed."""
    return Opening(plain[:_R], jcs.parse(plain[_R:]))


def check(entry: Entry, field: str, opening: Opening) -> None:
    """Tampered unless `opening` is what the entry's commitment of `field` stands for."""
    commits = entry.clear["commits"]
    stated = str(commits[field]) if isinstance(commits, dict) else ""
    computed = commit(opening.r, wire.committed(field, jcs.canonical(opening.value))).hex()
    if not constant_equal(stated.encode(), computed.encode()):
        where = f"log entry {entry.index}"
        raise Tampered("log.commitment", f"The {field} shown is not the one committed to", where=where,
                       todo="Ask for the opening again; if it stays so, treat the value as forged.")  # fmt: skip


def sealing_key(unit: Unit, index: int) -> str | None:
    """The name of the key that seals the values of entry `index`; None for the node's own, or where nothing is left."""
    row = store.entry_with_opening(unit.connection, index)
    return None if row is None or row.key_id == OWN_KEY else row.key_id


def opening_of(unit: Unit, entry: Entry, row: store.Row, field: str, key: DataKey | None) -> Opening:
    """The opening of `field` in a joined row. NotFound when erased; NotAllowed without the key that seals it."""
    where = f"log entry {entry.index}, {field}"
    blob = getattr(row, store.COLUMNS[field])
    if blob is None:
        raise NotFound("log.erased", "The value was erased", where=where,
                       todo="Go by the entry, which still proves that it existed.")  # fmt: skip
    if row.key_id == OWN_KEY:
        key = own_key(unit)
    if key is None or key.id != row.key_id:
        raise sealed_under(row.key_id, where)
    return unseal(entry, field, blob, key)


def opens_to(row: store.Row, field: str, blob: bytes, key: DataKey, value: Json) -> bool:
    """Whether the sealed `field` of the entry in `row` (its id counts) is `value`; Tampered when it does not open."""
    return decrypt(key.secret, blob, _bound(row.id, field, key.id))[_R:] == jcs.canonical(value)


def sealed_under(key_id: str, where: str) -> NotAllowed:
    """Whoever asks does not hold the key."""
    return NotAllowed("log.key", f"The value is sealed under the key {key_id}", where=where,
                      todo="Ask a member of the case to open it.")  # fmt: skip


def _bound(entry_id: str, field: str, key_id: str) -> bytes:
    """What a sealed value is bound to. The key's name comes last, so that no name can imitate another field."""
    return b"%s|opening|%s|%s|%s" % (wire.DOMAIN, entry_id.encode(), field.encode(), key_id.encode())


def _actor(actor: Actor) -> Json:
    return {"node": actor.node, "person": actor.person, "unit": actor.unit, "roles": [*sorted(actor.roles)]}
