"""Entering a federation from a node: the root is pinned, and the node's own entry goes out under its membership key."""

from comity.base.model import Actor, JsonObject
from comity.exchange.service.directory import belongs_to, pin
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record


def join(unit: Unit, entry: JsonObject, invitation: bytes | None = None, root: str | None = None) -> bytes:
    """The file for the federation's office, with this node's `entry`.

    With an invitation: its root is compared with `root`, the fingerprint that the office told, and pinned; logged.
    Without: the entry anew, for the federation joined before; Misconfigured where there is none.
    """
    from comity.exchange.service.federation import joining  # noqa: PLC0415  # TUF is loaded by who joins

    if invitation is None:
        return joining.entry_file(unit.keys, entry, (belongs_to(unit), ""), unit.now)
    made = joining.read_invitation(invitation)
    joining.check_invitation(made, unit.node, root)
    pin(unit, made.federation, made.fingerprint)
    log.append(unit, Record(
        type="federation.joined", actor=Actor.system(unit.node), subject={"federation": made.federation},
        payload={"root": made.fingerprint, "invitation": made.id, "key": unit.keys.membership().public.fingerprint},
    ))  # fmt: skip
    return joining.entry_file(unit.keys, entry, (made.federation, made.id), unit.now)
