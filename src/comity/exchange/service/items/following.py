"""Taking partners' items: the newest version counts, whatever the order in which messages come."""

from dataclasses import replace

from comity.exchange.model import Followed, ItemStamp, Received
from comity.exchange.service.items.asking import ask
from comity.exchange.service.topics import Topic, Topics, topic_of
from comity.exchange.store import followed as store
from comity.exchange.wire.items import read_kind, read_stamp
from comity.kit.database.unit import Unit


def on_item(unit: Unit, topic: Topic, received: Received) -> None:
    """A partner tells of an item. An older version than is held changes nothing; missed changes are asked for."""
    stamp = read_stamp(received.body)
    if _is_news(unit, (received.sender, topic.kind, stamp.id), stamp):
        topic.take(unit, received, stamp.id)
        _keep(unit, (received.sender, topic.kind, stamp.id), stamp, withdrawn=False)
    _advance(unit, received.sender, topic.kind, stamp)


def on_withdrawal(unit: Unit, topics: Topics, received: Received) -> None:
    """A partner has withdrawn an item: the room forgets it, and that it was withdrawn is kept."""
    topic, stamp = topic_of(topics, read_kind(received.body)), read_stamp(received.body)
    if _is_news(unit, (received.sender, topic.kind, stamp.id), stamp):
        topic.drop(unit, received.sender, stamp.id)
        _keep(unit, (received.sender, topic.kind, stamp.id), stamp, withdrawn=True)
    _advance(unit, received.sender, topic.kind, stamp)


def followed(unit: Unit) -> list[Followed]:
    """How what partners tell stands here, by holder and kind."""
    return store.followed(unit)


def _is_news(unit: Unit, of: tuple[str, str, str], stamp: ItemStamp) -> bool:
    row = store.find(unit, *of)
    return row is None or (stamp.era, stamp.version) > (row.era, row.version)


def _keep(unit: Unit, of: tuple[str, str, str], stamp: ItemStamp, *, withdrawn: bool) -> None:
    row = store.find(unit, *of)
    due = row.due if row is not None and row.era == stamp.era and row.due > stamp.version else 0
    values = {"era": stamp.era, "version": stamp.version, "withdrawn": withdrawn, "due": due}
    store.keep(unit, of, values)


def _advance(unit: Unit, holder: str, kind: str, stamp: ItemStamp) -> None:
    """The cursor goes on where nothing lies between; else the holder is asked what does."""
    cursor, after = store.cursor_of(unit, holder, kind), stamp.after.get(unit.node)
    if stamp.era < cursor.era or after is None:
        return
    if stamp.era > cursor.era > 0:
        ask(unit, replace(cursor, era=stamp.era, number=0), whole=True)
    elif after > cursor.number:
        ask(unit, replace(cursor, era=stamp.era), whole=False)
    else:
        store.keep_cursor(unit, replace(cursor, era=stamp.era, number=max(cursor.number, stamp.number)))
