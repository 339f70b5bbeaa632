"""Epochs of a log: the same tree, signed under another name from a certain entry on, and why.

A log whose database went back in time cannot go on under its name: others hold signed heads of what is lost, and
whatever it signed would be a second history. It goes on in another epoch: the entries that are left keep their places,
the first new one says what was lost, and heads carry a name under which nothing was signed before. Replacing the log's
key is the same act, without a loss.
"""

from comity.base.errors import BadInput, Conflict, Tampered
from comity.base.model import JsonObject
from comity.kit.codec.notes import VerifierKey
from comity.kit.crypto.signing import Signer, VerifyKey
from comity.kit.database.unit import Unit
from comity.log import rules, store
from comity.log.model import EPOCH, Epoch, Head, Record
from comity.log.service.append import append, waits
from comity.log.service.check import check_checkpoint
from comity.log.service.prove import read_opening
from comity.log.service.state import head, state, turn, verifier


def epochs(unit: Unit) -> tuple[Epoch, ...]:
    """Every epoch of this log, oldest first; the last is the present one."""
    found = tuple(store.epochs(unit.connection))
    return found or (Epoch(1, 0, verifier(unit).format()),)


def next_epoch(unit: Unit, number: int, key: VerifyKey) -> JsonObject:
    """What the entry that begins epoch `number`, under that key, must say in its payload.

    ``{number, origin, key, before: {number, origin, size, root, key}}``, keys in C2SP form, the root in hex. BadInput
    for a number that is not above the present one.
    """
    before, now = head(unit), state(unit)
    if not now.epoch < number <= rules.MOST_EPOCHS:
        raise BadInput("log.epoch-number", f"No epoch {number} can follow epoch {now.epoch}",
                       todo=f"Choose a number above it, up to {rules.MOST_EPOCHS:,}.")  # fmt: skip
    origin = rules.origin(unit.node, number)
    return {
        "number": number, "origin": origin, "key": VerifierKey(origin, key).format(),
        "before": {
            "number": now.epoch, "origin": before.origin, "size": before.size, "root": before.root.hex(),
            "key": verifier(unit).format(),
        },
    }  # fmt: skip


def begin(unit: Unit, record: Record, signer: Signer) -> int:
    """Begin an epoch with this entry, whose payload holds what `next_epoch` says and why; its index.

    From then on heads are signed under the epoch's name by `signer`, which must be the log key at hand after the
    commit. BadInput for any other record; Conflict behind entries that this unit has yet to write.
    """
    payload = record.payload if isinstance(record.payload, dict) else {}
    number = payload.get("number")
    expected = next_epoch(unit, number if isinstance(number, int) else 0, signer.public)
    if record.type != EPOCH or record.key is not None or {name: payload.get(name) for name in expected} != expected:
        raise BadInput("log.epoch-record", "The entry says something else than which epoch begins, and after what",
                       todo="Begin it again: the log may have grown meanwhile.")  # fmt: skip
    if waits(unit):
        raise Conflict("log.epoch-late", "This unit has other entries to write first", where=unit.name,
                       todo="Begin the epoch in a unit of its own.")  # fmt: skip
    now, key, size = state(unit), str(expected["key"]), head(unit).size
    first = [Epoch(1, 0, verifier(unit).format())] if now.epoch == 1 else []
    store.add_epochs(unit.connection, [*first, Epoch(int(str(number)), size, key)])
    turn(unit, int(str(number)), key, signer)
    return append(unit, record)


def told(unit: Unit, one: Epoch) -> JsonObject:
    """What the entry with which an epoch began says, as it committed to it; nothing for the first epoch."""
    value = read_opening(unit, one.start, "payload").value if one.number > 1 else {}
    return value if isinstance(value, dict) else {}


def check_own(unit: Unit, note: str) -> tuple[Head, int]:
    """The head of this log that `note` signs, and in which epoch; Tampered for what no epoch's key signed.

    It says nothing about whether the log still holds those entries: those that a loss took away were signed, too. With
    them whole epochs may be lost: one above the present counts under the log key at hand.
    """
    named = note.partition("\n")[0]
    number = rules.epoch_of(named, unit.node)
    keys = {one.number: one.key for one in epochs(unit)}
    if number > max(keys):
        keys[number] = VerifierKey(named, unit.keys.log.public).format()
    if number not in keys:
        raise Tampered("log.epoch-unknown", f"{named[:80]!r} is no epoch of this node's log", where="log",
                       todo="Keep the note; ask who showed it where it comes from.")  # fmt: skip
    return check_checkpoint(note, VerifierKey.parse(keys[number])), number
