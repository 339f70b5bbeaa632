"""What `app` wires for each kind of versioned state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from comity.base.errors import BadInput
from comity.exchange.model import ItemStamp, Received
from comity.kit.database.unit import Unit

Say = Callable[[Unit, ItemStamp, tuple[str, ...]], object]
"""Sends an item as it is now to these partners: a message of the topic's kind, `stamp.as_dict()` in its body as
``item``. A room sends by the verb that its content asks for: what is case data leaves under a permit."""


@dataclass(frozen=True)
class Topic:
    """What `app` wires for one kind of items, which is also the type of their messages."""

    kind: str
    say: Say
    take: Callable[[Unit, Received, str], None]
    """Keep what a partner says of the item with that id, in the place of what it said before."""
    drop: Callable[[Unit, str, str], None]
    """The partner (first) has withdrawn the item with that id, or holds it no more: forget it."""


Topics = Mapping[str, Topic]
"""By kind."""


def topic_of(topics: Topics, kind: str) -> Topic:
    """The topic of that kind; BadInput for one that this node does not know."""
    found = topics.get(kind)
    if found is None:
        raise BadInput("exchange.items", f"This node knows no items of the kind {kind[:40]!r}", where="kind",
                       todo="Tell it kinds that it knows; or have it updated.")  # fmt: skip
    return found
