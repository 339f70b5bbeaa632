"""A station is this node's end of the exchange: its database, and what `app` wired to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from comity.base.model import DataKey
from comity.exchange.model import Allowance, Authority, Delivery, Pace, Received
from comity.exchange.service.quorum import PATIENCE
from comity.exchange.service.topics import Topic
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Vault

Handler = Callable[[Unit, Received], None]
"""Does what a received message asks, in one unit and under a savepoint: an error undoes it and becomes a signed
REJECTED receipt with the error's code. Success becomes HANDLED, or DELIVERED where the handler called `defer`."""

Watcher = Callable[[Unit, Delivery], None]
"""Told, in the unit that records it, that a sent message is waiting, accepted, handled, rejected or undeliverable."""

Keeper = Callable[[Unit, Received], DataKey]
"""Says, before a byte of them is sent, under which key a message's files would be kept here; its error refuses them."""

OWED: Final = "exchange.owed"
"""Signals that something is due to a partner, whose code comes with it."""

PENDING: Final = "exchange.pending"
"""Signals that a message waits for its handler; with it comes its sender's code."""


def _silent(_label: str) -> None:
    """No observer."""


def _own_key(unit: Unit, name: str) -> DataKey | None:
    """One of the node's own."""
    return unit.keys.data_key(name)


@dataclass(frozen=True)
class Station:
    """`handlers` and `watchers` by message type; `observe` is told each HTTP step (``send:before:search.query``)."""

    database: Database
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    watchers: Mapping[str, Watcher] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)
    allowance: Allowance = field(default_factory=Allowance)
    observe: Callable[[str], None] = _silent
    seal: Callable[[str], None] = _silent
    """Makes the node read-only for good, with the reason: what it signed now would be a second history of its log."""
    vault: Vault | None = None
    """Where files come from and go to; without one, none do."""
    keepers: Mapping[str, Keeper] = field(default_factory=dict)
    """By message type: those with which this node takes files."""
    data_key: Callable[[Unit, str], DataKey | None] = _own_key
    """The data key of that id; None when it was destroyed."""
    witness_policy: str = ""
    """Path of the file that names witnesses outside the federation, and the quorum; empty: any one partner."""
    witness_patience: timedelta = PATIENCE
    """For how long an entry may wait for that quorum before it is an alarm."""
    topics: Mapping[str, Topic] = field(default_factory=dict)
    """By kind: the versioned state that this node tells, and follows at its partners."""
    authority: Authority | None = None
    """Whom to ask for time stamps; None: nobody."""
