"""Founding a federation: what its founders decide, and the first edition of its repository."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tuf.api.metadata import Delegations, Role, Root, Targets

from comity.base.errors import BadInput
from comity.exchange.model import Freshness, Terms
from comity.exchange.service.federation.metadata import (
    LIST_DAYS,
    REVOCATIONS,
    ROOT_DAYS,
    root_file,
    sign,
    tuf_key,
    until,
)
from comity.exchange.service.federation.office import ROOT, SNAPSHOT, TARGETS, TIMESTAMP, Office
from comity.exchange.service.federation.roles import delegation
from comity.exchange.wire import directory as wire
from comity.kit.crypto.signing import SigningKey, VerifyKey


@dataclass(frozen=True)
class Charter:
    """What the founders decide: the federation's name, who holds its root keys and how many must sign, and the dates.

    `rooted` and `listed`: for how many days a root counts, and a list that nobody signs anew.
    """

    federation: str
    holders: tuple[VerifyKey, ...] = ()
    """Root key holders beside the one whose key is at hand."""
    threshold: int = 1
    freshness: Freshness = field(default_factory=Freshness)
    rooted: int = ROOT_DAYS
    listed: int = LIST_DAYS


def found(charter: Charter, keys: Mapping[str, SigningKey], now: datetime) -> Office:
    """A federation without members. `keys`: one for root and for each of `OFFICE_KEYS`.

    With a threshold above 1 the first root lacks signatures: let one founder create, then `rotate`.
    """
    if not charter.federation.strip() or not charter.federation.isprintable() or len(charter.federation) > 128:
        raise BadInput("exchange.federation-name", "A federation needs a name of at most 128 printable characters",
                       todo="Name it once and for all.")  # fmt: skip
    office = Office({}, keys, charter.listed)
    office.files[root_file(1)] = sign(_first_root(charter, keys, now), [keys[ROOT]])
    terms = wire.terms_dict(Terms(charter.federation, charter.freshness))
    revocations = tuf_key(keys[REVOCATIONS].public)
    delegations = Delegations(
        {revocations.keyid: revocations}, {REVOCATIONS: delegation(REVOCATIONS, revocations.keyid)}
    )
    targets = Targets(
        expires=until(now, charter.listed), delegations=delegations, unrecognized_fields={"comity": terms}
    )
    office.put(TARGETS, targets)
    office.list_revoked((), 1, now)
    office.refresh(now)
    return office


def _first_root(charter: Charter, keys: Mapping[str, SigningKey], now: datetime) -> Root:
    holders = dict.fromkeys((keys[ROOT].public, *charter.holders))
    if charter.threshold != 1:
        raise BadInput("exchange.threshold", "The first root is signed by its one founder",
                       todo="Create with a threshold of 1, then raise it with `comity federation rotate`.")  # fmt: skip
    named = {role: [keys[role].public] for role in (TARGETS, SNAPSHOT, TIMESTAMP)} | {ROOT: list(holders)}
    return Root(
        expires=until(now, charter.rooted), consistent_snapshot=False,
        keys={key.fingerprint: tuf_key(key) for several in named.values() for key in several},
        roles={role: Role([key.fingerprint for key in several], 1) for role, several in named.items()},
    )  # fmt: skip
