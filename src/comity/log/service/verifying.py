"""What the log says of its own verification: that a person had it done, and what came of it."""

from typing import Final

from comity.base.model import Actor, JsonObject
from comity.kit.database.unit import Unit
from comity.log.model import Head, Record
from comity.log.service.append import append
from comity.log.service.inspect import Acted

VERIFIERS: Final = frozenset({"auditor", "operator", "security_admin"})
"""Who has the running node verify its log, which costs it minutes where the log is long."""


def note_started(unit: Unit, acted: Acted, full: bool) -> None:
    """The entry of the act of having the log verified."""
    append(unit, Record("log.verification", acted.actor, {"full": full}, None, auth_hash=acted.auth_hash))


def note_verified(unit: Unit, head: Head, full: bool, findings: int) -> None:
    """What came of it: of which head, how thorough, how many deviations."""
    payload: JsonObject = {"size": head.size, "root": head.root.hex(), "full": full, "findings": findings}
    append(unit, Record("log.verified", Actor.system(unit.node), {"origin": head.origin}, payload))
