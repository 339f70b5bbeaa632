"""Telling partners of an item: a new version, a withdrawal, or the same again to one who lacks it."""

from collections.abc import Sequence
from typing import Final

from comity.base.errors import BadInput
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.exchange.model import ItemStamp, Listed, Message
from comity.exchange.service.sending import follow_up
from comity.exchange.service.topics import Topic
from comity.exchange.store import items as store
from comity.kit.database.unit import Unit
from comity.log import service as log

WITHDRAWAL: Final = "items.withdrawal"


def tell(unit: Unit, topic: Topic, id: str, to: Sequence[str]) -> ItemStamp:
    """A new version of an item, told to these partners; whoever held it and is not among them learns that it was
    withdrawn. Conflict where one of them does not announce `items`; then nobody is told. BadInput for nobody at all.
    """
    if not to:
        raise BadInput("exchange.items", "An item is told to somebody", todo="Name a partner, or withdraw the item.")
    version, number = store.change(unit, topic.kind, id)
    gone = [code for code in store.told_to(unit, topic.kind, id) if code not in to]
    stamp = _stamp(unit, topic.kind, Listed(id, version, number, False), [*to, *gone])
    topic.say(unit, stamp, tuple(to))
    _withdraw(unit, topic.kind, stamp, gone)
    for code in to:
        store.tell(unit, topic.kind, code, Listed(id, version, number, False))
    return stamp


def withdraw(unit: Unit, topic: Topic, id: str) -> list[str]:
    """Everybody who holds an item learns that it was withdrawn; who they were."""
    gone = store.told_to(unit, topic.kind, id)
    if gone:
        version, number = store.change(unit, topic.kind, id)
        _withdraw(unit, topic.kind, _stamp(unit, topic.kind, Listed(id, version, number, True), gone), gone)
    return gone


def say_again(unit: Unit, topic: Topic, partner: str, id: str) -> bool:
    """The item as it is, to one partner that lacks it; False where it is not told to that partner (any more)."""
    one = store.find(unit, topic.kind, partner, id)
    if one is None or one.withdrawn:
        return False
    topic.say(unit, ItemStamp(id, one.version, one.number, era(unit), {}), (partner,))
    return True


def told_to(unit: Unit, topic: Topic, id: str) -> list[str]:
    """The partners that hold an item, by what they were told."""
    return store.told_to(unit, topic.kind, id)


def era(unit: Unit) -> int:
    """The epoch of this node's log: numbers of changes count within it."""
    return log.epoch_of(log.head(unit).origin, unit.node)


def _stamp(unit: Unit, kind: str, one: Listed, to: Sequence[str]) -> ItemStamp:
    after = {code: store.last_told(unit, kind, code) for code in to}
    return ItemStamp(one.id, one.version, one.number, era(unit), after)


def _withdraw(unit: Unit, kind: str, stamp: ItemStamp, gone: Sequence[str]) -> None:
    if gone:
        told: JsonObject = {"kind": kind, "item": stamp.as_dict()}
        follow_up(unit, Message(WITHDRAWAL, tuple(gone), uuid7(unit.now), told))
    for code in gone:
        store.tell(unit, kind, code, Listed(stamp.id, stamp.version, stamp.number, True))
