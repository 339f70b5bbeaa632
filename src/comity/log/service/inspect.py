"""An auditor opens values of an entry: with a reason, and as an act that is itself logged before anything is shown."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from comity.base.errors import BadInput
from comity.base.model import Actor, Issuer, JsonObject
from comity.kit.database.unit import Unit
from comity.log.model import Opening, Record
from comity.log.service.append import append
from comity.log.service.openings import sealing_key
from comity.log.service.prove import read_opening
from comity.log.service.verify import KeyFinder

AUDITORS: Final = frozenset({"auditor"})
_MAX_REASON: Final = 2000


class Acted(Protocol):
    """An act that a person has signed and the node has checked; `access.model.Acted` is one."""

    @property
    def actor(self) -> Actor: ...

    @property
    def auth_hash(self) -> str: ...


Acting = Callable[[Unit, Issuer, str, JsonObject, frozenset[str]], Acted]
"""Has a person sign one act (verb, subject, roles of which one suffices); `access.service.act`, wired by app."""


def inspection(index: int, fields: Sequence[str], reason: str) -> JsonObject:
    """The subject of the act of opening `fields` of entry `index`; BadInput without a reason."""
    check_reason(reason)
    return {"entry": index, "fields": [*sorted(set(fields))], "reason": reason}


def check_reason(reason: str) -> None:
    """BadInput unless there is one, of a length that people read."""
    if not reason.strip() or len(reason) > _MAX_REASON:
        raise BadInput("log.reason", f"A reason of 1 to {_MAX_REASON} characters is needed",
                       todo="Say in a sentence why these values must be seen.")  # fmt: skip


def inspect(unit: Unit, acted: Acted, subject: JsonObject, find_key: KeyFinder) -> dict[str, Opening]:
    """The openings that `subject` (of `inspection`) names, for an auditor, and a log entry ``log.opened`` about it.

    Show them only after the unit's commit. Errors as of `read_opening`; then nothing is logged, for nothing is seen.
    """
    index, fields = subject["entry"], subject["fields"]
    assert isinstance(index, int)
    assert isinstance(fields, list)
    found: dict[str, Opening] = {}
    for name in map(str, fields):
        key_id = sealing_key(unit, index)
        found[name] = read_opening(unit, index, name, find_key(unit, key_id) if key_id else None)
    append(unit, Record("log.opened", acted.actor, subject, None, auth_hash=acted.auth_hash))
    return found
