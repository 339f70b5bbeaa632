"""The node's own policy about witnesses: whom it asks beside its partners, and whether enough have cosigned.

A quorum that is not reached stops nothing; after a while it is an alarm in the node's status. Without a policy, any one
partner that cosigns will do, and nobody else is asked.
"""

from datetime import timedelta
from pathlib import Path
from typing import Final

from comity.base.errors import BadInput, Misconfigured
from comity.exchange.model import Outsider, QuorumStanding, WitnessPolicy
from comity.exchange.rules import quorum_reached
from comity.exchange.store import witnesses
from comity.exchange.wire.policy import MOST, parse_policy
from comity.kit.database.unit import Unit
from comity.log import service as log

PATIENCE: Final = timedelta(minutes=15)
"""For how long an entry may wait for its quorum before that is an alarm, where the node sets nothing else."""


def read_witness_policy(path: str) -> WitnessPolicy | None:
    """The policy in the file; None for no path. Misconfigured where it cannot be used."""
    if not path:
        return None
    try:
        with Path(path).open("rb") as file:
            return parse_policy(file.read(MOST).decode())
    except (OSError, UnicodeDecodeError, BadInput) as error:
        what = error.what if isinstance(error, BadInput) else "it cannot be read"
        raise Misconfigured("exchange.witness-policy", f"The witness policy cannot be used: {what}", where=path,
                            todo="Mend the file; see docs/operate/witnesses.md.") from error  # fmt: skip


def quorum(unit: Unit, path: str, patience: timedelta = PATIENCE) -> QuorumStanding | None:
    """How far the policy's quorum vouches for this node's log; None without a policy, or where it asks for nobody.

    It is late when an entry has waited for longer than `patience`.
    """
    policy = read_witness_policy(path)
    if policy is None or policy.quorum == "none":
        return None
    sizes = witnesses.cosigned_sizes(unit)
    covered = max((size for size in sizes.values() if quorum_reached(policy, _at_least(sizes, size))), default=0)
    waiting = log.entries(unit, covered - 1, 1)
    since = waiting[0].at if waiting else None
    return QuorumStanding(covered, since, since is not None and unit.now - since > patience)


def outsiders(path: str) -> tuple[Outsider, ...]:
    """The witnesses outside the federation that the policy names."""
    policy = read_witness_policy(path)
    return policy.outsiders if policy else ()


def _at_least(sizes: dict[str, int], size: int) -> set[str]:
    """Who has cosigned that many entries or more: the later checkpoint extends the earlier."""
    return {name for name, cosigned in sizes.items() if cosigned >= size}
