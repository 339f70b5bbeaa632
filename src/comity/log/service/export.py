"""An export for a court: chosen entries with all that proves them, and the program that checks it without a node.

The export is an act of an auditor. Its own entry commits to the list of its files, and is in the export, too: so the
log's key vouches for every byte of it, and nobody can hand out an export that the log does not know of.

    with database.read(...) as unit:  draft = gather(unit, choice, upstairs)
    with database.unit(...) as unit:  act = export(unit, acted, choice, draft)
    with database.read(...) as unit:  data = complete(unit, draft, act)
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from comity.base.clock import rfc3339
from comity.base.errors import Conflict, Tampered
from comity.base.model import Json, JsonObject
from comity.kit.codec.tlogproof import format_proof
from comity.kit.codec.zips import write_stored_zip
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.log import wire
from comity.log.model import ERASURE, Choice, Draft, Record
from comity.log.service.append import append, latest
from comity.log.service.gathering import LIST, check_choice
from comity.log.service.inspect import Acted
from comity.log.service.prove import consistency, entry, inclusion, read_opening
from comity.log.service.shipped import load_verifier
from comity.log.service.state import checkpoint, head, verifier

EXPORTED: Final = "log.exported"
_ACT: Final = ("actor", "subject", "payload")


def exporting(choice: Choice) -> JsonObject:
    """The subject of the act of exporting `choice`; BadInput as of `check_choice`."""
    check_choice(choice)
    return {
        "entries": list[Json](choice.entries), "case": choice.case, "from": _written(choice.since),
        "until": _written(choice.until), "fields": list[Json](sorted(set(choice.fields))), "reason": choice.reason,
    }  # fmt: skip


def export(unit: Unit, acted: Acted, choice: Choice, draft: Draft) -> int:
    """Log ``log.exported`` about `draft`; `acted` is the auditor's act over `exporting`. The index of the entry.

    Conflict when a value was erased since `draft` was gathered: what is erased must not leave. Hand nothing out before
    the commit.
    """
    if latest(unit, ERASURE) != draft.erasure:
        raise Conflict("log.export-stale", "A value was erased while the export was being made", where="log",
                       todo="Make the export again.")  # fmt: skip
    subject, payload = exporting(choice), {"manifest": sha256(draft.files[LIST]).hex()}
    return append(unit, Record(EXPORTED, acted.actor, subject, {**payload}, auth_hash=acted.auth_hash))


def complete(
    unit: Unit, draft: Draft, act: int, told: Callable[[int], None] | None = None, token: bytes = b""
) -> bytes:
    """The export as a ZIP, proven against the log as now signed; ask in a unit after the commit of `export`.

    `token` is a time stamp over exactly the checkpoint of this unit, if there is one.

    Whoever runs the export's own `verify.py` with this log's key finds nothing false: Tampered otherwise. `told` hears
    of each entry proven.
    """
    opening = {name: read_opening(unit, act, name) for name in _ACT}
    made: dict[str, bytes] = {
        "checkpoint": checkpoint(unit).encode(), "act/entry": entry(unit, act).data,
        "act/opening.json": wire.opening_file(opening), "act/proof": _proof(unit, act),
    }  # fmt: skip
    for index in draft.entries:
        made[f"entries/{index}/proof"] = _proof(unit, index)
        if told:
            told(1)
    for number, size in enumerate(draft.heads, 1):
        made[f"heads/{number}/proof"] = wire.consistency_file(consistency(unit, size, head(unit).size))
    if token:
        made["timestamp.tsr"] = token
    data = write_stored_zip({**draft.files, **made})
    _check(unit, data)
    return data


def _check(unit: Unit, data: bytes) -> None:
    """As the reader of the export will."""
    checker = load_verifier()
    examination = checker.Examination(checker.Pins([checker.read_key(verifier(unit).format())], None, None))
    if examination.examine(data) == 1:
        raise Tampered("log.export-false", f"The export does not hold: {examination.false[0]}",
                       todo="Run `comity log verify`; what it names, the export must not contain.")  # fmt: skip


def _proof(unit: Unit, index: int) -> bytes:
    return format_proof(inclusion(unit, index)).encode()


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
